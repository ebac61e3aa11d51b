#include "notify/channels/answer.h"

#include <algorithm>
#include <charconv>
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

}  // namespace

std::optional<std::int64_t> retry_after_ms(const net::HttpResponse& response) {
  const ByteView text = response.header("Retry-After");
  std::int64_t seconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t seconds_max = 7 * 86'400;
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (seconds < 0) return std::nullopt;
  return std::min(seconds, seconds_max) * ms_per_second;
}

AttemptResult http_result(const Result<net::HttpResponse>& response) {
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
    return {Attempt::retry, text, retry_after_ms(*response)};
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
