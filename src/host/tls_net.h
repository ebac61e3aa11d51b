// TLS to servers in the world, over another Net: what posts and pages leave by.
//
// An Address here is a name and a port. The name is resolved, its addresses are tried in order, and
// a connection opens only when the server has shown a certificate of that name (RFC 9525; of that
// IP address where the name is one) which a trusted authority has signed. TLS 1.2 at least. There
// is no way to switch the checks off; a house with its own authority names it in `ca_file`.
//
// Invariants: (1) those of StreamHandler: on_open at most once, on_closed exactly once and last;
// (2) no byte of the owner leaves unencrypted; (3) on_closed(by_peer) only behind the peer's own
// close_notify: an end without it, which a stranger can cause, is `reset` (RFC 8446, 6.1).
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/net.h"
#include "host/names.h"

namespace oki::host {

struct TlsOptions {
  std::string ca_file;           // PEM; empty: the authorities that the system trusts.
  std::int64_t open_ms = 8'000;  // For resolving, connecting and the handshake together.
};

class TlsNet : public Net {
 public:
  // All must outlive the net. Errc::invalid: `ca_file` holds no certificates that can be read.
  static Result<std::unique_ptr<TlsNet>> make(Net& net, Names& names, Timers& timers, Log& log,
                                              const TlsOptions& options);
  ~TlsNet() override;

  // Only a client: Errc::invalid.
  Result<Address> listen(const Address& address, StreamHandler& handler,
                         const StreamOptions& options) override;
  ConnectionId connect(const Address& address, StreamHandler& handler,
                       const StreamOptions& options) override;
  void send(ConnectionId connection, ByteView bytes) override;
  void send_shared(ConnectionId connection, std::shared_ptr<const Bytes> bytes) override;
  void close(ConnectionId connection) override;
  std::size_t backlog_bytes(ConnectionId connection) const override;
  void detach(StreamHandler& handler) override;

 private:
  class Impl;
  explicit TlsNet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::host
