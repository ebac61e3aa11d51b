#include "replica/testing/cluster.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::replica {
namespace {

constexpr std::uint64_t cluster_id = 77;

}  // namespace

struct Cluster::Node final : ReplicaHost {
  Node(Cluster& of, std::uint32_t at, std::uint64_t seed)
      : cluster(of), seat(at), disk(seed), log(of.clock, "node", {}) {}

  void send_to_node(NodeId, std::uint32_t to_seat, Bytes message) override {
    cluster.deliver(seat, to_seat, replica->status().self, std::move(message));
  }
  void stop(const Error& reason) override { stopped = reason; }
  void on_events(const EventBlock* block) override {
    if (block) event_hashes[block->index.value] = block->hash;
  }
  void on_status(const ReplicaStatus&) override {}

  Cluster& cluster;
  std::uint32_t seat;
  store::MemoryDisk disk;
  Log log;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<ListMachine> machine;
  std::unique_ptr<Replica> replica;
  std::optional<Error> stopped;
  std::map<std::uint64_t, std::uint64_t> event_hashes;
};

ReplicaOptions Cluster::small_options() {
  ReplicaOptions options;
  options.cluster = cluster_id;
  options.hash_every_entries = 100;
  options.deep_hashes = true;
  options.snapshot_every_entries = 10'000;
  options.keep_entries = 10;
  options.command_bytes_max = 16u << 10;
  options.batch_bytes_max = 64u << 10;
  options.journal.segment_bytes = 1u << 20;
  options.journal.entry_bytes_max = 128u << 10;
  options.journal.frame_bytes_max = 256u << 10;
  return options;
}

Cluster::Cluster(std::uint32_t voters, Replica::MakeEngine make_engine, std::uint64_t seed,
                 ReplicaOptions options)
    : make_engine_(make_engine), options_(std::move(options)), prng_(seed) {
  for (std::uint32_t seat = 1; seat <= voters; ++seat) {
    nodes_[seat] = std::make_unique<Node>(*this, seat, seed * 100 + seat);
    Replica::bootstrap(node(seat).disk, cluster_id, seat, voters,
                       [](Result<void> done) { ASSERT(done); });
    start(seat);
  }
}

Cluster::~Cluster() = default;

Cluster::Node& Cluster::node(std::uint32_t seat) { return *nodes_.at(seat); }
const Cluster::Node& Cluster::node(std::uint32_t seat) const { return *nodes_.at(seat); }

void Cluster::start(std::uint32_t seat) {
  const auto started = try_start(seat);
  ASSERT(started);
}

Result<void> Cluster::try_start(std::uint32_t seat) {
  Node& of = node(seat);
  ASSERT(!of.replica);
  of.stopped.reset();
  of.metrics = std::make_unique<Metrics>();
  of.machine = std::make_unique<ListMachine>();
  const ReplicaParts parts{clock, timers, of.disk, of.log, *of.metrics, of, *of.machine};
  auto replica = Replica::start(parts, options_, make_engine_);
  if (!replica) return tl::unexpected(replica.error());
  of.replica = std::move(*replica);
  return {};
}

void Cluster::crash(std::uint32_t seat) {
  node(seat).replica.reset();
  node(seat).disk.crash();
}

void Cluster::wipe(std::uint32_t seat) {
  ASSERT(!running(seat));
  node(seat).disk.wipe();
}

void Cluster::join(std::uint32_t seat, NodeId id) {
  Replica::join(node(seat).disk, cluster_id, seat, id, [](Result<void> joined) { ASSERT(joined); });
}

Replica& Cluster::operator[](std::uint32_t seat) { return *node(seat).replica; }
ListMachine& Cluster::machine(std::uint32_t seat) { return *node(seat).machine; }
store::MemoryDisk& Cluster::disk(std::uint32_t seat) { return node(seat).disk; }
Metrics& Cluster::metrics(std::uint32_t seat) { return *node(seat).metrics; }
bool Cluster::running(std::uint32_t seat) const {
  return node(seat).replica && !node(seat).stopped;
}
const std::optional<Error>& Cluster::stopped(std::uint32_t seat) const {
  return node(seat).stopped;
}

void Cluster::deliver(std::uint32_t from, std::uint32_t to, NodeId from_id, Bytes message) {
  longest_message_ = std::max(longest_message_, message.size());
  if (!nodes_.contains(to) || prng_.chance(loss_, 1000)) return;
  timers.after_ms(1, [this, from, to, from_id, message = std::move(message)] {
    if (cut_.contains(from) || cut_.contains(to) || !node(to).replica) return;
    node(to).replica->on_peer_message(from_id, message);
  });
}

void Cluster::run_ms(std::int64_t ms) { timers.advance_ms(ms); }

bool Cluster::run_until(const std::function<bool()>& condition, std::int64_t limit_ms) {
  for (std::int64_t ms = 0; ms < limit_ms; ++ms) {
    if (condition()) return true;
    run_ms(1);
  }
  return condition();
}

std::optional<std::uint32_t> Cluster::leader() const {
  for (const auto& [seat, of] : nodes_) {
    if (running(seat) && !cut_.contains(seat) && of->replica->status().serving) return seat;
  }
  return std::nullopt;
}

std::uint32_t Cluster::wait_for_leader() {
  const bool led = run_until([&] { return leader().has_value(); });
  ASSERT(led);
  return *leader();
}

SubmitAnswer Cluster::submit(std::uint32_t seat, ClientCommand command) {
  const auto answer = std::make_shared<std::optional<SubmitAnswer>>();
  (*this)[seat].submit(std::move(command), [answer](const SubmitAnswer& given) {
    ASSERT(!answer->has_value());
    *answer = given;
  });
  run_until([&] { return answer->has_value(); }, 2'000);
  return answer->value_or(SubmitAnswer{});
}

SessionId Cluster::open_session(std::uint32_t seat) {
  const SubmitAnswer answer = submit(seat, {});
  ASSERT(answer.result == SubmitResult::applied);
  return {answer.index.value};
}

SubmitAnswer Cluster::add(std::uint32_t seat, SessionId session, std::uint64_t number, Bytes body) {
  return submit(seat, {session, number, 0, std::move(body)});
}

bool Cluster::settle() {
  return run_until([&] {
    std::optional<LogIndex> applied;
    for (const auto& [seat, of] : nodes_) {
      if (!running(seat)) continue;
      const ReplicaStatus& status = of->replica->status();
      if (applied && *applied != status.applied) return false;
      applied = status.applied;
    }
    return leader().has_value() && (*this)[*leader()].status().commit == applied;
  });
}

}  // namespace oki::replica
