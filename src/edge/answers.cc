#include "edge/answers.h"

namespace oki::edge {
namespace {

constexpr std::size_t header_value_bytes_max = 200;

net::HttpResponse with_reason(net::HttpResponse response, ByteView reason) {
  response.headers.push_back({"X-Error-Reason", header_safe(reason)});
  return response;
}

net::HttpResponse text_with_reason(std::uint16_t status, ByteView reason) {
  return with_reason(net::text_response(status, std::string(reason) + "\n"), reason);
}

}  // namespace

net::HttpResponse refused(const Fault& fault) {
  Bytes body;
  JsonWriter json(body);
  json.begin_object().field("success", 0).key("data");
  json.begin_object()
      .field("code", static_cast<std::int64_t>(fault.code))
      .end_object()
      .end_object();
  return with_reason(net::json_response(200, std::move(body)), fault.reason());
}

void write_refused(JsonWriter& json, const Fault& fault) {
  json.begin_object().field("success", 0).key("data").begin_object();
  json.field("code", static_cast<std::int64_t>(fault.code)).field("reason", fault.reason());
  json.end_object().end_object();
}

net::HttpResponse throttled(ByteView reason, std::int64_t retry_after_s) {
  net::HttpResponse response = text_with_reason(429, reason);
  response.headers.push_back({"Retry-After", std::to_string(retry_after_s)});
  return response;
}

net::HttpResponse not_taken(ByteView reason) {
  net::HttpResponse response = text_with_reason(503, reason);
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

net::HttpResponse outcome_unknown(ByteView reason) { return text_with_reason(504, reason); }

std::string header_safe(ByteView text) {
  std::string safe(text.substr(0, header_value_bytes_max));
  for (char& c : safe) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return safe;
}

}  // namespace oki::edge
