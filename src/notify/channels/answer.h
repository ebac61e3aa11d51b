// What the answer of an HTTP service means for a letter.
//
// 2xx sent; 408, 425, 429 and 503 retry, after the wait that the service asks for where it does;
// 401 and 403 absent, because a person has to mend the secret and no letter is at fault; other 4xx
// and 3xx refused; other 5xx and no answer at all unknown.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "net/http.h"
#include "notify/delivery.h"

namespace oki::notify {

AttemptResult http_result(const Result<net::HttpResponse>& response, WallTimeMs now);

// Seconds of Retry-After, the moment of x-rate-limit-reset (X) or ratelimit-reset (Bluesky), or
// "retry_after" in the body (Telegram, Discord), the first of them that is a number. Dates are
// passed over.
std::optional<std::int64_t> asked_wait_ms(const net::HttpResponse& response, WallTimeMs now);

// Answers that a channel knows at once, told at the next turn: Channel::send never answers inside
// its call.
class SoonAnswers {
 public:
  explicit SoonAnswers(Timers& timers) : timers_(timers) {}
  ~SoonAnswers();

  void answer(Channel::Sent sent, AttemptResult result);
  void refuse(Channel::Sent sent, std::string why) {
    answer(std::move(sent), {Attempt::refused, std::move(why), {}});
  }

 private:
  Timers& timers_;
  std::map<std::uint64_t, TimerId> waiting_;
  std::uint64_t last_ = 0;
};

}  // namespace oki::notify
