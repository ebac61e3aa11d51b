// One node of a simulated world: the shipped Replica, journal and core on a disk, a clock and links
// that fail.
//
// A life is the time between a start and a crash. What belongs to a life (timers, callbacks of the
// disk, messages) never reaches a later one; while the node is paused it waits and comes then.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "replica/replica.h"
#include "sim/network.h"
#include "sim/oracle.h"
#include "sim/scheduler.h"
#include "sim/trace.h"
#include "store/testing/memory_disk.h"

namespace oki::sim {

constexpr std::int64_t wall_start_ms = 1'700'000'000'000;  // Of every clock, faults aside.

// When a trap is set, the node crashes right after the next of these.
enum class Trap : std::uint8_t {
  none,
  after_vote,      // A vote was sent.
  after_lead,      // It has become leader.
  after_commit,    // A block was applied.
  after_message,   // Any message was sent while the disk was writing.
  after_answer,    // A client was answered.
  while_snapshot,  // A snapshot is being written.
  count,
};
const char* name(Trap trap);

struct DiskWeather {
  std::int64_t delay_min_us = 80;
  std::int64_t delay_max_us = 500;
};

// How snapshots fare that are made beside the loop.
struct SnapshotWeather {
  std::int64_t delay_max_us = 20'000;
  std::uint32_t failed_permille = 20;  // Killed, or no room.
};

// What a node needs of its world; all of it outlives the node.
struct NodeParts {
  Scheduler& scheduler;
  Network& network;
  Trace& trace;
  Oracle& oracle;
  replica::Replica::MakeEngine make_engine;
  // The node of a seat, to deliver to.
  std::function<class SimNode*(std::uint32_t)> peer;
};

class SimNode final : public replica::ReplicaHost {
 public:
  SimNode(const NodeParts& parts, const replica::ReplicaOptions& options, std::uint64_t seed);
  ~SimNode() override;

  std::uint32_t seat() const { return options_.seat; }
  NodeId id() const { return id_; }
  bool up() const { return replica_ != nullptr; }
  bool paused() const { return paused_; }
  replica::Replica* replica() { return replica_.get(); }
  store::MemoryDisk& disk() { return disk_; }
  Bytes machine_state() const;
  std::optional<WallTimeMs> next_timer() const;  // Of the machine.
  std::string describe() const;

  // --- Life.
  void bootstrap(std::uint32_t voters);
  void start();                      // REQUIRES: not up. A refusal to start is a violation.
  std::optional<Error> try_start();  // The same; gives why it refuses.
  void crash();                      // Unsynced writes are lost or torn.
  void pause();
  void resume();
  void set_trap(Trap trap) { trap_ = trap; }
  void set_disk_weather(const DiskWeather& weather) { disk_weather_ = weather; }
  void set_snapshot_weather(const SnapshotWeather& weather) { snapshot_weather_ = weather; }
  void fill_disk();  // Nothing more fits.
  void free_disk();
  void jump_clock_ms(std::int64_t ms);
  void lose_disk();      // Crashes; away until it joins under a new id.
  void join(NodeId id);  // REQUIRES: away.
  bool away() const { return away_; }

  // Why the node stopped itself, until the next start.
  const std::optional<Error>& stopped() const { return stopped_; }
  bool disk_full() const { return disk_full_; }

  // Runs `action` on this life after the delay, later when paused then.
  void post(std::int64_t delay_us, Scheduler::Action action);

  // What a client's connection carries. Gives false when nobody is there to take it.
  bool submit(const replica::ClientCommand& command,
              std::function<void(const replica::SubmitAnswer&)> answer);
  void read(std::function<void(replica::SubmitResult, LogIndex)> done);
  void sprung(Trap trap);  // Crashes soon if this is the trap that is set.

  // --- ReplicaHost.
  void send_to_node(NodeId to, std::uint32_t seat, Bytes message) override;
  void stop(const Error& reason) override;
  void on_events(const replica::EventBlock* block) override;
  void on_status(const replica::ReplicaStatus& status) override;

 private:
  class Machine;
  class Maker;
  class NodeClock;
  class NodeTimers;

  void pace(store::MemoryDisk& disk);
  void deliver(NodeId from, std::uint32_t from_seat, ByteView message);
  void crash_soon();
  void run(Scheduler::Action action);

  NodeParts parts_;
  replica::ReplicaOptions options_;
  store::MemoryDisk disk_;
  store::MemoryDisk snapshot_disk_;
  Prng prng_;
  std::unique_ptr<NodeClock> clock_;
  std::unique_ptr<NodeTimers> timers_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<Maker> maker_;
  std::unique_ptr<replica::Replica> replica_;

  NodeId id_;
  std::uint64_t life_ = 0;
  bool away_ = false;
  bool paused_ = false;
  bool doomed_ = false;  // Crashes before anything else happens.
  std::vector<Scheduler::Action> held_;
  Trap trap_ = Trap::none;
  DiskWeather disk_weather_;
  SnapshotWeather snapshot_weather_;
  bool disk_full_ = false;
  std::optional<Error> stopped_;
};

}  // namespace oki::sim
