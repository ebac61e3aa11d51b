// The cluster as seen from an edge: commands answered exactly once over any failover, and the
// events of the log followed from node to node without a gap.
//
// One Client keeps one connection to each node, one session, and up to `in_flight_max` commands. It
// sends commands to the leader, asks another node when the leader is lost, and repeats unanswered
// commands with the same number there. A command that is not answered by its deadline ends as
// `unknown` when any node may have taken it, as `not_taken` when surely none did.
//
// Callbacks come from inside calls of the Net and the Timers. A destroyed Client calls nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "base/random.h"
#include "base/strong.h"
#include "replica/state_machine.h"

namespace oki::replica {

struct ClientOptions {
  std::uint64_t cluster = 0;
  std::vector<Address> nodes{};     // By seat, from seat 1.
  std::int64_t deadline_ms = 2500;  // Below the 3 s after which bitbank's own client gives up.
  std::int64_t reconnect_ms = 50;
  std::int64_t node_silent_ms = 400;  // A node not heard from for so long is tried last.
  std::size_t in_flight_max = 8192;
  std::size_t frame_bytes_max = 16u << 20;
  std::int64_t follow_stall_ms = 500;  // Followed node stands still while another goes on: change.
};

enum class Outcome : std::uint8_t {
  answered,   // `reply` is the state machine's answer.
  not_taken,  // Surely without effect: no leader, or refused by a limit.
  unknown,    // May or may not take effect.
};

struct Answer {
  Outcome outcome = Outcome::unknown;
  LogIndex index;  // Of the entry, when answered: a reader at or above it has the effect.
  Bytes reply;
  std::string why;  // For a person, when not answered.
};

// A state right behind the block of `index`, after which the chain of hashes stands at `hash`; 0
// and 0: before the first one.
struct FollowedUpTo {
  LogIndex index;
  std::uint64_t hash = 0;
};

// Receives the events in order, without gaps.
class EventFollower {
 public:
  virtual ~EventFollower() = default;

  // Where it stands by itself, because it keeps what it was given; asked whenever a node is chosen.
  // Nothing: where this Client has brought it, at first nowhere.
  virtual std::optional<FollowedUpTo> stands_at() const { return std::nullopt; }

  // Whether it takes more now; asked before a node is chosen and after each block. While it does
  // not, no node is followed, and what was under way is asked for again.
  virtual bool ready() const { return true; }

  // Starts (again) from this state, which stands right after `index` with event hash `hash`.
  virtual Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) = 0;

  // The next block; its `hash_before` and `hash` have been checked by the Client.
  virtual void on_block(const EventBlock& block) = 0;

  // Every event up to `index` has been given: log entries without events make no blocks.
  virtual void on_up_to(LogIndex /*index*/) {}

  // Asked after each block. False when the follower's copy could not take it: it is then started
  // again from another node's snapshot.
  virtual bool has_copy() const { return true; }
};

struct ClusterView {
  bool leader_known = false;
  std::uint32_t leader_seat = 0;
  Term term;
  LogIndex followed;            // Every event up to here has been given to the follower.
  std::vector<bool> connected;  // By seat, from seat 1 at position 0.
  std::vector<NodeId> nodes;    // By seat: who sits there, 0 while that is not known.
};

// What a leader says when it is asked to hand over.
enum class TransferResult : std::uint8_t {
  begun = 0,          // The new leader, or that nothing came of it, is seen in the ClusterView.
  not_leader = 1,     // Nothing was done: no leader by the deadline, or it was not one any more.
  leads_already = 2,  // That seat.
  no_such_voter = 3,
  not_connected = 4,  // The leader does not hear that node.
};
const char* name(TransferResult result);

class Client {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Random& random;
    Log& log;
    Metrics& metrics;
  };

  Client(const Parts& parts, const ClientOptions& options);
  ~Client();

  // Called back exactly once, never inside this call.
  void submit(Bytes command, std::function<void(const Answer&)> done);

  // Follows from now on and for ever; REQUIRES: `follower` outlives the Client. Once.
  void follow(EventFollower& follower);

  // Calls back with the index up to which a reader must have read to see every command answered
  // before this call by anyone, or with 0 when no leader could say by the deadline.
  void read_index(std::function<void(LogIndex)> done);

  // Asks the leader to let the node of `seat` lead. Called back once, never inside this call, with
  // `not_leader` when another one is still being asked for.
  void transfer_leadership(std::uint32_t seat, std::function<void(TransferResult)> done);

  const ClusterView& view() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::replica
