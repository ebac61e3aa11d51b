// Three watches and the world outside: what an incident has to tell is told once, also when the
// leading watch dies at any moment of it.
#include "watch/conductor/conductor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "notify/notice_template.h"
#include "watch/conductor/first_notice.h"
#include "watch/conductor/house_plan.h"
#include "watch/testing/watch_world.h"

namespace oki::watch {
namespace {

using response::ToldOutcome;
using testing::WatchWorld;

constexpr std::int64_t store_ms = 4;
constexpr std::int64_t send_ms = 6;

// The other sides: one that knows a repetition by its key, and one that does not.
struct Outside {
  std::map<std::string, int> keyed;    // Shown once, however often it comes.
  std::map<std::string, int> keyless;  // Shown as often as it comes.
  std::map<std::string, int> calls;
};

// The outbox of one watch. It is on disk: a crash loses what was not stored, and leaves in doubt
// what was on its way.
struct Outbox {
  enum class Step { stored, sending, sent, held };
  std::map<std::string, Step> keyed, keyless, calls;
};

struct Attendant {
  Attendant(WatchWorld& its_world, WatchNode& its_node, Outbox& its_outbox, Outside& its_outside)
      : world(its_world), node(its_node), outbox(its_outbox), outside(its_outside) {
    // What a dead process left on its way.
    for (auto& [name, step] : outbox.keyless) {
      if (step == Outbox::Step::sending) step = Outbox::Step::held;
    }
    for (auto* each : {&outbox.keyed, &outbox.calls}) {
      for (auto& [name, step] : *each) {
        if (step == Outbox::Step::sending) step = Outbox::Step::stored;
      }
    }
    pump();
    conductor = std::make_unique<Conductor>(
        Conductor::Parts{world.clock, world.timers, world.log, its_node}, hooks());
  }

  void after(std::int64_t ms, std::function<void()> action) {
    world.timers.after_ms(ms, [lives = std::weak_ptr<bool>(lives), action = std::move(action)] {
      if (!lives.expired()) action();
    });
  }

  void pump() {
    send_all(outbox.keyed, outside.keyed);
    send_all(outbox.keyless, outside.keyless);
    send_all(outbox.calls, outside.calls);
  }
  void send_all(std::map<std::string, Outbox::Step>& all, std::map<std::string, int>& to) {
    for (auto& [name, step] : all) {
      if (step != Outbox::Step::stored) continue;
      step = Outbox::Step::sending;
      after(send_ms / 2, [&to, name = name] { ++to[name]; });
      after(send_ms, [&step = step] { step = Outbox::Step::sent; });
    }
  }
  void store(std::function<void()> change, WorldHooks::Done done) {
    after(store_ms, [this, change = std::move(change), done = std::move(done)] {
      change();
      done({});
      pump();
    });
  }

  static std::string name(const notify::Notice& notice) {
    return notice.incident + "/" + std::to_string(notice.number);
  }
  static TellingProof proof(const char* channel, Outbox::Step step) {
    return {channel, step == Outbox::Step::stored || step == Outbox::Step::sending,
            step == Outbox::Step::sent ? ToldOutcome::sent : ToldOutcome::unknown, "id"};
  }

  void record(const response::StepDue& due, response::StepState to,
              std::function<void(bool)> then) {
    response::RecordStep step{{}, due.incident, due.step, to, "digest", "", node.seat()};
    node.submit(step, [then = std::move(then)](const Result<response::Reply>& reply) {
      then(reply && reply->refusal == response::Refusal::none);
    });
  }

