// Thousands of commands from a seed: what must hold after each, whatever came before.
#include <gtest/gtest.h>

#include <set>

#include "response/gate.h"
#include "response/testing/random_commands.h"

namespace oki::response {
namespace {

// What a reader of the events alone would have to find true.
class Reader {
 public:
  void see(const World& world) {
    for (const PageDue& page : world.told<PageDue>()) {
      ASSERT_TRUE(pages_.insert(page.page).second) << "the same page twice";
    }
    for (const NoticeApproved& approved : world.told<NoticeApproved>()) {
      const auto notice = notify::read_notice(approved.notice);
      ASSERT_TRUE(notice.has_value());
      ASSERT_EQ(notice->number, ++notices_[notice->incident]) << "a gap";
      ASSERT_NE(notice->approved_by.size(), 1u) << "one person alone";
      if (notice->approved_by.size() == 2) {
        ASSERT_NE(world.incident(approved.incident.value).notices.back().by, PersonId{});
      }
    }
    for (const StepDue& step : world.told<StepDue>()) {
      ASSERT_TRUE(steps_.insert({step.incident, step.step}).second) << "the same step twice";
    }
  }

 private:
  std::set<std::uint32_t> pages_;
  std::map<std::string, std::uint32_t> notices_;
  std::set<std::pair<IncidentId, std::uint32_t>> steps_;
};

// Nothing becomes resolved but through the gate, and nothing that a gate shut is called resolved.
void resolved_is_earned(const World& world) {
  for (const RowAdded& told : world.told<RowAdded>()) {
    if (told.row.kind != RowKind::resolved) continue;
    const Incident& incident = world.incident(told.incident.value);
    ASSERT_GE(incident.run.last.value - incident.run.since.value, gate_span_ms_min);
    std::uint64_t trades = 0;
    for (const auto& [speaker, prober] : incident.run.probers) trades += prober.trades;
    ASSERT_GE(trades, gate_trades_min);
    ASSERT_GE(incident.run.probers.size(), 2u);
  }
}

void walk(std::uint64_t seed, int steps, std::set<RowKind>& kinds) {
  World world;
  world.furnish();
  World twin;
  twin.furnish();
  RandomCommands random(seed);
  Reader reader;
  for (int step = 0; step < steps; ++step) {
    const std::int64_t pause = random.pause();
    world.advance(pause);
    twin.advance(pause);
    const Command command = random.next(world.state(), world.now());
    const Bytes bytes = encode(command);
    ASSERT_EQ(decode_command(bytes), command);
    const Reply reply = world.send_bytes(bytes);
    ASSERT_EQ(twin.send_bytes(bytes), reply);
    ASSERT_NO_FATAL_FAILURE(reader.see(world));
    ASSERT_NO_FATAL_FAILURE(resolved_is_earned(world));
    for (const RowAdded& told : world.told<RowAdded>()) kinds.insert(told.row.kind);
    if (step % 97 != 0) continue;
    // One goes on from its snapshot, the other as it was: the bytes stay equal.
    const Bytes snapshot = world.machine.snapshot();
    ASSERT_EQ(twin.machine.snapshot(), snapshot);
    ResponseMachine restored;
    ASSERT_TRUE(restored.restore(snapshot));
    ASSERT_EQ(restored.snapshot(), snapshot);
    ASSERT_EQ(restored.next_timer(), world.machine.next_timer());
    twin.machine = restored;
  }
  EXPECT_GT(world.state().incident_last.value, 2u);
}

TEST(ResponseWalkTest, HoldsWhateverIsSaidAndGoesOnFromAnySnapshot) {
  std::set<RowKind> kinds;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    ASSERT_NO_FATAL_FAILURE(walk(seed, 3'000, kinds));
  }
  EXPECT_GE(kinds.size(), 40u) << "the walk stays in one corner of what can happen";
}

// A reader of events who keeps rows has the timelines of the machine.
TEST(ResponseWalkTest, TheTimelineIsWhatTheEventsTold) {
  World world;
  world.furnish();
  RandomCommands random(7);
  std::map<IncidentId, std::vector<Row>> rows;
  for (int step = 0; step < 3'000; ++step) {
    world.advance(random.pause());
    world.send(random.next(world.state(), world.now()));
    for (const RowAdded& told : world.told<RowAdded>()) rows[told.incident].push_back(told.row);
  }
  for (const auto& [id, incident] : world.state().incidents) {
    ASSERT_EQ(incident.rows.size(), rows[id].size());
    for (std::size_t i = 0; i < incident.rows.size(); ++i) {
      Row row = incident.rows[i];
      row.index = {};
      row.hash = 0;
      ASSERT_EQ(row, rows[id][i]);
    }
  }
}

// Sources alone, however they lie, flap or fall silent: nothing ends without proofs.
TEST(ResponseWalkTest, WithoutProofsNothingEverEnds) {
  World world;
  world.furnish();
  RandomCommands random(11);
  for (int step = 0; step < 4'000; ++step) {
    world.advance(random.pause());
    Command command = random.next(world.state(), world.now());
    if (std::holds_alternative<Prove>(command)) command = Tick{};
    world.send(command);
    for (const RowAdded& told : world.told<RowAdded>()) {
      ASSERT_NE(told.row.kind, RowKind::resolved);
      ASSERT_NE(told.row.kind, RowKind::monitoring);
    }
  }
}

}  // namespace
}  // namespace oki::response
