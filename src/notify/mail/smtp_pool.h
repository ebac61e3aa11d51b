// Mail handed to one mail server by SMTP (RFC 5321) over a few connections that are kept.
//
// Plain TCP, for a server on this machine or on a network of its own (a smarthost speaks TLS to the
// world). Uses PIPELINING (RFC 2920) and SMTPUTF8 (RFC 6531) where offered. A session ends after
// mails_per_session_max, and where the server wants no more of one session (452 or 421 after some
// mails, as OpenSMTPD after 100) the mail goes on by a new one at once.
//
// Each mail ends as sent (2yz after the final dot), refused (5yz), retry (4yz), absent (nobody
// answered, or not as a mail server), or unknown: the final dot may have arrived and no answer
// came. Only there a duplicate is possible (RFC 1047); the Message-ID stays the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/net.h"
#include "notify/delivery.h"

namespace oki::notify {

struct SmtpOptions {
  Address server = {};
  std::string hello = "localhost";  // The name of this machine, for EHLO.
  std::size_t connections_max = 8;
  std::size_t mails_per_session_max = 100;
  std::size_t waiting_max = 1024;  // More are told `absent` at once.
  std::size_t reply_bytes_max = 8u << 10;
  std::int64_t command_ms = 300'000;  // RFC 5321, 4.5.3.2.
  std::int64_t final_ms = 600'000;
  std::int64_t idle_ms = 5'000;  // Then the session is ended.
};

struct Mail {
  std::string from;  // Both are addresses that is_mail_address() has judged.
  std::string to;
  Bytes data;  // Lines end with CRLF; the pool doubles leading dots.
};

class SmtpPool {
 public:
  using Done = std::function<void(AttemptResult)>;

  // `net` and `timers` must outlive the pool.
  SmtpPool(Net& net, Timers& timers, const SmtpOptions& options);
  ~SmtpPool();  // What is under way is dropped without a call.

  // Called back exactly once, never inside this call.
  void send(Mail mail, Done done);

  // The same for a mail that cannot be written: `done` hears `refused` and why.
  void refuse(const char* why, Done done);

  std::size_t open_sessions() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::notify
