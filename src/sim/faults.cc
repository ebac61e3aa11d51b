#include "sim/faults.h"

#include <algorithm>
#include <utility>

#include "sim/world.h"

namespace oki::sim {
namespace {

constexpr std::int64_t watch_every_ms = 50;

}  // namespace

const char* name(Fault fault) {
  switch (fault) {
#define X(fault)     \
  case Fault::fault: \
    return #fault;
    OKI_SIM_FAULTS(X)
#undef X
    case Fault::count:
      break;
  }
  return "none";
}

Faults::Faults(World& world, std::uint64_t seed) : world_(world), prng_(seed) {
  for (bool& enabled : enabled_) enabled = prng_.chance(3, 5);
  enabled_[prng_.below(4)] = true;  // No seed without any.
}

void Faults::begin() {
  watch_nodes();
  next();
}

void Faults::after_ms(std::int64_t delay_ms, std::function<void()> action) {
  world_.scheduler().after_us(delay_ms * 1000 + prng_.between(0, 999), std::move(action));
}

void Faults::next() {
  after_ms(prng_.between(200, 2400), [this] {
    if (stopped_) return;
    std::uint64_t kind = prng_.below(fault_kinds);
    while (!enabled_[kind]) kind = prng_.below(fault_kinds);
    inject(static_cast<Fault>(kind));
    next();
  });
}

// Counts it only when something changed by it.
void Faults::inject(Fault fault) {
  if (try_to(fault)) counts_[static_cast<std::size_t>(fault)] += 1;
}

bool Faults::try_to(Fault fault) {
  switch (fault) {
    case Fault::crash:
      return crash();
    case Fault::power_cut:
      return power_cut();
    case Fault::crash_at_event:
      return set_traps();
    case Fault::partition:
      return partition();
    case Fault::one_way_cut:
      return cut_one_way();
    case Fault::loss:
      return loss();
    case Fault::delay:
      return delay();
    case Fault::disorder:
      return disorder();
    case Fault::pause:
      return pause();
    case Fault::full_disk:
      return fill_disk();
    case Fault::slow_disk:
      return slow_disk();
    case Fault::lost_disk:
      return lose_disk();
    case Fault::lost_snapshots:
      return lose_snapshots();
    case Fault::clock_jump:
      return clock_jump();
    case Fault::transfer:
      return transfer();
    case Fault::count:
      break;
  }
  return false;
}

void Faults::stop() {
  stopped_ = true;
  ++link_fault_;
  world_.network().heal();
  world_.trace().add(world_.scheduler().now(), What::links_healed, 0);
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    SimNode& node = world_.node(seat);
    node.set_trap(Trap::none);
    node.set_disk_weather({});
    node.set_snapshot_weather({});
    node.free_disk();
    node.resume();
  }
}

std::uint32_t Faults::victim() {
  SimNode* leader = world_.leader();
  if (leader != nullptr && prng_.chance(1, 2)) return leader->seat();
  return static_cast<std::uint32_t>(1 + prng_.below(world_.nodes()));
}

// --- Nodes.

void Faults::watch_nodes() {
  if (!std::exchange(watching_, true)) watch();
}

// Brings back every node that is down, whatever brought it down.
void Faults::watch() {
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    SimNode& node = world_.node(seat);
    if (node.up() || restarting_[seat] || node.away()) continue;
    if (node.stopped() && node.disk_full()) node.free_disk();
    restart_later(seat);
  }
  after_ms(watch_every_ms, [this] { watch(); });
}

void Faults::restart_later(std::uint32_t seat) {
  restarting_[seat] = true;
  const std::int64_t patience_ms = stopped_ ? 200 : prng_.chance(1, 2) ? 300 : 6000;
  after_ms(prng_.between(10, patience_ms), [this, seat] {
    restarting_[seat] = false;
    SimNode& node = world_.node(seat);
    if (!node.up() && !node.away()) node.start();
  });
}

bool Faults::crash() {
  SimNode& node = world_.node(victim());
  if (!node.up()) return false;
  node.crash();
  return true;
}

bool Faults::power_cut() {
  const bool all = prng_.chance(1, 2);
  const std::uint32_t spared = victim();
  bool any = false;
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    SimNode& node = world_.node(seat);
    if (!node.up() || (!all && seat == spared)) continue;
    node.crash();
    any = true;
  }
  return any;
}

bool Faults::set_traps() {
  const auto trap = static_cast<Trap>(1 + prng_.below(static_cast<std::uint64_t>(Trap::count) - 1));
  const bool all = prng_.chance(1, 2);
  const std::uint32_t only = victim();
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    if (!all && seat != only) continue;
    world_.trace().add(world_.scheduler().now(), What::trap_set, seat,
                       static_cast<std::uint64_t>(trap));
    world_.node(seat).set_trap(trap);
  }
  // Most traps need something to happen first.
  SimNode* leader = world_.leader();
  const bool election = trap == Trap::after_vote || trap == Trap::after_lead;
  if (election && leader != nullptr && prng_.chance(1, 2)) leader->crash();
  return true;
}

bool Faults::pause() {
  SimNode& node = world_.node(victim());
  if (!node.up() || node.paused()) return false;
  node.pause();
  after_ms(prng_.between(20, prng_.chance(1, 3) ? 8000 : 800), [&node] { node.resume(); });
  return true;
}

