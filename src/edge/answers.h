// The shapes of every HTTP answer of the edge. Which one a client understands how is measured and
// written in the contract: business and authentication errors are 200 with bitbank's JSON;
// throttling, refusals by the exchange's state and unknown outcomes are text, because ccxt takes
// their meaning from the status only when the body is not bitbank's JSON.
#pragma once

#include <cstdint>
#include <functional>

#include "base/json.h"
#include "edge/codes.h"
#include "net/http.h"

namespace oki::edge {

using Respond = std::function<void(net::HttpResponse)>;

// {"success":1,"data":…}: `write` writes exactly one value.
template <typename Write>
net::HttpResponse success(const Write& write) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("success", 1).key("data");
  write(json);
  json.end_object();
  return net::json_response(200, std::move(body));
}

// {"success":0,"data":{"code":N}} with status 200 and the reason in X-Error-Reason.
net::HttpResponse refused(const Fault& fault);

// One of many answers in one body: an envelope of its own, the reason beside the code.
void write_refused(JsonWriter& json, const Fault& fault);

// 429: nothing was done; try again after `retry_after_s`.
net::HttpResponse throttled(ByteView reason, std::int64_t retry_after_s);

// 503: surely nothing was done.
net::HttpResponse not_taken(ByteView reason);

// 504: it may have been done. The client must look before it repeats.
net::HttpResponse outcome_unknown(ByteView reason);

// A header value: printable ASCII only, bounded.
std::string header_safe(ByteView text);

}  // namespace oki::edge
