// A network in memory, stepped by the test: same order of calls, same order of deliveries.
//
// A MemoryNetwork is the world; each process under test gets a MemoryNet of its own from host().
// Nothing is delivered until step() or run(). Faults are switched on and off: a paused process
// (SIGSTOP) takes no bytes but its connections stay; a cut between two processes holds everything
// on the way; a crash resets every connection of a process and forgets its listeners. Idle timeouts
// are not modelled.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/net.h"

namespace oki::testing {

class MemoryNet;

class MemoryNetwork {
 public:
  MemoryNetwork();
  ~MemoryNetwork();

  // A new process of this network, at 10.0.0.1, 10.0.0.2 and so on. Lives as long as the network.
  MemoryNet& host();

  // Delivers the oldest thing that can be delivered; false when there is none.
  bool step();

  // Until nothing can be delivered. REQUIRES: that comes within `steps_max` (ASSERT).
  void run(std::size_t steps_max = 1'000'000);

  // Bytes arrive in pieces of at most so many; 0: as they were sent.
  void deliver_in_pieces_of(std::size_t bytes) { piece_bytes_ = bytes; }

  void pause(MemoryNet& process, bool paused);
  void cut(MemoryNet& a, MemoryNet& b, bool is_cut);

  // The process is gone: the others see resets, it sees nothing more. It may listen anew.
  void crash(MemoryNet& process);

 private:
  friend class MemoryNet;
  struct End;
  struct Delivery;

  using Place = std::pair<std::string, std::uint16_t>;
  struct Listener {
    MemoryNet* owner = nullptr;
    StreamHandler* handler = nullptr;
    StreamOptions options;
    std::size_t connections = 0;
  };

  End* find(ConnectionId id) const;
  bool is_cut(const MemoryNet* a, const MemoryNet* b) const;
  bool held(const Delivery& delivery) const;
  void arrive(const Delivery& delivery);
  void accept(const Delivery& delivery);
  std::size_t give_bytes(const Delivery& delivery);
  void send(const MemoryNet& from, ConnectionId id, ByteView bytes);
  void end(End& end, CloseReason own, CloseReason peer);
  void erase(ConnectionId id);

  std::vector<std::unique_ptr<MemoryNet>> hosts_;
  std::map<ConnectionId, std::unique_ptr<End>> ends_;
  std::map<Place, Listener> listeners_;
  std::deque<Delivery> deliveries_;
  std::set<const MemoryNet*> paused_;
  std::set<std::pair<const MemoryNet*, const MemoryNet*>> cuts_;
  std::uint64_t last_id_ = 0;
  std::size_t piece_bytes_ = 0;
};

class MemoryNet : public Net {
 public:
  Result<Address> listen(const Address& address, StreamHandler& handler,
                         const StreamOptions& options) override;
  ConnectionId connect(const Address& address, StreamHandler& handler,
                       const StreamOptions& options) override;
  void send(ConnectionId connection, ByteView bytes) override;
  void send_shared(ConnectionId connection, std::shared_ptr<const Bytes> bytes) override;
  void close(ConnectionId connection) override;
  std::size_t backlog_bytes(ConnectionId connection) const override;
  void detach(StreamHandler& handler) override;

  const std::string& ip() const { return ip_; }
  std::size_t open_connections() const;

 private:
  friend class MemoryNetwork;
  MemoryNet(MemoryNetwork& network, std::string ip) : network_(network), ip_(std::move(ip)) {}

  MemoryNetwork& network_;
  std::string ip_;
  std::uint16_t last_port_ = 40000;
};

}  // namespace oki::testing
