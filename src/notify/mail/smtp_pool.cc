#include "notify/mail/smtp_pool.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "notify/mail/mail_address.h"
#include "notify/mail/smtp_reply.h"

namespace oki::notify {
namespace {

constexpr std::size_t send_backlog_bytes_max = 4u << 20;

struct Pending {
  Mail mail;
  SmtpPool::Done done;
};

// What the session waits for.
enum class Stage : std::uint8_t {
  connecting,
  greeting,
  hello,
  idle,
  sender,     // MAIL, and behind it RCPT and DATA where they were sent together.
  recipient,  // RCPT
  data,       // DATA
  content,    // The answer to the final dot.
  dropped,    // The answer to the dot of a mail that had no recipient.
  reset,      // RSET
  quit,
};

struct Session {
  explicit Session(std::size_t reply_bytes_max) : replies(reply_bytes_max) {}
  SmtpReplyParser replies;
  Stage stage = Stage::connecting;
  bool pipelining = false;
  bool smtputf8 = false;
  std::size_t mails = 0;  // Whose final answer came.
  std::optional<Pending> pending;
  std::optional<SmtpReply> refusal;  // The first answer of this mail that was no success.
  TimerId deadline;
};

// Leading dots are doubled, and the dot that ends the mail follows (RFC 5321, 4.5.2).
Bytes with_dots(ByteView data) {
  Bytes out;
  out.reserve(data.size() + 64);
  bool line_begins = true;
  for (const char c : data) {
    if (line_begins && c == '.') out.push_back('.');
    out.push_back(c);
    line_begins = c == '\n';
  }
  out += ".\r\n";
  return out;
}

AttemptResult result_of(const SmtpReply& reply) {
  if (reply.kind() == 2) return {Attempt::sent, reply.text(), {}};
  return {reply.kind() == 5 ? Attempt::refused : Attempt::retry, reply.text(), {}};
}

// The server has had enough of this session, not of this mail.
bool ends_session(const SmtpReply& reply) { return reply.code == 421 || reply.code == 452; }

}  // namespace

class SmtpPool::Impl : public StreamHandler {
 public:
  Impl(Net& net, Timers& timers, const SmtpOptions& options)
      : net_(net), timers_(timers), options_(options) {}
  ~Impl() override;

  void send(Mail mail, Done done);
  void tell_soon(AttemptResult result, Done done);
  std::size_t open_sessions() const { return sessions_.size(); }

  void on_open(ConnectionId id, const Address& peer) override;
  void on_bytes(ConnectionId id, ByteView bytes) override;
  void on_closed(ConnectionId id, CloseReason reason) override;

 private:
  void assign();
  void assign_soon();
  void begin(ConnectionId id, Session& session, Pending pending);
  void on_reply(ConnectionId id, Session& session, const SmtpReply& reply);
  void on_envelope(ConnectionId id, Session& session, const SmtpReply& reply);
  void on_data(ConnectionId id, Session& session, const SmtpReply& reply);
  void finish_refused(ConnectionId id, Session& session);
  void finish(ConnectionId id, Session& session, const AttemptResult& result);
  void become_idle(ConnectionId id, Session& session);
  void quit(ConnectionId id, Session& session);
  void expect(ConnectionId id, Session& session, Stage stage, std::int64_t wait_ms);
  void command(ConnectionId id, Session& session, ByteView bytes, Stage stage);
  void give_up(ConnectionId id, Session& session, const char* why);
  void lose_pending(Session& session, const char* why);
  void fail_all_waiting(const char* why);

