// A mail server that keeps nothing: it takes mail as RFC 5321 says, counts it, and can be told to
// misbehave. For tests, and for drills as the place where mail arrives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/net.h"

namespace oki::notify {

struct SunkMail {
  std::string message_id;  // Without angle brackets.
  std::string from, to;
  Bytes data;  // Dots undone.
};

struct SmtpSinkOptions {
  bool pipelining = true;
  bool smtputf8 = true;
  std::size_t mails_per_session_max = 0;  // Then 452 4.5.3, as OpenSMTPD; 0: no limit.
};

class SmtpSink : public StreamHandler {
 public:
  // Called before the final 250: only what it has kept is ever confirmed.
  using Keep = std::function<void(const SunkMail&)>;

  // The answer instead of the usual one to "EHLO", "MAIL", "RCPT", "DATA", "." or "" (the
  // greeting); "close" closes instead of answering, "nothing" stays silent.
  using Answer = std::function<std::optional<std::string>(ByteView verb, ByteView argument)>;

  SmtpSink(Net& net, const SmtpSinkOptions& options, Keep keep)
      : net_(net), options_(options), keep_(std::move(keep)) {}
  ~SmtpSink() override { net_.detach(*this); }

  Result<Address> listen(const Address& address) { return net_.listen(address, *this, {}); }
  void answer_with(Answer answer) { answer_ = std::move(answer); }

  std::uint64_t mails() const { return mails_; }
  std::uint64_t sessions() const { return sessions_seen_; }

  void on_open(ConnectionId id, const Address& peer) override;
  void on_bytes(ConnectionId id, ByteView bytes) override;
  void on_closed(ConnectionId id, CloseReason reason) override;

 private:
  struct Session {
    Bytes buffer;
    std::size_t searched = 0;  // Of the content: no end lies before it.
    SunkMail mail;
    bool has_sender = false, has_recipient = false, in_content = false;
    std::size_t mails = 0;
  };

  void reply(ConnectionId id, ByteView verb, ByteView argument, ByteView usual);
  bool take_line(ConnectionId id, Session& session);
  bool take_content(ConnectionId id, Session& session);
  void on_command(ConnectionId id, Session& session, ByteView line);
  void on_mail_command(ConnectionId id, Session& session, ByteView argument);
  void on_recipient(ConnectionId id, Session& session, ByteView argument);
  void on_data(ConnectionId id, Session& session);

  Net& net_;
  SmtpSinkOptions options_;
  Keep keep_;
  Answer answer_;
  std::map<ConnectionId, Session> sessions_;
  std::uint64_t mails_ = 0;
  std::uint64_t sessions_seen_ = 0;
};

}  // namespace oki::notify
