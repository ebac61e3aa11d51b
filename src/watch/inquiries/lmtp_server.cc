#include "watch/inquiries/lmtp_server.h"

#include <utility>

namespace oki::watch::inquiries {
namespace {

constexpr ByteView busy = "421 4.3.2 too many sessions, come back later\r\n";

StreamOptions stream_options(const LmtpServerOptions& options) {
  StreamOptions stream;
  stream.backlog_bytes_max = 256u << 10;
  stream.connections_max = options.sessions_max + 8;  // These are told why.
  stream.idle_timeout_ms = options.step_ms + options.look_ms;
  return stream;
}

}  // namespace

LmtpServer::LmtpServer(Parts parts, const LmtpServerOptions& options)
    : parts_(std::move(parts)),
      options_(options),
      open_(parts_.metrics.gauge("okiagari_inquiry_mail_sessions", "Open sessions of LMTP")),
      refused_(parts_.metrics.counter("okiagari_inquiry_mail_sessions_refused_total",
                                      "Sessions that were refused or too slow")) {}

LmtpServer::~LmtpServer() {
  parts_.net.detach(*this);
  parts_.timers.cancel(timer_);
}

Result<Address> LmtpServer::listen(const Address& address) {
  auto bound = parts_.net.listen(address, *this, stream_options(options_));
  if (bound) timer_ = parts_.timers.after_ms(options_.look_ms, [this] { look(); });
  return bound;
}

void LmtpServer::on_open(ConnectionId connection, const Address&) {
  if (sessions_.size() >= options_.sessions_max) {
    refused_.add();
    parts_.net.send(connection, busy);
    return parts_.net.close(connection);
  }
  Session& session = sessions_[connection];
  session.began = session.moved = parts_.clock.mono_now();
  session.lmtp = std::make_unique<LmtpSession>(
      LmtpSession::Parts{[this, connection](ByteView bytes) { parts_.net.send(connection, bytes); },
                         [this, connection] { parts_.net.close(connection); }, parts_.deliver},
      options_.session);
  session.lmtp->greet();
  open_.set(static_cast<std::int64_t>(sessions_.size()));
}

void LmtpServer::on_bytes(ConnectionId connection, ByteView bytes) {
  const auto found = sessions_.find(connection);
  if (found != sessions_.end()) found->second.lmtp->on_bytes(bytes);
}

void LmtpServer::on_closed(ConnectionId connection, CloseReason) {
  sessions_.erase(connection);
  open_.set(static_cast<std::int64_t>(sessions_.size()));
}

// Whoever waits for the disk is not slow himself.
void LmtpServer::look() {
  const MonoTimeNs now = parts_.clock.mono_now();
  for (auto& [connection, session] : sessions_) {
    const bool moves = session.progress != session.lmtp->progress() || session.lmtp->is_keeping();
    if (moves) session.moved = now;
    session.progress = session.lmtp->progress();
    const bool is_slow = now - session.moved > options_.step_ms * ns_per_ms ||
                         now - session.began > options_.session_ms * ns_per_ms;
    if (!is_slow || session.lmtp->is_keeping()) continue;
    refused_.add();
    session.lmtp->end("too slow");
  }
  timer_ = parts_.timers.after_ms(options_.look_ms, [this] { look(); });
}

}  // namespace oki::watch::inquiries
