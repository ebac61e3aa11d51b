// TCP on the loop: the Net of a real process.
//
// Life of a connection: connecting (ours only), open, closing (our close() while bytes are still
// queued), lingering (all sent and shut down; what the peer still sends is thrown away, so that it
// is not answered with a reset that would destroy our last bytes), gone. The handler is told of the
// end when it enters lingering or is gone, at the end of the turn, never inside a call of its own.
//
// Invariants:
//  (1) on_open at most once, before any on_bytes; on_closed exactly once, last.
//  (2) An id is given out once.
//  (3) Every socket has a bound on its life after close(): closing and lingering have timers.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "host/poller.h"
#include "host/send_queue.h"

namespace oki::host {

class TcpNet : public Net {
 public:
  // All must outlive the net.
  TcpNet(Poller& poller, const Clock& clock, Timers& timers);
  ~TcpNet() override;  // Closes every socket without a call to any handler.

  Result<Address> listen(const Address& address, StreamHandler& handler,
                         const StreamOptions& options) override;
  ConnectionId connect(const Address& address, StreamHandler& handler,
                       const StreamOptions& options) override;
  void send(ConnectionId connection, ByteView bytes) override;
  void send_shared(ConnectionId connection, std::shared_ptr<const Bytes> bytes) override;
  void close(ConnectionId connection) override;
  std::size_t backlog_bytes(ConnectionId connection) const override;
  void detach(StreamHandler& handler) override;

  // Turn end: writes what was sent and tells the handlers of what ended. A handler may send again
  // meanwhile; that is the next turn's, which must not wait then.
  void finish_turn();
  bool has_work() const { return !unwritten_.empty() || !ended_.empty(); }

 private:
  class Listener;
  class Connection;
  enum class Stage { connecting, open, ended, lingering };

  Connection* find(ConnectionId id) const;
  Connection& make(int fd, StreamHandler& handler, const StreamOptions& options);
  void accept(Listener& listener);
  void refuse_for_lack_of_descriptors(int listener_fd);
  void ready(Connection& connection, std::uint32_t events);
  void connected(Connection& connection);
  void receive(Connection& connection);
  void queued(Connection& connection);
  void write(Connection& connection);
  void end(Connection& connection, CloseReason reason);
  void tell_end(Connection& connection);
  void linger(Connection& connection);
  void remove(Connection& connection);
  void arm(Connection& connection, std::int64_t delay_ms);
  void timed_out(ConnectionId id);

  Poller& poller_;
  const Clock& clock_;
  Timers& timers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<ConnectionId> unwritten_;
  std::vector<ConnectionId> ended_;
  std::vector<std::unique_ptr<Connection>> removed_;  // Until the turn's end; see Pollable.
  std::vector<std::unique_ptr<Listener>> removed_listeners_;
  Bytes receive_buffer_;
  std::uint64_t last_id_ = 0;
  int spare_fd_ = -1;  // Given up to be able to accept and close when descriptors run out.
};

}  // namespace oki::host
