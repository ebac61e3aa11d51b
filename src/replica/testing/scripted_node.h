// A node that says only what the test tells it to say, and keeps what it was told.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/net.h"
#include "base/testing/memory_net.h"
#include "replica/wire.h"

namespace oki::replica::testing {

class ScriptedNode : public StreamHandler {
 public:
  ScriptedNode(oki::testing::MemoryNet& net, std::uint64_t cluster, std::uint32_t seat)
      : net_(net), cluster_(cluster), seat_(seat) {}

  Address listen() { return listen_at({net_.ip(), 7000}); }
  Address listen_at(const Address& address);

  // To every client that is connected.
  void say(const Frame& frame);
  void say_status(std::uint32_t leader_seat, std::uint64_t term, std::uint64_t applied);

  // What came since the last call, Pings and Hellos left out; views stay valid until the next call.
  std::vector<Frame> heard();
  template <typename Kind>
  std::vector<Kind> heard_of() {
    std::vector<Kind> found;
    for (const Frame& frame : heard()) {
      if (const auto* one = std::get_if<Kind>(&frame)) found.push_back(*one);
    }
    return found;
  }

  // Answers each OpenSession at once with this session; 0 leaves it to the test.
  SessionId opens_sessions_as;

  // Said instead of a Hello of its own.
  std::string greeting;

  std::size_t connections() const { return readers_.size(); }

  void on_open(ConnectionId connection, const Address& peer) override;
  void on_bytes(ConnectionId connection, ByteView bytes) override;
  void on_closed(ConnectionId connection, CloseReason reason) override;

 private:
  oki::testing::MemoryNet& net_;
  std::uint64_t cluster_;
  std::uint32_t seat_;
  std::map<ConnectionId, FrameReader> readers_;
  std::vector<Bytes> arrived_;
  std::vector<Bytes> given_;
};

}  // namespace oki::replica::testing
