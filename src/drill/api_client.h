// A customer of the exchange: signed requests to any of the edges, answers sorted by what they mean
// for the customer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "net/http_client.h"
#include "net/json_reader.h"

namespace oki::drill {

enum class ApiOutcome : std::uint8_t {
  ok,
  refused,    // success 0 with `code`.
  throttled,  // 429
  not_taken,  // 503, or no connection: surely without effect.
  unknown,    // 504, or the connection ended before the answer.
};

struct ApiAnswer {
  ApiOutcome outcome = ApiOutcome::unknown;
  std::int64_t code = 0;
  net::Json data;
};

class ApiClient {
 public:
  using Done = std::function<void(const ApiAnswer&)>;

  // All must outlive the client. A request goes to `edges[edge % edges.size()]`; which edge to try
  // after a failure is the caller's business.
  ApiClient(const Clock& clock, Net& net, Timers& timers, const std::vector<Address>& edges);
  ApiClient(const Clock& clock, Net& net, Timers& timers, const std::vector<Address>& edges,
            const net::HttpClientOptions& options);

  // Without a key: "/btc_jpy/ticker".
  void get_public(std::size_t edge, const std::string& target, Done done);

  // `target` starts with /v1/. Signed with request time and window.
  void get(std::size_t edge, const std::string& key, const std::string& secret,
           const std::string& target, Done done);
  void post(std::size_t edge, const std::string& key, const std::string& secret,
            const std::string& target, std::string body, Done done);

 private:
  void send(std::size_t edge, net::HttpRequest request, Done done);

  const Clock& clock_;
  std::vector<std::unique_ptr<net::HttpClient>> edges_;
};

}  // namespace oki::drill
