#include "sim/scripts.h"

#include <algorithm>
#include <string>

#include "store/recovery.h"

namespace oki::sim {
namespace {

WorldOptions options_of(replica::Replica::MakeEngine make_engine, std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.make_engine = make_engine;
  options.whole = false;
  return options;
}

void start_all(World& world) {
  for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) {
    if (!world.node(seat).up()) world.node(seat).start();
  }
}

void crash_all(World& world) {
  for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) {
    if (world.node(seat).up()) world.node(seat).crash();
  }
}

bool any_down(World& world) {
  for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) {
    if (!world.node(seat).up()) return true;
  }
  return false;
}

void trap_all(World& world, Trap trap) {
  for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) world.node(seat).set_trap(trap);
}

// A sole voter commits what it appends: what it answers must be on its disk by then.
WorldReport sole_voter_loses_power_after_answers(replica::Replica::MakeEngine make_engine) {
  WorldOptions options = options_of(make_engine, 1);
  options.nodes = 1;
  World world(options);
  if (!world.begin()) return world.finish();
  for (int round = 0; round < 40; ++round) {
    world.node(1).set_trap(Trap::after_answer);
    if (!world.run_until(5000, [&] { return !world.node(1).up(); })) break;
    world.node(1).start();
  }
  return world.finish();
}

// Whatever a majority has promised is on the disks of a majority.
WorldReport everyone_loses_power_after_an_answer(replica::Replica::MakeEngine make_engine) {
  World world(options_of(make_engine, 2));
  if (!world.begin()) return world.finish();
  for (int round = 0; round < 40; ++round) {
    trap_all(world, Trap::after_answer);
    if (!world.run_until(5000, [&] { return any_down(world); })) break;
    crash_all(world);
    start_all(world);
  }
  return world.finish();
}

// A vote is remembered: nobody votes twice in a term.
WorldReport every_voter_crashes_after_its_vote(replica::Replica::MakeEngine make_engine) {
  World world(options_of(make_engine, 3));
  if (!world.begin()) return world.finish();
  for (int round = 0; round < 40; ++round) {
    if (SimNode* leader = world.leader()) leader->crash();
    trap_all(world, Trap::after_vote);
    world.run_ms(1000);
    trap_all(world, Trap::none);
    start_all(world);
    if (!world.run_ms(300)) break;
  }
  return world.finish();
}

// A frame that others follow was acknowledged: the node must not serve without it.
WorldReport a_damaged_journal_is_refused(replica::Replica::MakeEngine make_engine) {
  World world(options_of(make_engine, 4));
  if (!world.begin() || !world.run_ms(3000)) return world.finish();
  SimNode& node = world.node(2);
  node.crash();
  const Result<store::Recovery> journal = store::recover_journal(node.disk());
  if (!journal || journal->segments.empty() || journal->offset < 4096) {
    world.oracle().violate("The script needs a longer journal.");
    return world.finish();
  }
  node.disk().flip(store::segment_name(journal->segments.back().number), 600, 4);
  const std::optional<Error> refused = node.try_start();
  if (!refused) {
    world.oracle().violate("Node 2 starts with a damaged journal.");
  } else if (refused->code != Errc::corrupt) {
    world.oracle().violate("Node 2 refuses for another reason: " + refused->message);
  } else {
    node.crash();
    world.faults().watch_nodes();
    world.readmit(2);
    world.run_until(10'000, [&] { return !node.away(); });
    world.run_ms(3000);
  }
  return world.finish();
}

// All disks fill up; every node stops with a sentence; with room again, all is as it was.
WorldReport every_disk_fills_up(replica::Replica::MakeEngine make_engine) {
  World world(options_of(make_engine, 5));
  if (!world.begin()) return world.finish();
  for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) world.node(seat).fill_disk();
  const auto leaderless = [&] { return world.leader() == nullptr; };
  if (!world.run_until(60'000, leaderless) && world.oracle().violations().empty()) {
    world.oracle().violate("The nodes go on without room on their disks.");
  }
  world.run_ms(2000);
  for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) world.node(seat).free_disk();
  start_all(world);
  return world.finish();
}

// What is due happens while no client speaks, also after the leader is gone, and on every node
// alike.
WorldReport due_things_happen_without_clients(replica::Replica::MakeEngine make_engine) {
  World world(options_of(make_engine, 6));
  if (!world.begin()) return world.finish();
  for (int round = 0; round < 10; ++round) {
    world.rest_clients(false);
    if (!world.run_ms(1500)) break;
    world.rest_clients(true);
    world.run_ms(500);  // What was under way is answered.
    const LogIndex quiet = world.oracle().last_block();
    if (SimNode* leader = world.leader(); leader != nullptr && round % 2 == 1) leader->crash();
    world.run_ms(12'000);  // Longer than anything that the clients set lasts.
    if (world.oracle().last_block() <= quiet) world.oracle().violate("Nothing happened by time.");
    for (std::uint32_t seat = 1; seat <= world.nodes(); ++seat) {
      const std::optional<WallTimeMs> due = world.node(seat).next_timer();
      // The nodes' clocks differ by up to half a second here, and a leader has 100 ms.
      if (due && due->value < world.good_clock().value - 1'000) {
        world.oracle().violate("Node " + std::to_string(seat) + " lets something wait.");
      }
    }
    start_all(world);
    if (!world.oracle().violations().empty()) break;
  }
  world.rest_clients(false);
  return world.finish();
}

}  // namespace

const std::vector<Script>& scripts() {
  static const std::vector<Script> all = {
      {"sole_voter_loses_power_after_answers", sole_voter_loses_power_after_answers},
      {"everyone_loses_power_after_an_answer", everyone_loses_power_after_an_answer},
      {"every_voter_crashes_after_its_vote", every_voter_crashes_after_its_vote},
      {"a_damaged_journal_is_refused", a_damaged_journal_is_refused},
      {"every_disk_fills_up", every_disk_fills_up},
      {"due_things_happen_without_clients", due_things_happen_without_clients},
  };
  return all;
}

}  // namespace oki::sim
