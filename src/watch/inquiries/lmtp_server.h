// Where a mail server hands over what customers wrote: sessions of LMTP (lmtp_session.h) on a
// listener that belongs on loopback, because LMTP knows no passwords.
//
// Limits: sessions_max at once, one more is told 421; step_ms without a command or a line of
// content, session_ms in all, then 421.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "watch/inquiries/lmtp_session.h"

namespace oki::watch::inquiries {

struct LmtpServerOptions {
  LmtpOptions session;
  std::size_t sessions_max = 32;
  std::int64_t step_ms = 60'000;
  std::int64_t session_ms = 900'000;
  std::int64_t look_ms = 5'000;  // How often sessions are looked at.
};

class LmtpServer : private StreamHandler {
 public:
  using Deliver = std::function<void(Envelope, std::function<void(std::string)>)>;
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Metrics& metrics;
    Deliver deliver;  // As of LmtpSession.
  };

  // All must outlive the server.
  LmtpServer(Parts parts, const LmtpServerOptions& options);
  ~LmtpServer() override;

  Result<Address> listen(const Address& address);

 private:
  struct Session {
    std::unique_ptr<LmtpSession> lmtp;
    MonoTimeNs began, moved;
    std::uint64_t progress = 0;
  };

  void on_open(ConnectionId connection, const Address& peer) override;
  void on_bytes(ConnectionId connection, ByteView bytes) override;
  void on_closed(ConnectionId connection, CloseReason reason) override;
  void look();

  Parts parts_;
  LmtpServerOptions options_;
  std::map<ConnectionId, Session> sessions_;
  TimerId timer_;
  Gauge& open_;
  Counter& refused_;
};

}  // namespace oki::watch::inquiries
