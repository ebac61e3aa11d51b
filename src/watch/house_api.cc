#include "watch/house_api.h"

#include <utility>

#include "base/assert.h"
#include "crypto/crypto.h"

namespace oki::watch {
namespace {

constexpr const char* time_window_ms = "5000";

net::HttpRequest signed_request(const HouseKey& key, const char* method, std::string target,
                                std::string body, WallTimeMs now) {
  const std::string time = std::to_string(now.value);
  const std::string& payload = body.empty() ? target : body;
  net::HttpRequest request;
  request.method = method;
  request.headers = {{"ACCESS-KEY", key.key},
                     {"ACCESS-REQUEST-TIME", time},
                     {"ACCESS-TIME-WINDOW", time_window_ms},
                     {"ACCESS-SIGNATURE", crypto::hex(crypto::hmac_sha256(
                                              key.secret, time + time_window_ms + payload))}};
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

CallResult read_json(const std::string& body) {
  CallResult result;
  result.reached = true;
  result.end = CallEnd::nonsense;
  auto json = net::parse_json(body, answer_bytes_max);
  if (!json) return result;
  const net::Json* success = json->find("success");
  const net::Json* data = json->find("data");
  if (success == nullptr || data == nullptr || !success->integer()) return result;
  if (*success->integer() == 1) {
    result.end = CallEnd::answered;
    result.data = *data;
    return result;
  }
  const net::Json* code = data->find("code");
  if (code == nullptr || !code->integer()) return result;
  result.end = CallEnd::refused;
  result.code = *code->integer();
  return result;
}

}  // namespace

net::HttpRequest public_get(std::string target) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = std::move(target);
  return request;
}

net::HttpRequest signed_get(const HouseKey& key, std::string target, WallTimeMs now) {
  return signed_request(key, "GET", std::move(target), {}, now);
}

net::HttpRequest signed_post(const HouseKey& key, std::string target, std::string body,
                             WallTimeMs now) {
  ASSERT(!body.empty());
  return signed_request(key, "POST", std::move(target), std::move(body), now);
}

CallResult read_answer(const Result<net::HttpResponse>& response) {
  CallResult result;
  if (!response) {
    result.end = response.error().code == Errc::io ? CallEnd::unknown : CallEnd::unavailable;
    return result;
  }
  if (response->status == 200) return read_json(response->body);
  result.reached = true;
  if (response->status == 503 || response->status == 429) {
    result.end = CallEnd::unavailable;
  } else {
    result.end = response->status == 504 ? CallEnd::unknown : CallEnd::nonsense;
  }
  return result;
}

Caller::Caller(const Clock& clock, Timers& timers, Send send, std::int64_t deadline_ms)
    : clock_(clock), timers_(timers), send_(std::move(send)), deadline_ms_(deadline_ms) {}

Caller::~Caller() {
  *alive_ = false;
  timers_.cancel(deadline_);
  timers_.cancel(retry_);
}

void Caller::call(MakeRequest make, bool reads_only, Done done) {
  ASSERT(!busy());
  make_ = std::move(make);
  done_ = std::move(done);
  reads_only_ = reads_only;
  reached_ = turned_away_ = false;
  first_try_ = true;
  deadline_ = timers_.after_ms(deadline_ms_, [this] {
    CallResult result;
    result.end = outstanding_ ? CallEnd::unknown : CallEnd::unavailable;
    turned_away_ = turned_away_ || first_try_;
    finish(std::move(result));
  });
  attempt();
}

void Caller::attempt() {
  retry_ = {};
  outstanding_ = true;
  const std::uint64_t mine = ++attempt_;
  send_(make_(clock_.wall_now()),
        [this, mine, alive = alive_](const Result<net::HttpResponse>& response) {
          if (*alive) on_response(mine, response);
        });
}

void Caller::on_response(std::uint64_t attempt_number, const Result<net::HttpResponse>& response) {
  if (!busy() || attempt_number != attempt_) return;
  outstanding_ = false;
  CallResult result = read_answer(response);
  reached_ = reached_ || result.reached;
  const bool served = result.end == CallEnd::answered || result.end == CallEnd::refused;
  if (std::exchange(first_try_, false)) turned_away_ = !served;
  const bool again =
      result.end == CallEnd::unavailable || (result.end == CallEnd::unknown && reads_only_);
  if (!again) {
    finish(std::move(result));
    return;
  }
  retry_ = timers_.after_ms(call_retry_ms, [this] { attempt(); });
}

void Caller::finish(CallResult result) {
  timers_.cancel(deadline_);
  timers_.cancel(retry_);
  deadline_ = retry_ = {};
  outstanding_ = false;
  ++attempt_;
  result.reached = result.reached || reached_;
  result.turned_away = turned_away_;
  const Done done = std::exchange(done_, {});
  make_ = {};
  done(std::move(result));
}

}  // namespace oki::watch
