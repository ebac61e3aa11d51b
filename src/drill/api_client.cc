#include "drill/api_client.h"

#include "base/assert.h"
#include "crypto/crypto.h"

namespace oki::drill {
namespace {

constexpr std::size_t answer_bytes_max = 4u << 20;
constexpr const char* window_ms = "60000";

net::HttpRequest signed_request(const Clock& clock, const std::string& key,
                                const std::string& secret, std::string method, std::string target,
                                std::string body) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  const std::string time = std::to_string(clock.wall_now().value);
  const std::string& payload = request.method == "GET" ? request.target : request.body;
  const Bytes signature = crypto::hmac_sha256(secret, time + window_ms + payload);
  request.headers = {{"ACCESS-KEY", key},
                     {"ACCESS-REQUEST-TIME", time},
                     {"ACCESS-TIME-WINDOW", window_ms},
                     {"ACCESS-SIGNATURE", crypto::hex(signature)},
                     {"Content-Type", "application/json"}};
  return request;
}

ApiAnswer sort_answer(const Result<net::HttpResponse>& response) {
  ApiAnswer answer;
  if (!response) {
    const Errc code = response.error().code;
    const bool untouched = code == Errc::unavailable || code == Errc::full;
    answer.outcome = untouched ? ApiOutcome::not_taken : ApiOutcome::unknown;
    return answer;
  }
  if (response->status == 429) {
    answer.outcome = ApiOutcome::throttled;
  } else if (response->status == 503) {
    answer.outcome = ApiOutcome::not_taken;
  } else if (response->status == 200) {
    const Result<net::Json> json = net::parse_json(response->body, answer_bytes_max);
    const net::Json* success = json ? json->find("success") : nullptr;
    const net::Json* data = json ? json->find("data") : nullptr;
    if (success == nullptr || data == nullptr) return answer;
    answer.data = *data;
    answer.outcome = success->integer() == 1 ? ApiOutcome::ok : ApiOutcome::refused;
    if (const net::Json* code = data->find("code")) answer.code = code->integer().value_or(0);
  }
  return answer;
}

}  // namespace

ApiClient::ApiClient(const Clock& clock, Net& net, Timers& timers,
                     const std::vector<Address>& edges)
    : ApiClient(clock, net, timers, edges, {.connections_max = 64}) {}

ApiClient::ApiClient(const Clock& clock, Net& net, Timers& timers,
                     const std::vector<Address>& edges, const net::HttpClientOptions& options)
    : clock_(clock) {
  ASSERT(!edges.empty());
  for (const Address& edge : edges) {
    edges_.push_back(std::make_unique<net::HttpClient>(net, timers, edge, options));
  }
}

void ApiClient::get_public(std::size_t edge, const std::string& target, Done done) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = target;
  send(edge, std::move(request), std::move(done));
}

void ApiClient::get(std::size_t edge, const std::string& key, const std::string& secret,
                    const std::string& target, Done done) {
  send(edge, signed_request(clock_, key, secret, "GET", target, ""), std::move(done));
}

void ApiClient::post(std::size_t edge, const std::string& key, const std::string& secret,
                     const std::string& target, std::string body, Done done) {
  send(edge, signed_request(clock_, key, secret, "POST", target, std::move(body)), std::move(done));
}

void ApiClient::send(std::size_t edge, net::HttpRequest request, Done done) {
  edges_[edge % edges_.size()]->request(
      std::move(request), [done = std::move(done)](const Result<net::HttpResponse>& response) {
        done(sort_answer(response));
      });
}

}  // namespace oki::drill