  Net& net_;
  Timers& timers_;
  SmtpOptions options_;
  std::deque<Pending> waiting_;
  std::map<std::uint64_t, Done> to_tell_;  // At the next turn, by the number of the timer.
  std::map<ConnectionId, Session> sessions_;
  TimerId assign_;
};

SmtpPool::Impl::~Impl() {
  net_.detach(*this);
  timers_.cancel(assign_);
  for (const auto& [number, done] : to_tell_) timers_.cancel({number});
  for (const auto& [id, session] : sessions_) timers_.cancel(session.deadline);
}

void SmtpPool::Impl::send(Mail mail, Done done) {
  if (waiting_.size() >= options_.waiting_max) {
    return tell_soon({Attempt::absent, "too many mails wait (waiting_max)", {}}, std::move(done));
  }
  waiting_.push_back({std::move(mail), std::move(done)});
  assign_soon();
}

void SmtpPool::Impl::tell_soon(AttemptResult result, Done done) {
  auto told = std::make_shared<TimerId>();
  *told = timers_.after_ms(0, [this, told, result = std::move(result)] {
    const Done taken = std::move(to_tell_.extract(told->value).mapped());
    taken(result);
  });
  to_tell_.emplace(told->value, std::move(done));
}

// Callbacks may send more: whatever follows from that happens in a turn of its own.
void SmtpPool::Impl::assign_soon() {
  if (assign_.value != 0) return;
  assign_ = timers_.after_ms(0, [this] {
    assign_ = {};
    assign();
  });
}

void SmtpPool::Impl::assign() {
  std::size_t coming = 0;
  for (auto& [id, session] : sessions_) {
    if (session.stage < Stage::idle) ++coming;
    if (session.stage != Stage::idle || waiting_.empty()) continue;
    Pending pending = std::move(waiting_.front());
    waiting_.pop_front();
    begin(id, session, std::move(pending));
  }
  while (waiting_.size() > coming && sessions_.size() < options_.connections_max) {
    StreamOptions stream;
    stream.backlog_bytes_max = send_backlog_bytes_max;
    const ConnectionId id = net_.connect(options_.server, *this, stream);
    const auto made = sessions_.emplace(id, Session(options_.reply_bytes_max)).first;
    expect(id, made->second, Stage::connecting, options_.command_ms);
    ++coming;
  }
}

void SmtpPool::Impl::begin(ConnectionId id, Session& session, Pending pending) {
  const bool utf8 = needs_smtputf8(pending.mail.to) || needs_smtputf8(pending.mail.from);
  session.refusal.reset();
  if (utf8 && !session.smtputf8) {
    pending.done({Attempt::refused, "the mail server takes no such address (SMTPUTF8)", {}});
    return;
  }
  Bytes bytes = "MAIL FROM:<" + pending.mail.from + ">" + (utf8 ? " SMTPUTF8" : "") + "\r\n";
  if (session.pipelining) bytes += "RCPT TO:<" + pending.mail.to + ">\r\nDATA\r\n";
  session.pending = std::move(pending);
  command(id, session, bytes, Stage::sender);
}

void SmtpPool::Impl::expect(ConnectionId id, Session& session, Stage stage, std::int64_t wait_ms) {
  session.stage = stage;
  timers_.cancel(session.deadline);
  session.deadline = timers_.after_ms(wait_ms, [this, id] {
    Session& late = sessions_.at(id);
    late.deadline = {};
    if (late.stage == Stage::idle) return quit(id, late);
    give_up(id, late, "the mail server did not answer in time");
  });
}

void SmtpPool::Impl::command(ConnectionId id, Session& session, ByteView bytes, Stage stage) {
  net_.send(id, bytes);
  expect(id, session, stage, stage == Stage::content ? options_.final_ms : options_.command_ms);
}

void SmtpPool::Impl::on_open(ConnectionId id, const Address&) {
  expect(id, sessions_.at(id), Stage::greeting, options_.command_ms);
}

void SmtpPool::Impl::on_bytes(ConnectionId id, ByteView bytes) {
  sessions_.at(id).replies.feed(bytes);
  while (true) {
    Session& session = sessions_.at(id);
    Result<std::optional<SmtpReply>> reply = session.replies.next();
    if (!reply) return give_up(id, session, "the other side is no mail server");
    if (!*reply) return;
    on_reply(id, session, **reply);
  }
}

void SmtpPool::Impl::on_reply(ConnectionId id, Session& session, const SmtpReply& reply) {
  switch (session.stage) {
    case Stage::connecting:
    case Stage::greeting:
      if (reply.kind() != 2) return give_up(id, session, "the mail server takes no mail now");
      return command(id, session, "EHLO " + options_.hello + "\r\n", Stage::hello);
    case Stage::hello:
      if (reply.kind() != 2) return give_up(id, session, "the mail server takes no mail now");
      session.pipelining = reply.offers("PIPELINING");
      session.smtputf8 = reply.offers("SMTPUTF8");
      return become_idle(id, session);
    case Stage::sender:
    case Stage::recipient:
      return on_envelope(id, session, reply);
    case Stage::data:
      return on_data(id, session, reply);
    case Stage::content:
      if (reply.kind() == 3) return give_up(id, session, "the other side is no mail server");
      ++session.mails;
      if (reply.code == 421) {
        const Pending pending = *std::exchange(session.pending, std::nullopt);
        quit(id, session);
        return pending.done(result_of(reply));
      }
      return finish(id, session, result_of(reply));
    case Stage::dropped:
      return finish_refused(id, session);
    case Stage::reset:
      return become_idle(id, session);
    case Stage::idle:  // Nobody asked: a server that says 421 before it closes.
      return quit(id, session);
    case Stage::quit:
      return;
  }
}

void SmtpPool::Impl::on_envelope(ConnectionId id, Session& session, const SmtpReply& reply) {
  const bool is_sender = session.stage == Stage::sender;
  const Stage next = is_sender ? Stage::recipient : Stage::data;
  if (reply.kind() != 2 && !session.refusal) session.refusal = reply;
  if (session.pipelining) return expect(id, session, next, options_.command_ms);
  if (session.refusal) return finish_refused(id, session);
  const Bytes bytes = is_sender ? "RCPT TO:<" + session.pending->mail.to + ">\r\n" : "DATA\r\n";
  command(id, session, bytes, next);
}

void SmtpPool::Impl::on_data(ConnectionId id, Session& session, const SmtpReply& reply) {
  if (reply.code == 354 && !session.refusal) {
    return command(id, session, with_dots(session.pending->mail.data), Stage::content);
  }
  // The server wants text for a mail whose recipient it refused: an empty one, which it drops.
  if (reply.code == 354) return command(id, session, ".\r\n", Stage::dropped);
  if (!session.refusal) session.refusal = reply;
  finish_refused(id, session);
}

void SmtpPool::Impl::finish_refused(ConnectionId id, Session& session) {
  const SmtpReply refusal = *session.refusal;
  if (ends_session(refusal) && session.mails > 0) {
    waiting_.push_front(std::move(*std::exchange(session.pending, std::nullopt)));
    quit(id, session);
    return assign_soon();
  }
  AttemptResult result = result_of(refusal);
  if (result.outcome == Attempt::sent) result = {Attempt::retry, "an answer out of order", {}};
  const Pending pending = std::move(*std::exchange(session.pending, std::nullopt));
  if (refusal.code == 421) {
    quit(id, session);
  } else {
    command(id, session, "RSET\r\n", Stage::reset);
  }
  pending.done(result);
}

void SmtpPool::Impl::finish(ConnectionId id, Session& session, const AttemptResult& result) {
  const Pending pending = std::move(*std::exchange(session.pending, std::nullopt));
  become_idle(id, session);
  pending.done(result);
}

void SmtpPool::Impl::become_idle(ConnectionId id, Session& session) {
  if (session.mails >= options_.mails_per_session_max) {
    quit(id, session);
    return assign_soon();
  }
  expect(id, session, Stage::idle, options_.idle_ms);
  if (!waiting_.empty()) assign_soon();
}

void SmtpPool::Impl::quit(ConnectionId id, Session& session) {
  command(id, session, "QUIT\r\n", Stage::quit);
  net_.close(id);
}

void SmtpPool::Impl::give_up(ConnectionId id, Session& session, const char* why) {
  net_.close(id);
  const bool never_served = session.stage <= Stage::hello;
  if (session.pending) {
    lose_pending(session, why);
  }
  session.stage = Stage::quit;
  if (never_served) fail_all_waiting(why);
}

// Only after the content was handed to the connection can the server have the mail.
void SmtpPool::Impl::lose_pending(Session& session, const char* why) {
  Pending pending = std::move(*std::exchange(session.pending, std::nullopt));
  if (session.stage == Stage::content) return pending.done({Attempt::unknown, why, {}});
  pending.done({Attempt::absent, why, {}});
}

void SmtpPool::Impl::on_closed(ConnectionId id, CloseReason) {
  Session session = std::move(sessions_.extract(id).mapped());
  timers_.cancel(session.deadline);
  const bool never_served = session.stage <= Stage::hello;
  if (session.pending) lose_pending(session, "the mail server closed the connection");
  if (never_served) return fail_all_waiting("the mail server cannot be reached");
  if (!waiting_.empty()) assign_soon();
}

// While other sessions work, they take what waits: a server may limit how many it allows.
void SmtpPool::Impl::fail_all_waiting(const char* why) {
  for (const auto& [id, session] : sessions_) {
    if (session.stage >= Stage::idle && session.stage != Stage::quit) return;
  }
  std::deque<Pending> failed = std::exchange(waiting_, {});
  for (const Pending& pending : failed) pending.done({Attempt::absent, why, {}});
}

SmtpPool::SmtpPool(Net& net, Timers& timers, const SmtpOptions& options)
    : impl_(std::make_unique<Impl>(net, timers, options)) {}
SmtpPool::~SmtpPool() = default;

void SmtpPool::send(Mail mail, Done done) { impl_->send(std::move(mail), std::move(done)); }
void SmtpPool::refuse(const char* why, Done done) {
  impl_->tell_soon({Attempt::refused, why, {}}, std::move(done));
}
std::size_t SmtpPool::open_sessions() const { return impl_->open_sessions(); }

}  // namespace oki::notify
