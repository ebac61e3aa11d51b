#include "notify/channels/timely_channel.h"

#include <utility>

#include "notify/notice.h"

namespace oki::notify {

TimelyChannel::TimelyChannel(Channel& inner, Timers& timers, const Clock& clock, Has has)
    : inner_(inner), clock_(clock), has_(std::move(has)), soon_(timers) {}

bool TimelyChannel::is_old_news(const Letter& letter) {
  if (posting_ != letter.posting) {
    const Result<Notice> notice = read_notice(letter.content);
    if (!notice) return false;  // The channel itself says why it cannot be sent.
    posting_ = std::string(letter.posting);
    next_ = notice->incident + "/" + std::to_string(notice->number + 1);
    at_ = notice->at;
  }
  return clock_.wall_now().value - at_.value > late_ms && has_(next_);
}

void TimelyChannel::send(const Letter& letter, Sent sent) {
  if (!is_old_news(letter)) return inner_.send(letter, std::move(sent));
  soon_.refuse(std::move(sent), "too late: " + next_ + " says more");
}

void TimelyChannel::ask(const std::vector<Letter>& letters, Told told) {
  inner_.ask(letters, std::move(told));
}

}  // namespace oki::notify
