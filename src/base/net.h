// Byte streams between processes (TCP in production, a model in tests and in the simulator).
//
// Everything happens on one loop. A connection is a number; its handler is told of bytes and of
// the end exactly once. `send` never blocks: what the peer does not take is kept up to the
// connection's backlog limit, beyond that the connection is closed with reason `backlog`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"

namespace oki {

using ConnectionId = Strong<struct ConnectionIdTag, std::uint64_t>;  // Never used twice.

struct Address {
  std::string host;  // An IP address; names are resolved by configuration, not here.
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

std::string to_string(const Address& address);
Result<Address> parse_address(ByteView text);  // "127.0.0.1:8080" or "[::1]:8080"

enum class CloseReason : std::uint8_t { by_us, by_peer, refused, reset, backlog, idle };
const char* name(CloseReason reason);

// The owner of connections: both ends of the house implement it. Calls never nest: a `send` or
// `close` made inside a call takes effect after it.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void on_open(ConnectionId connection, const Address& peer) = 0;
  virtual void on_bytes(ConnectionId connection, ByteView bytes) = 0;
  virtual void on_closed(ConnectionId connection, CloseReason reason) = 0;

  // Everything sent so far has left this process. Comes after sends, also when nothing had to wait,
  // so that a long transfer goes on from here.
  virtual void on_drained(ConnectionId) {}
};

struct StreamOptions {
  std::size_t backlog_bytes_max = 4u << 20;
  std::int64_t idle_timeout_ms = 0;    // 0: no limit.
  std::size_t connections_max = 4096;  // Of one listener; one more is closed at once.
};

class Net {
 public:
  virtual ~Net() = default;

  // Port 0 picks a free one; gives the address listened on. The handler must outlive the Net.
  virtual Result<Address> listen(const Address& address, StreamHandler& handler,
                                 const StreamOptions& options) = 0;

  // `on_open` or `on_closed(refused)` follows, never inside this call.
  virtual ConnectionId connect(const Address& address, StreamHandler& handler,
                               const StreamOptions& options) = 0;

  // A closed or unknown connection is ignored: its handler has been or will be told.
  virtual void send(ConnectionId connection, ByteView bytes) = 0;

  // The same bytes to many connections without a copy for each.
  virtual void send_shared(ConnectionId connection, std::shared_ptr<const Bytes> bytes) = 0;

  // Sends what is still queued, then closes; `on_closed(by_us)` follows.
  virtual void close(ConnectionId connection) = 0;

  virtual std::size_t backlog_bytes(ConnectionId connection) const = 0;

  // For a handler's destructor: closes all its connections and listeners, and never calls it again.
  virtual void detach(StreamHandler& handler) = 0;
};

}  // namespace oki
