#include "sim/node.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"
#include "base/hash64.h"
#include "core/core.h"
#include "replica/peer_message.h"
#include "sim/workload.h"

namespace oki::sim {
namespace {

// raftpb.MessageType of a message as the engine writes it: protobuf field 1, a varint, comes first.
constexpr std::uint8_t vote_answer = 6;

bool is_vote(ByteView message) {
  const std::optional<replica::PeerMessage> decoded = replica::decode_peer_message(message);
  if (!decoded || decoded->kind != replica::PeerKind::engine) return false;
  for (const ByteView engine : decoded->engine) {
    if (engine.size() > 2 && engine[0] == 0x08 && engine[1] == vote_answer) return true;
  }
  return false;
}

}  // namespace

const char* name(Trap trap) {
  switch (trap) {
    case Trap::none:
    case Trap::count:
      break;
    case Trap::after_vote:
      return "crash_after_vote";
    case Trap::after_lead:
      return "crash_after_lead";
    case Trap::after_commit:
      return "crash_after_commit";
    case Trap::after_message:
      return "crash_after_message";
    case Trap::after_answer:
      return "crash_after_answer";
    case Trap::while_snapshot:
      return "crash_while_snapshot";
  }
  return "none";
}

// The exchange, watched by the oracle.
class SimNode::Machine final : public replica::StateMachine {
 public:
  explicit Machine(SimNode& node) : node_(node), core_(core_limits()) {}

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override {
    const std::size_t before = reply.size();
    core_.apply(time, command, reply, events);
    applied_.push_back({Bytes(command), hash64(ByteView(reply).substr(before))});
  }

  void end_block(const replica::EventBlock& block) override {
    node_.parts_.trace.add(node_.parts_.scheduler.now(), What::block_applied, node_.seat(),
                           block.index.value, block.hash);
    node_.parts_.oracle.on_block(node_.seat(), block, std::move(applied_));
    applied_.clear();
    node_.sprung(Trap::after_commit);
  }

  std::optional<WallTimeMs> next_timer() const override { return core_.next_timer(); }
  Bytes tick_command() const override { return tick_bytes(); }

  Bytes snapshot() const override { return core_.snapshot(); }

  Result<void> restore(ByteView snapshot) override {
    Result<core::Core> restored = core::Core::restore(snapshot, core_limits());
    if (!restored) return tl::unexpected<Error>(std::move(restored.error()));
    core_ = std::move(*restored);
    node_.parts_.oracle.on_state_replaced(node_.seat());
    return {};
  }

  std::uint64_t hash() const override { return hash64(core_.snapshot()); }
  Bytes reader_snapshot() const override { return core_.snapshot(); }
  void verify() const override { core_.verify(); }

 private:
  SimNode& node_;
  core::Core core_;
  std::vector<AppliedCommand> applied_;  // Of the block that is being applied.
};

// The state is written at once, as a forked child sees it; the file comes later, or never.
class SimNode::Maker final : public FileMaker {
 public:
  explicit Maker(SimNode& node) : node_(node) {}

  void make(const std::string& name, Write write, Done done) override {
    node_.sprung(Trap::while_snapshot);
    Bytes file;
    BytesSink sink(file);
    Bytes summary = write(sink);
    const SnapshotWeather& weather = node_.snapshot_weather_;
    const bool fails = node_.prng_.chance(weather.failed_permille, 1000);
    if (fails) file.resize(node_.prng_.below(file.size() + 1));
    node_.post(node_.prng_.between(0, weather.delay_max_us),
               [this, name, fails, file = std::move(file), summary = std::move(summary),
                done = std::move(done)] {
                 node_.snapshot_disk_.replace(
                     name, file, [fails, summary, done](const Result<void>& result) {
                       if (!result) return done(tl::unexpected<Error>(result.error()));
                       if (fails) return done(error(Errc::unavailable, "The child was killed."));
                       done(summary);
                     });
               });
  }

 private:
  SimNode& node_;
};

class SimNode::NodeClock final : public Clock {
 public:
  explicit NodeClock(const Scheduler& scheduler) : scheduler_(scheduler) {}

  WallTimeMs wall_now() const override {
    return {wall_start_ms + skew_ms_ + scheduler_.now().value / ns_per_ms};
  }
  MonoTimeNs mono_now() const override { return scheduler_.now(); }
  void jump_ms(std::int64_t ms) { skew_ms_ += ms; }

 private:
  const Scheduler& scheduler_;
  std::int64_t skew_ms_ = 0;
};

class SimNode::NodeTimers final : public Timers {
 public:
  explicit NodeTimers(SimNode& node) : node_(node) {}

  TimerId after_ms(std::int64_t delay_ms, std::function<void()> action) override {
    const TimerId id{++last_};
    waiting_.insert(id.value);
    node_.post(delay_ms * 1000, [this, id, action = std::move(action)] {
      if (waiting_.erase(id.value) > 0) action();
    });
    return id;
  }

