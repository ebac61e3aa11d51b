#include "watch/testing/watch_world.h"

#include "base/assert.h"

namespace oki::watch::testing {

WatchWorld::WatchWorld(std::uint32_t seats, replica::Replica::MakeEngine make_engine,
                       std::vector<response::Change> house)
    : make_engine_(make_engine), house_(std::move(house)), seats_(seats) {
  for (std::uint32_t seat = 1; seat <= seats; ++seat) {
    Seat& made = seats_[seat - 1];
    made.net = &network.host();
    made.disk = std::make_unique<store::MemoryDisk>(seat);
    addresses_.push_back({made.net->ip(), 7000});
  }
}

WatchWorld::~WatchWorld() {
  for (std::uint32_t seat = 1; seat <= seats_.size(); ++seat) {
    if (running(seat)) crash(seat);
  }
}

void WatchWorld::start(std::uint32_t seat, bool bootstrap) {
  ASSERT(!running(seat));
  Seat& made = seats_[seat - 1];
  made.metrics = std::make_unique<Metrics>();
  made.disk->delay_with(timers, 0, 1);
  WatchNodeOptions options;
  options.cluster = 9;
  options.seat = seat;
  options.watches = addresses_;
  options.bootstrap = bootstrap;
  options.house = house_;
  made.node = std::make_unique<WatchNode>(
      WatchNode::Parts{clock, timers, *made.net, *made.disk, random_, log, *made.metrics}, options,
      make_engine_, [](const Error&) { ASSERT(false); });
  made.node->start([&made](const Result<Address>& ready) { made.ready = ready.has_value(); });
  if (attend) made.attendant = attend(seat, *made.node);
  run();
}

void WatchWorld::start_all() {
  for (std::uint32_t seat = 1; seat <= seats_.size(); ++seat) start(seat, true);
  ASSERT(run_until([this] { return leader() != 0; }));
}

void WatchWorld::crash(std::uint32_t seat) {
  ASSERT(running(seat));
  Seat& gone = seats_[seat - 1];
  network.crash(*gone.net);
  gone.disk->crash();
  gone.attendant.reset();
  gone.node.reset();
}

std::uint32_t WatchWorld::leader() const {
  for (std::uint32_t seat = 1; seat <= seats_.size(); ++seat) {
    if (running(seat) && seats_[seat - 1].node->leads()) return seat;
  }
  return 0;
}

void WatchWorld::run() {
  const auto turn_end = [this] {
    for (Seat& seat : seats_) {
      if (seat.node) seat.node->turn_end();
    }
  };
  turn_end();
  while (network.step()) turn_end();
}

void WatchWorld::run_ms(std::int64_t ms) {
  run();
  timers.advance_ms(ms, [this] { run(); });
  run();
}

bool WatchWorld::run_until(const std::function<bool()>& condition, std::int64_t limit_ms) {
  for (std::int64_t passed = 0; passed < limit_ms && !condition(); ++passed) run_ms(1);
  return condition();
}

}  // namespace oki::watch::testing