  WorldHooks hooks() {
    WorldHooks hooks;
    hooks.write = [](notify::Notice& notice) {
      return notify::NoticeTemplates::standard().write(notice, {"https://status.example", "", ""});
    };
    hooks.publish = [this](const notify::Notice& notice, bool in_doubt, WorldHooks::Done done) {
      store(
          [this, name = name(notice), in_doubt] {
            outbox.keyed.try_emplace(name, Outbox::Step::stored);
            outbox.keyless.try_emplace(name, in_doubt ? Outbox::Step::held : Outbox::Step::stored);
          },
          std::move(done));
    };
    hooks.notice_proofs = [this](const notify::Notice& notice) -> std::vector<TellingProof> {
      return {proof("keyed", outbox.keyed.at(name(notice))),
              proof("keyless", outbox.keyless.at(name(notice)))};
    };
    hooks.call = [this](const Call& call, bool, WorldHooks::Done done) {
      store([this, name = std::to_string(
                       call.page)] { outbox.calls.try_emplace(name, Outbox::Step::stored); },
            std::move(done));
    };
    hooks.call_proofs = [this](const Call& call) -> std::vector<TellingProof> {
      return {proof("calls", outbox.calls.at(std::to_string(call.page)))};
    };
    hooks.run_step = [this](const response::StepDue& due) {
      record(due, response::StepState::started, [this, due](bool taken) {
        if (!taken) return;
        after(20, [this, due] { record(due, response::StepState::done, [](bool) {}); });
        after(40, [this, due] { record(due, response::StepState::verified, [](bool) {}); });
      });
    };
    hooks.automatic_steps = [](const response::State&, response::IncidentId id) {
      return std::vector<response::RequestStep>{{{}, id, "restart edge", "look"}};
    };
    hooks.write_draft = [this](response::IncidentId, auto done) {
      after(10, [done] { done(std::string("abc")); });
    };
    return hooks;
  }