bool Faults::clock_jump() {
  world_.node(victim()).jump_clock_ms(prng_.between(-3'600'000, 3'600'000));
  return true;
}

bool Faults::transfer() {
  SimNode* leader = world_.leader();
  if (leader == nullptr || leader->paused()) return false;
  const NodeId to = world_.node(victim()).id();
  world_.trace().add(world_.scheduler().now(), What::transfer_asked, leader->seat(), to.value);
  leader->replica()->transfer_leadership(to);
  return true;
}

// --- Links.

void Faults::heal_links_later(std::int64_t max_ms) {
  world_.trace().add(world_.scheduler().now(), What::links_changed, 0);
  const std::uint64_t fault = ++link_fault_;
  after_ms(prng_.between(100, max_ms), [this, fault] {
    if (fault != link_fault_) return;
    world_.network().heal();
    world_.trace().add(world_.scheduler().now(), What::links_healed, 0);
  });
}

bool Faults::partition() {
  const std::uint32_t alone = victim();
  const bool with_clients = prng_.chance(1, 2);
  Network& network = world_.network();
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    if (seat == alone) continue;
    network.cut(alone, seat);
    network.cut(seat, alone);
  }
  for (std::uint32_t i = 0; with_clients && i <= world_.clients(); ++i) {
    network.cut(first_client + i, alone);
    network.cut(alone, first_client + i);
  }
  heal_links_later(8000);
  return true;
}

// Messages in one direction, or between one pair, or to or from one node.
bool Faults::cut_one_way() {
  const std::uint32_t from = victim();
  const std::uint32_t to =
      1 + (from + static_cast<std::uint32_t>(prng_.below(world_.nodes() - 1))) % world_.nodes();
  const std::uint64_t way = prng_.below(4);
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    if (seat == from) continue;
    const bool this_one = seat == to;
    if (way == 0 ? this_one : way == 1) world_.network().cut(from, seat);
    if (way == 2) world_.network().cut(seat, from);
    if (way == 3 && this_one) {
      world_.network().cut(from, seat);
      world_.network().cut(seat, from);
    }
  }
  heal_links_later(6000);
  return true;
}

void Faults::weather(const LinkWeather& nodes, const LinkWeather& clients) {
  const bool all = prng_.chance(1, 2);
  const std::uint32_t only = victim();
  for (std::uint32_t from = 1; from <= world_.nodes(); ++from) {
    for (std::uint32_t to = 1; to <= world_.nodes(); ++to) {
      if (all || from == only) world_.network().set(from, to, nodes);
    }
    for (std::uint32_t i = 0; i <= world_.clients(); ++i) {
      if (!all && from != only) continue;
      world_.network().set(from, first_client + i, clients);
      world_.network().set(first_client + i, from, clients);
    }
  }
  heal_links_later(8000);
}

bool Faults::loss() {
  LinkWeather bad;
  bad.lost_permille = static_cast<std::uint32_t>(prng_.between(10, 300));
  weather(bad, bad);
  return true;
}

bool Faults::delay() {
  LinkWeather bad;
  bad.delay_min_us = 1000;
  bad.delay_max_us = prng_.chance(1, 3) ? 2'000'000 : 60'000;
  weather(bad, bad);
  return true;
}

bool Faults::disorder() {
  LinkWeather bad;
  bad.in_order = false;
  bad.delay_max_us = prng_.between(1000, 300'000);
  bad.doubled_permille = static_cast<std::uint32_t>(prng_.between(0, 500));
  LinkWeather clients = bad;
  clients.doubled_permille = 0;  // A connection does not double.
  weather(bad, clients);
  return true;
}

// --- Disks.

bool Faults::fill_disk() {
  SimNode& node = world_.node(victim());
  if (node.disk_full() || node.away()) return false;
  node.fill_disk();
  after_ms(prng_.between(1000, 15'000), [&node] {
    if (node.disk_full()) node.free_disk();
  });
  return true;
}

bool Faults::slow_disk() {
  const bool all = prng_.chance(1, 3);
  const std::uint32_t only = victim();
  const DiskWeather slow{1000, prng_.between(2000, prng_.chance(1, 4) ? 400'000 : 40'000)};
  world_.trace().add(world_.scheduler().now(), What::disk_slowed, all ? 0 : only,
                     static_cast<std::uint64_t>(slow.delay_max_us));
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    if (all || seat == only) world_.node(seat).set_disk_weather(slow);
  }
  after_ms(prng_.between(300, 8000), [this] {
    for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
      world_.node(seat).set_disk_weather({});
    }
  });
  return true;
}

// Safe only while the other two have all that was ever answered: one disk in the life of a world.
bool Faults::lose_disk() {
  if (std::exchange(disk_lost_, true)) return false;
  world_.readmit(victim());
  return true;
}

// The processes that make them are killed or slow: the snapshots before must do.
bool Faults::lose_snapshots() {
  const SnapshotWeather bad{prng_.between(20'000, 4'000'000), prng_.chance(1, 2) ? 1000u : 400u};
  for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
    world_.node(seat).set_snapshot_weather(bad);
  }
  after_ms(prng_.between(1000, 12'000), [this] {
    for (std::uint32_t seat = 1; seat <= world_.nodes(); ++seat) {
      world_.node(seat).set_snapshot_weather({});
    }
  });
  return true;
}

}  // namespace oki::sim