  void cancel(TimerId timer) override { waiting_.erase(timer.value); }

 private:
  SimNode& node_;
  std::uint64_t last_ = 0;
  std::set<std::uint64_t> waiting_;
};

SimNode::SimNode(const NodeParts& parts, const replica::ReplicaOptions& options, std::uint64_t seed)
    : parts_(parts),
      options_(options),
      disk_(seed),
      snapshot_disk_(mix64(seed + 1)),
      prng_(mix64(seed)),
      clock_(std::make_unique<NodeClock>(parts.scheduler)),
      log_(std::make_unique<Log>(*clock_, "sim", nullptr)) {}

SimNode::~SimNode() = default;

Bytes SimNode::machine_state() const { return machine_ ? machine_->snapshot() : Bytes{}; }

std::optional<WallTimeMs> SimNode::next_timer() const {
  return machine_ ? machine_->next_timer() : std::nullopt;
}

std::string SimNode::describe() const {
  if (!up()) return fmt::format("Node {} is down{}.", seat(), away_ ? " and has no id" : "");
  const replica::ReplicaStatus& status = replica_->status();
  std::string members;
  for (const replica::Members::Member& member : status.members.all) {
    members += fmt::format(" {}@{}{}", member.id.value, member.seat, member.learner ? "?" : "");
  }
  return fmt::format("Node {} (id {}): term {}, leader {}{}, commit {}, applied {}, members{}.",
                     seat(), id_.value, status.term.value, status.leader.value,
                     status.serving ? ", serving" : "", status.commit.value, status.applied.value,
                     members);
}

void SimNode::bootstrap(std::uint32_t voters) {
  id_ = NodeId{options_.seat};
  disk_.finish_at_once();
  snapshot_disk_.finish_at_once();
  replica::Replica::bootstrap(disk_, snapshot_disk_, options_.cluster, options_.seat, voters,
                              [this](const Result<void>& done) {
                                if (!done) parts_.oracle.violate(done.error().message);
                              });
}

void SimNode::start() {
  if (const std::optional<Error> refused = try_start()) {
    parts_.oracle.violate(fmt::format("Node {} refuses to start: {}", seat(), refused->message));
  }
}

std::optional<Error> SimNode::try_start() {
  ASSERT(!up());
  stopped_.reset();
  pace(disk_);
  pace(snapshot_disk_);
  parts_.trace.add(parts_.scheduler.now(), What::restarted, seat());
  parts_.oracle.on_state_replaced(seat());
  metrics_ = std::make_unique<Metrics>();
  timers_ = std::make_unique<NodeTimers>(*this);
  machine_ = std::make_unique<Machine>(*this);
  maker_ = std::make_unique<Maker>(*this);
  Result<std::unique_ptr<replica::Replica>> started = replica::Replica::start(
      {*clock_, *timers_, disk_, *log_, *metrics_, *this, *machine_, &snapshot_disk_, maker_.get()},
      options_, parts_.make_engine);
  if (!started) return started.error();
  replica_ = std::move(*started);
  return std::nullopt;
}

// Its operations finish after the delays of the weather; a snapshot's are a good moment to crash.
void SimNode::pace(store::MemoryDisk& disk) {
  disk.pace_with([this, &disk](const store::MemoryDisk::Operation& operation, auto finish) {
    const bool read = operation.kind == store::MemoryDisk::Kind::fetch;
    if (&disk == &snapshot_disk_ && !read) sprung(Trap::while_snapshot);
    post(prng_.between(disk_weather_.delay_min_us, disk_weather_.delay_max_us),
         [this, finish = std::move(finish)] {
           parts_.trace.add(parts_.scheduler.now(), What::disk_finished, seat());
           finish();
         });
  });
}

void SimNode::crash() {
  parts_.trace.add(parts_.scheduler.now(), What::crashed, seat());
  ++life_;
  replica_.reset();
  maker_.reset();
  machine_.reset();
  timers_.reset();
  metrics_.reset();
  held_.clear();
  disk_.crash();
  snapshot_disk_.crash();
  paused_ = doomed_ = false;
  trap_ = Trap::none;
}

void SimNode::lose_disk() {
  if (up()) crash();
  parts_.trace.add(parts_.scheduler.now(), What::disk_wiped, seat());
  disk_.wipe();
  snapshot_disk_.wipe();
  free_disk();  // It is another one.
  away_ = true;
}

void SimNode::join(NodeId id) {
  ASSERT(away_);
  parts_.trace.add(parts_.scheduler.now(), What::admitted, seat(), id.value);
  id_ = id;
  away_ = false;
  disk_.finish_at_once();
  replica::Replica::join(disk_, options_.cluster, seat(), id, [this](const Result<void>& done) {
    if (!done) parts_.oracle.violate(done.error().message);
  });
}

void SimNode::pause() {
  parts_.trace.add(parts_.scheduler.now(), What::paused, seat());
  paused_ = true;
}

void SimNode::resume() {
  if (!paused_) return;
  parts_.trace.add(parts_.scheduler.now(), What::resumed, seat());
  paused_ = false;
  std::vector<Scheduler::Action> held = std::move(held_);
  held_.clear();
  for (Scheduler::Action& action : held) post(0, std::move(action));
}

void SimNode::fill_disk() {
  parts_.trace.add(parts_.scheduler.now(), What::disk_filled, seat());
  disk_full_ = true;
  disk_.set_bytes_max(disk_.bytes_used());
  snapshot_disk_.set_bytes_max(snapshot_disk_.bytes_used());
}

void SimNode::free_disk() {
  parts_.trace.add(parts_.scheduler.now(), What::disk_freed, seat());
  disk_full_ = false;
  disk_.set_bytes_max(~std::uint64_t{0});
  snapshot_disk_.set_bytes_max(~std::uint64_t{0});
}

void SimNode::jump_clock_ms(std::int64_t ms) {
  parts_.trace.add(parts_.scheduler.now(), What::clock_moved, seat(),
                   static_cast<std::uint64_t>(ms));
  clock_->jump_ms(ms);
}

void SimNode::post(std::int64_t delay_us, Scheduler::Action action) {
  parts_.scheduler.after_us(delay_us, [this, life = life_, action = std::move(action)]() mutable {
    if (life == life_) run(std::move(action));
  });
}

void SimNode::run(Scheduler::Action action) {
  if (doomed_) return;
  if (paused_) {
    held_.push_back(std::move(action));
  } else {
    action();
  }
}

bool SimNode::submit(const replica::ClientCommand& command,
                     std::function<void(const replica::SubmitAnswer&)> answer) {
  if (!up() || doomed_) return false;
  run([this, command, answer = std::move(answer)]() mutable {
    replica_->submit(command, std::move(answer));
  });
  return true;
}

void SimNode::read(std::function<void(replica::SubmitResult, LogIndex)> done) {
  if (!up()) return;
  run([this, done = std::move(done)]() mutable { replica_->read_barrier(std::move(done)); });
}

void SimNode::sprung(Trap trap) {
  if (trap_ != trap || doomed_) return;
  parts_.trace.add(parts_.scheduler.now(), What::trap_sprung, seat(),
                   static_cast<std::uint64_t>(trap));
  crash_soon();
}

// Not inside the calls of the Replica, but before anything else: what it still does is lost.
void SimNode::crash_soon() {
  doomed_ = true;
  parts_.scheduler.after_us(0, [this, life = life_] {
    if (life == life_) crash();
  });
}

void SimNode::send_to_node(NodeId to, std::uint32_t seat, Bytes message) {
  if (doomed_) return;
  const NodeId from = id_;
  const std::uint64_t mark = hash64(message);
  const bool vote = trap_ == Trap::after_vote && is_vote(message);
  const std::uint32_t from_seat = options_.seat;
  parts_.network.send(from_seat, seat, mark,
                      [parts = &parts_, to, from, from_seat, seat, message = std::move(message)] {
                        SimNode* node = parts->peer(seat);
                        if (node != nullptr) node->deliver(from, from_seat, message);
                      });
  if (vote) sprung(Trap::after_vote);
  if (disk_.waiting() > 0) sprung(Trap::after_message);
}

void SimNode::deliver(NodeId from, std::uint32_t from_seat, ByteView message) {
  if (!up() || doomed_) {
    // As a refused connection tells the sender.
    SimNode* sender = parts_.peer(from_seat);
    if (sender == nullptr || !sender->up()) return;
    sender->post(100, [sender, self = id_] { sender->replica_->on_peer_unreachable(self); });
    return;
  }
  run([this, from, bytes = Bytes(message)] {
    parts_.trace.add(parts_.scheduler.now(), What::message_taken, seat());
    replica_->on_peer_message(from, bytes);
  });
}

void SimNode::stop(const Error& reason) {
  if (doomed_) return;
  parts_.trace.add(parts_.scheduler.now(), What::stopped_itself, seat(),
                   static_cast<std::uint64_t>(reason.code));
  stopped_ = reason;
  if (!(disk_full_ && reason.code == Errc::full)) {
    parts_.oracle.violate(fmt::format("Node {} stopped itself: {}", seat(), reason.message));
  }
  crash_soon();
}

void SimNode::on_events(const replica::EventBlock*) {}

void SimNode::on_status(const replica::ReplicaStatus& status) {
  if (doomed_) return;
  parts_.trace.add(parts_.scheduler.now(), What::status_changed, seat(), status.term.value,
                   status.is_leader ? 1 : 0);
  if (!status.is_leader) return;
  parts_.oracle.on_leader(seat(), status.self, status.term);
  sprung(Trap::after_lead);
}

}  // namespace oki::sim