  WatchWorld& world;
  WatchNode& node;
  Outbox& outbox;
  Outside& outside;
  std::shared_ptr<bool> lives = std::make_shared<bool>(true);
  std::unique_ptr<Conductor> conductor;
};

std::vector<response::Change> some_house() {
  std::vector<response::Change> house = plan_house({2, 3, 3, {"btc_jpy", "eth_jpy"}});
  house.emplace_back(
      response::PutRunbook{"restart edge", {"abc", {{"look", response::Approval::automatic}}}});
  house.emplace_back(response::PutPerson{{1}, {"Aki", {"mail:aki"}, response::rights_all, false}});
  response::Escalation escalation;
  escalation.steps = {{{{response::TargetKind::person, {1}, "", {}}}, 600'000}};
  house.emplace_back(response::SetEscalation{response::Severity::sev1, escalation});
  return house;
}

struct ConductorTest : ::testing::Test {
  ConductorTest() {
    replica::seed_raft_engine(1);
    world.attend = [this](std::uint32_t seat, WatchNode& node) {
      return std::make_shared<Attendant>(world, node, outboxes[seat], outside);
    };
    world.start_all();
    EXPECT_TRUE(world.run_until([this] { return state().house.people.size() == 1; }));
    world.run_ms(1'500);  // Everybody has said that he is there.
  }

  const response::State& state() { return world.node(world.leader()).state(); }

  void tell(std::uint32_t seat, bool firing) {
    response::Observe observe;
    observe.speaker = "prober 1";
    response::Signal& signal = observe.signal;
    signal.key = "cross/btc_jpy";
    signal.source = response::Source::test_trade;
    signal.kind = response::SignalKind::down;
    signal.trust = response::Trust::proof;
    signal.firing = firing;
    signal.state = firing ? notify::State::major_outage : notify::State::operational;
    signal.components = {{notify::ComponentKind::market, "btc_jpy"}};
    signal.since = signal.seen = world.clock.wall_now();
    signal.words = "Two test trades failed.";
    world.node(seat).tell()(observe);
  }

  void healthy_second(std::uint32_t seat) {
    const WallTimeMs from = world.clock.wall_now();
    world.run_ms(1'000);
    const WallTimeMs now = world.clock.wall_now();
    for (const char* prober : {"prober 1", "prober 2"}) {
      world.node(seat).tell()(response::Prove{prober, from, now, 4, 0});
    }
    for (std::uint8_t kind = 0; kind < response::check_kinds; ++kind) {
      world.node(seat).tell()(
          response::Check{"checker", static_cast<response::CheckKind>(kind), true, now});
    }
    world.run_ms(20);
  }

  bool first_notice_is_told() {
    return world.run_until([this] {
      if (world.leader() == 0 || state().incidents.empty()) return false;
      const auto& notices = state().incidents.at({1}).notices;
      return !notices.empty() && notices[0].told;
    });
  }

  Outside outside;
  std::map<std::uint32_t, Outbox> outboxes;
  WatchWorld world{3, replica::make_raft_engine, some_house()};
};

TEST_F(ConductorTest, AnIncidentIsToldFromItsBeginningToItsEnd) {
  const std::uint32_t leader = world.leader();
  const MonoTimeNs fault = world.clock.mono_now();
  tell(leader, true);
  ASSERT_TRUE(world.run_until([&] { return outside.keyless.contains("inc1/1"); }, 1'000));
  EXPECT_LE(world.clock.mono_now() - fault, 100 * ns_per_ms);  // Without network and disk.
  ASSERT_TRUE(first_notice_is_told());
  const response::Incident& incident = state().incidents.at({1});
  const notify::Notice notice = notify::read_notice(incident.notices[0].notice).value();
  ASSERT_EQ(notice.affected.size(), 1u);
  EXPECT_EQ(notice.affected[0].id.name, "btc_jpy");
  EXPECT_NE(std::ranges::find(notice.unaffected,
                              notify::ComponentId{notify::ComponentKind::market, "eth_jpy"}),
            notice.unaffected.end());
  EXPECT_EQ(notice.next_update_at->value, notice.at.value + promise_ms(response::Severity::sev1));
  EXPECT_EQ(incident.notices[0].channels.size(), 2u);
  EXPECT_EQ(outside.calls, (std::map<std::string, int>{{"1", 1}}));
  ASSERT_TRUE(world.run_until([&] {
    return !state().incidents.at({1}).steps.empty() &&
           state().incidents.at({1}).steps[0].state == response::StepState::verified;
  }));
  tell(leader, false);
  for (int second = 0; second < 35; ++second) healthy_second(leader);
  EXPECT_EQ(state().incidents.at({1}).phase, response::Phase::resolved);
  ASSERT_TRUE(world.run_until([&] { return outside.keyless.contains("inc1/2"); }));
  EXPECT_TRUE(world.run_until([&] { return state().incidents.at({1}).postmortem.draft == "abc"; }));
  EXPECT_EQ(outside.keyless, (std::map<std::string, int>{{"inc1/1", 1}, {"inc1/2", 1}}));
  EXPECT_EQ(state().incidents.at({1}).steps.size(), 1u);
}

// The leading watch dies a little later each time: before, while and after it proposes, takes,
// stores and sends.
TEST_F(ConductorTest, NothingIsLostOrDoubledWhenTheLeaderDies) {
  int in_doubt = 0;
  for (std::int64_t moment = 0; moment < 60; moment += 4) {
    outside = {};
    outboxes.clear();
    WatchWorld fresh(3, replica::make_raft_engine, some_house());
    fresh.attend = [this, &fresh](std::uint32_t seat, WatchNode& node) {
      return std::make_shared<Attendant>(fresh, node, outboxes[seat], outside);
    };
    fresh.start_all();
    fresh.run_ms(3'000);
    const std::uint32_t leader = fresh.leader();
    response::Observe observe;
    observe.speaker = "prober 1";
    observe.signal.key = "cross/btc_jpy";
    observe.signal.source = response::Source::test_trade;
    observe.signal.trust = response::Trust::proof;
    observe.signal.firing = true;
    observe.signal.state = notify::State::major_outage;
    observe.signal.components = {{notify::ComponentKind::market, "btc_jpy"}};
    observe.signal.since = observe.signal.seen = fresh.clock.wall_now();
    observe.signal.words = "Two test trades failed.";
    fresh.node(leader % 3 + 1).tell()(observe);
    fresh.run_ms(moment);
    fresh.crash(leader);
    fresh.run_ms(8'000);
    // Whoever knows a repetition has it once; whoever does not has it at most once.
    EXPECT_GE(outside.keyed["inc1/1"], 1) << moment;
    EXPECT_LE(outside.keyless["inc1/1"], 1) << moment;
    EXPECT_GE(outside.calls["1"], 1) << moment;
    const auto& notice = fresh.node(fresh.leader()).state().incidents.at({1}).notices.at(0);
    const bool doubted = notice.taken_over && !notice.told;
    in_doubt += doubted;
    EXPECT_EQ(fresh.node(fresh.leader()).state().incidents.at({1}).notices.size(), 1u) << moment;
    fresh.start(leader);
    fresh.run_ms(8'000);
    EXPECT_LE(outside.keyless["inc1/1"], 1) << moment;
    if (!doubted) {
      EXPECT_EQ(outside.keyless["inc1/1"], 1) << moment;
    }
    EXPECT_TRUE(fresh.node(fresh.leader()).state().pages.empty()) << moment;
  }
  EXPECT_GT(in_doubt, 0);  // Some moments really were between the two.
}

}  // namespace
}  // namespace oki::watch
