#include "notify/channels/answer.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "net/json_reader.h"

namespace oki::notify {
namespace {

constexpr std::size_t answer_bytes_max = 1u << 20;
constexpr std::size_t id_bytes_max = 140;
constexpr std::int64_t ms_per_second = 1000;

// What the service calls the post, as proof.
std::string post_id(const net::HttpResponse& response) {
  const Result<net::Json> json = net::parse_json(response.body, answer_bytes_max);
  if (!json) return {};
  const net::Json* inner =
      json->find("data") != nullptr ? json->find("data") : json->find("result");
  for (const net::Json* object : {&*json, inner}) {
    for (const char* member : {"id", "message_id", "uri", "dedup_key"}) {
      const net::Json* id = object == nullptr ? nullptr : object->find(member);
      if (id == nullptr) continue;
      if (const auto text = id->number_text()) return std::string(text->substr(0, id_bytes_max));
    }
  }
  return {};
}

// "30", and "30.5" as 31: a wait is never made shorter.
std::optional<std::int64_t> seconds_of(ByteView text) {
  std::int64_t seconds = 0;
  const char* const last = text.data() + text.size();
  const auto [end, fault] = std::from_chars(text.data(), last, seconds);
  if (text.empty() || fault != std::errc{} || seconds < 0) return std::nullopt;
  if (end == last) return seconds;
  const ByteView rest(end + 1, static_cast<std::size_t>(last - end - 1));
  const bool fraction = *end == '.' && rest.find_first_not_of("0123456789") == ByteView::npos;
  if (!fraction || seconds == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return seconds + 1;
}

std::optional<std::int64_t> seconds_in_body(const net::HttpResponse& response) {
  const Result<net::Json> json = net::parse_json(response.body, answer_bytes_max);
  if (!json) return std::nullopt;
  for (const net::Json* object : {json->find("parameters"), &*json}) {
    const net::Json* wait = object == nullptr ? nullptr : object->find("retry_after");
    const auto text = wait == nullptr ? std::nullopt : wait->number_text();
    if (text) return seconds_of(*text);
  }
  return std::nullopt;
}

std::optional<std::int64_t> asked_seconds(const net::HttpResponse& response, WallTimeMs now) {
  if (const auto seconds = seconds_of(response.header("Retry-After"))) return seconds;
  for (const char* reset : {"x-rate-limit-reset", "ratelimit-reset"}) {
    const auto moment = seconds_of(response.header(reset));
    if (!moment) continue;
    return std::max<std::int64_t>(*moment - now.value / ms_per_second, 0);
  }
  return seconds_in_body(response);
}

}  // namespace

std::optional<std::int64_t> asked_wait_ms(const net::HttpResponse& response, WallTimeMs now) {
  constexpr std::int64_t seconds_max = 7 * 86'400;
  const std::optional<std::int64_t> seconds = asked_seconds(response, now);
  if (!seconds) return std::nullopt;
  return std::min(*seconds, seconds_max) * ms_per_second;
}

AttemptResult http_result(const Result<net::HttpResponse>& response, WallTimeMs now) {
  if (!response) {
    const bool sent = response.error().code == Errc::io;
    return {
        sent ? Attempt::unknown : Attempt::absent, sent ? "no answer came" : "nobody answered", {}};
  }
  const std::uint16_t status = response->status;
  const std::string id = post_id(*response);
  const std::string text = "HTTP " + std::to_string(status) + (id.empty() ? "" : " id " + id);
  if (status >= 200 && status < 300) return {Attempt::sent, text, {}};
  if (status == 401 || status == 403) return {Attempt::absent, text + ": mend the secret", {}};
  if (status == 429 || status == 408 || status == 425 || status == 503) {
    return {Attempt::retry, text, asked_wait_ms(*response, now)};
  }
  if (status >= 500) return {Attempt::unknown, text, {}};
  return {Attempt::refused, text, {}};
}

SoonAnswers::~SoonAnswers() {
  for (const auto& [number, timer] : waiting_) timers_.cancel(timer);
}

void SoonAnswers::answer(Channel::Sent sent, AttemptResult result) {
  const std::uint64_t number = ++last_;
  waiting_[number] = timers_.after_ms(
      0, [this, number, sent = std::move(sent), result = std::move(result)]() mutable {
        waiting_.erase(number);
        sent(std::move(result));
      });
}

}  // namespace oki::notify
