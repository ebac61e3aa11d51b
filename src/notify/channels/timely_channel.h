// Keeps old news at home: a notice that could not leave for half an hour, while a newer one of its
// incident was there, is not sent any more by this channel. The newer one says everything that
// still holds; "investigating" after "resolved" would say what does not.
#pragma once

#include <functional>
#include <string>

#include "notify/channels/answer.h"
#include "notify/delivery.h"

namespace oki::notify {

class TimelyChannel : public Channel {
 public:
  static constexpr std::int64_t late_ms = 30 * 60'000;

  // Whether the outbox holds a posting of this name.
  using Has = std::function<bool(const std::string& posting)>;

  // `inner` gets what is still worth telling. All outlive the channel.
  TimelyChannel(Channel& inner, Timers& timers, const Clock& clock, Has has);

  void send(const Letter& letter, Sent sent) override;
  void ask(const std::vector<Letter>& letters, Told told) override;

 private:
  bool is_old_news(const Letter& letter);

  Channel& inner_;
  const Clock& clock_;
  Has has_;
  SoonAnswers soon_;

  // Of the notice that was looked at last: one goes to many.
  std::string posting_, next_;
  WallTimeMs at_;
};

}  // namespace oki::notify
