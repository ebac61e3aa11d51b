// The channels of a throw-away house, all of them sinks of this process: a webhook for notices, one
// for calls to people, a mail server.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "drill/sinks.h"

namespace oki::drill {

class Telling {
 public:
  // All must outlive this.
  Telling(const Clock& clock, Net& net, Timers& timers)
      : posts_(clock, net, timers), mails_(clock, net) {}

  // Listens, and writes the channels' configuration and its secrets below `directory`.
  Result<void> start(const std::string& directory, Random& random);
  const std::string& channels_file() const { return channels_file_; }

  // When the first notice (not a mere change of colour) had arrived, and the first call.
  std::optional<MonoTimeNs> first_notice(MonoTimeNs from) const;
  std::size_t notices(MonoTimeNs from) const;  // How many had arrived since.
  std::optional<MonoTimeNs> first_call(MonoTimeNs from) const;
  // The first notice whose newest update has this status: "resolved".
  std::optional<MonoTimeNs> first_notice_of(ByteView status, MonoTimeNs from) const;

  const std::vector<SunkPost>& posts() const { return posts_.posts(); }
  const std::vector<KeptMail>& mails() const { return mails_.mails(); }

 private:
  PostSink posts_;
  MailSink mails_;
  std::string channels_file_;
};

}  // namespace oki::drill
