#include "replica/testing/node_world.h"

#include "base/assert.h"

namespace oki::replica::testing {

Result<void> ListReader::on_snapshot(LogIndex, std::uint64_t, ByteView snapshot) {
  ListMachine machine;
  if (auto restored = machine.restore(snapshot); !restored) return restored;
  commands = machine.commands;
  ++snapshots;
  return {};
}

void ListReader::on_block(const EventBlock& block) {
  oki::Reader reader(block.events);
  while (reader.left() > 0) commands.emplace_back(reader.blob(1u << 20));
  ASSERT(reader.done());
  ++blocks;
}

NodeWorld::NodeWorld(std::uint32_t seats, Replica::MakeEngine make_engine)
    : make_engine_(make_engine), seats_(seats) {
  replica_options.journal.segment_bytes = 8u << 20;
  replica_options.journal.frame_bytes_max = 4u << 20;
  replica_options.journal.entry_bytes_max = 2u << 20;
  for (std::uint32_t seat = 1; seat <= seats; ++seat) {
    Seat& made = seats_[seat - 1];
    made.net = &network.host();
    made.disk = std::make_unique<store::MemoryDisk>(seat);
    addresses_.push_back({made.net->ip(), 7000});
  }
}

NodeWorld::~NodeWorld() {
  for (std::uint32_t seat = 1; seat <= seats_.size(); ++seat) {
    if (running(seat)) crash(seat);
  }
}

void NodeWorld::start(std::uint32_t seat, bool bootstrap) {
  ASSERT(!running(seat));
  Seat& made = seats_[seat - 1];
  made.machine = std::make_unique<ListMachine>();
  made.metrics = std::make_unique<Metrics>();
  made.ready.reset();
  made.stopped.reset();
  made.disk->delay_with(timers, 0, 1);
  NodeOptions options;
  options.cluster = cluster;
  options.seat = seat;
  options.nodes = addresses_;
  options.bootstrap = bootstrap;
  options.replica = replica_options;
  options.server = server_options;
  made.node = std::make_unique<Node>(
      Node::Parts{clock, timers, *made.net, *made.disk, log_, *made.metrics, *made.machine},
      options, make_engine_, [&made](const Error& reason) { made.stopped = reason; });
  made.node->start([&made](Result<Address> ready) { made.ready = std::move(ready); });
  run();
}

void NodeWorld::start_all() {
  for (std::uint32_t seat = 1; seat <= seats_.size(); ++seat) start(seat, true);
  ASSERT(run_until([this] { return leader() != 0; }));
}

void NodeWorld::crash(std::uint32_t seat) {
  ASSERT(running(seat));
  network.crash(net(seat));
  disk(seat).crash();
  seats_[seat - 1].node.reset();
}

void NodeWorld::wipe(std::uint32_t seat) {
  ASSERT(!running(seat));
  disk(seat).wipe();
}

bool NodeWorld::serves(std::uint32_t seat) const {
  return running(seat) && seats_[seat - 1].node->replica() != nullptr;
}

std::uint32_t NodeWorld::leader() const {
  std::uint32_t found = 0;
  Term term;
  for (std::uint32_t seat = 1; seat <= seats_.size(); ++seat) {
    if (!serves(seat)) continue;
    const ReplicaStatus& status = seats_[seat - 1].node->replica()->status();
    if (!status.serving || status.term < term) continue;
    found = seat;
    term = status.term;
  }
  return found;
}

std::unique_ptr<Client> NodeWorld::client(oki::testing::MemoryNet& net, ClientOptions options) {
  options.cluster = cluster;
  options.nodes = addresses_;
  return std::make_unique<Client>(Client::Parts{clock, timers, net, random_, log_, client_metrics},
                                  options);
}

void NodeWorld::run() {
  // Each delivery is a turn of its receiver's loop.
  const auto turn_end = [this] {
    for (Seat& seat : seats_) {
      if (seat.node) seat.node->turn_end();
    }
  };
  turn_end();
  while (network.step()) turn_end();
}

void NodeWorld::run_ms(std::int64_t ms) {
  run();
  timers.advance_ms(ms, [this] { run(); });
  run();
}

bool NodeWorld::run_until(const std::function<bool()>& condition, std::int64_t limit_ms) {
  for (std::int64_t passed = 0; passed < limit_ms && !condition(); ++passed) run_ms(1);
  return condition();
}

}  // namespace oki::replica::testing
