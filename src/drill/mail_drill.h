// Mail to many people while its sender is killed: what arrives at the mail server, counted there.
//
// The sender is a process of its own (`okiagari notices send`), killed with SIGKILL when the server
// has taken an equal share of the mails each time, and started again on the same outbox. The server
// is in this process; it wants a new session after every hundred mails, as some real ones do, and
// writes a log as Postfix does. A mail is judged by its Message-ID and its recipient.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace oki::drill {

struct MailDrillOptions {
  std::string binary;
  std::string directory;  // Exists and is empty.
  std::uint64_t mails = 100'000;
  std::uint64_t kills = 2;
  std::uint64_t connections = 16;
  std::int64_t patience_ms = 600'000;
};

struct MailDrillResult {
  std::uint64_t mails = 0;
  std::uint64_t taken = 0;    // Every arrival at the server.
  std::uint64_t lost = 0;     // Recipients whom nothing reached.
  std::uint64_t doubled = 0;  // Arrivals beyond the first of one Message-ID and recipient.
  std::uint64_t strange = 0;  // Arrivals that nobody sent.
  std::uint64_t kills = 0;
  std::uint64_t sessions = 0;
  std::int64_t took_ms = 0;       // From the first start of the sender to its own end.
  std::int64_t last_mail_ms = 0;  // To the last arrival.

  bool ok() const { return lost == 0 && doubled == 0 && strange == 0 && taken == mails; }
};

// Blocking. `progress` gets one line for each step.
Result<MailDrillResult> run_mail_drill(const MailDrillOptions& options,
                                       const std::function<void(const std::string&)>& progress);

std::string to_json(const MailDrillResult& result);

}  // namespace oki::drill
