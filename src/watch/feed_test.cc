#include "watch/feed.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "base/testing/stepped.h"
#include "response/response_machine.h"
#include "watch/page_feed.h"
#include "watch/speakers.h"

namespace oki::watch {
namespace {

using response::Check;
using response::CheckKind;
using response::Observe;
using response::Prove;

// One page of one process, which answers, hangs or lies as it is told.
struct FakePage {
  enum class Mode { answers, hangs, fails } mode = Mode::answers;
  std::function<std::string(const std::string& target)> body;
  std::vector<net::HttpClient::Done> hanging;
  std::uint64_t break_each = 0;  // Every so manieth request breaks; 0: none.
  std::uint64_t asked = 0;
  std::uint16_t broken_status = 0;  // With it they do not break but are answered so.

  Send send(Timers& timers) {
    return [this, &timers](net::HttpRequest request, net::HttpClient::Done done) {
      if (mode == Mode::hangs) return hanging.push_back(std::move(done));
      if (break_each > 0 && ++asked % break_each == 0) {
        timers.after_ms(1, [this, done = std::move(done)] {
          if (broken_status == 0) return done(error(Errc::io, "reset"));
          done(net::text_response(broken_status, "no"));
        });
        return;
      }
      timers.after_ms(1, [this, target = request.target, done = std::move(done)] {
        if (mode != Mode::answers) return done(error(Errc::unavailable, "nobody there"));
        done(net::text_response(200, body(target)));
      });
    };
  }
};

class FeedTest : public ::testing::Test {
 protected:
  void make(std::uint32_t watches = 1) {
    Feed::Options options;
    options.number = 1;
    options.watches = watches;
    options.edges = 2;
    options.nodes = 2;
    options.markets = {"btc_jpy", "eth_jpy"};
    for (std::size_t i = 0; i < 2; ++i) {
      edges_[i].body = [this, i](const std::string&) { return edge_page(i); };
      nodes_[i].body = [this, i](const std::string& target) { return node_page(i, target); };
      options.edge_pages.push_back(edges_[i].send(timers_));
      options.node_pages.push_back(nodes_[i].send(timers_));
      pulses_[i].body = [](const std::string&) { return "{}"; };
      options.pulses.push_back(pulses_[i].send(timers_));
    }
    feed_ = std::make_unique<Feed>(
        Feed::Parts{clock_, timers_, metrics_,
                    [this](response::Command command) { told_.push_back(std::move(command)); }},
        std::move(options));
    feed_->start();
  }

  std::string edge_page(std::size_t edge) {
    const std::uint64_t count = requests_[edge];
    return "okiagari_edge_requests_total{class=\"query\"} " + std::to_string(reads_[edge] + count) +
           "\nokiagari_edge_requests_total{class=\"update\"} " + std::to_string(count) +
           "\nokiagari_edge_unserved_total 0\nokiagari_edge_commands_not_taken_total " +
           std::to_string(errors_[edge]) +
           "\nokiagari_edge_commands_unknown_total 0\nokiagari_edge_command_seconds_count " +
           std::to_string(count) + "\nokiagari_edge_command_seconds_sum " +
           std::to_string(count / 250) + ".004\n";
  }
  std::string node_page(std::size_t node, const std::string& target) {
    if (target == "/metrics") {
      const std::uint64_t ended = std::min(syncs_, sync_stuck_[node]);
      return "okiagari_replica_fsync_seconds_count " + std::to_string(ended) +
             "\nokiagari_replica_fsyncs_begun_total " + std::to_string(ended + 1) +
             "\nokiagari_replica_fsync_seconds_sum " + std::to_string(sync_s_) + ".0\n";
    }
    const std::string leader = leaderless_ ? "0" : "1";
    return "{\"started\":true,\"leader_seat\":" + leader +
           ",\"applied\":" + std::to_string(applied_[node]) + ",\"event_hash\":\"" +
           std::to_string(applied_[node]) + "\",\"quarantined\":" + std::to_string(quarantined_) +
           "}";
  }

  // 100 ms in which customers come, with a round of test trades through every edge.
  void step() {
    for (std::size_t edge = 0; edge < 2; ++edge) {
      requests_[edge] += 50;
      reads_[edge] += more_reads_;
      owed_ppm_[edge] += 100 * error_ppm_;
      errors_[edge] += static_cast<std::uint64_t>(owed_ppm_[edge] / 1'000'000);
      owed_ppm_[edge] %= 1'000'000;
    }
    errors_[0] += errors_per_step_;
    for (std::size_t node = 0; node < 2; ++node) {
      if (!stuck_[node]) applied_[node] += 10;
    }
    syncs_ += 10;
    timers_.advance_ms(50);
    // What is not answered takes its time to fail.
    const bool ends = !is_transport(probes_) || step_ % 5 == 0;
    for (std::size_t prober = 0; ends && prober < 4; ++prober) probe(prober);
    timers_.advance_ms(50);
    if (step_ % 10 == 0) feed_->on_ledger(ledger_explained_);
    ++step_;
  }
  void probe(std::size_t prober) {
    ProbeResult result;
    result.check = static_cast<std::size_t>(step_ % 3);
    result.reason = drained_ == prober / 2 ? ProbeReason::unavailable : probes_;
    result.ok = result.reason == ProbeReason::none;
    result.reached = result.ok || !is_transport(probes_);
    result.started = clock_.mono_now() + -20 * ns_per_ms;
    result.ended = clock_.mono_now();
    result.started_wall = {clock_.wall_now().value - 20};
    result.reads.made = 1;
    result.orders = {2, orders_turned_away_};
    feed_->on_probe(prober, result);
  }
  // Until a signal of the kind fires; the time it took, or -1.
  std::int64_t ms_until(response::SignalKind kind, std::int64_t limit_ms = 20'000) {
    for (std::int64_t ms = 100; ms <= limit_ms; ms += 100) {
      step();
      if (signal(kind) != nullptr) return ms;
    }
    return -1;
  }
  void run_ms(std::int64_t ms) {
    for (std::int64_t i = 0; i < ms / 100; ++i) step();
  }
  // The last firing signal of the kind.
  const response::Signal* signal(response::SignalKind kind) const {
    const response::Signal* found = nullptr;
    for (const response::Command& command : told_) {
      const auto* observe = std::get_if<Observe>(&command);
      if (observe == nullptr || observe->signal.kind != kind) continue;
      found = observe->signal.firing ? &observe->signal : nullptr;
    }
    return found;
  }
  bool hears_nothing() const {
    bool firing = false;
    for (const Observe& observe : all<Observe>()) {
      if (observe.signal.key == "watch 1/hears nothing") firing = observe.signal.firing;
    }
    return firing;
  }
  bool claims_down() const {
    for (const Observe& observe : all<Observe>()) {
      const response::Signal& signal = observe.signal;
      if (signal.firing && signal.kind == response::SignalKind::down &&
          signal.trust == response::Trust::proof) {
        return true;
      }
    }
    return false;
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const response::Command& command : told_) {
      if (const auto* one = std::get_if<Kind>(&command)) found.push_back(*one);
    }
    return found;
  }
  // The last word on it, if there is one.
  std::optional<bool> fine(CheckKind kind) const {
    std::optional<bool> last;
    for (const Check& check : all<Check>()) {
      if (check.kind == kind) last = check.fine;
    }
    return last;
  }

  testing::StepClock clock_;
  testing::StepTimers timers_{clock_};
  Metrics metrics_;
  std::array<FakePage, 2> edges_, nodes_, pulses_;
  std::array<std::uint64_t, 2> requests_{1000, 1000}, errors_{}, applied_{100, 100};
  std::array<std::uint64_t, 2> reads_{};
  std::uint64_t more_reads_ = 0;
  std::array<std::int64_t, 2> owed_ppm_{};
  std::array<bool, 2> stuck_{};
  std::int64_t error_ppm_ = 0;
  std::uint64_t quarantined_ = 3;
  std::uint64_t syncs_ = 10, sync_s_ = 1;
  std::array<std::uint64_t, 2> sync_stuck_{UINT64_MAX, UINT64_MAX};  // Which of them never ends.
  bool leaderless_ = false;
  bool ledger_explained_ = true;
  ProbeReason probes_ = ProbeReason::none;
  std::uint32_t orders_turned_away_ = 0;  // Of each test trade.
  std::optional<std::size_t> drained_;    // The edge that refuses everything.
  std::uint64_t errors_per_step_ = 0;     // Of the first edge.
  std::int64_t step_ = 0;
  std::deque<response::Command> told_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedTest, ProvesEachSecondAndChecksWhatIsFine) {
  make();
  run_ms(10'000);
  EXPECT_TRUE(all<Observe>().empty());
  const auto proofs = all<Prove>();
  EXPECT_GE(proofs.size(), 4u * 9);
  std::map<std::string, Prove> last;
  for (const Prove& proof : proofs) {
    EXPECT_EQ(proof.failed, 0u);
    EXPECT_GE(proof.succeeded, 8u);
    const auto before = last.find(proof.speaker);
    if (before != last.end()) {
      EXPECT_EQ(before->second.to, proof.from);
    }
    last[proof.speaker] = proof;
  }
  EXPECT_EQ(last.size(), 4u);
  EXPECT_TRUE(last.contains(prober_speaker(1, 3)));
  EXPECT_EQ(fine(CheckKind::ledger), true);
  EXPECT_EQ(fine(CheckKind::invariants), true);
  EXPECT_EQ(fine(CheckKind::error_rate), true);
  EXPECT_EQ(fine(CheckKind::inquiries), std::nullopt);
}

TEST_F(FeedTest, InquiriesAreQuietWhileTheDeskSaysSoAndNobodyKnowsWithoutIt) {
  make();
  for (int second = 0; second < 10; ++second) {
    feed_->on_inquiries(0, 0);
    run_ms(1'000);
  }
  EXPECT_EQ(fine(CheckKind::inquiries), true);
  for (int second = 0; second < 60; ++second) {
    feed_->on_inquiries(20, 15);
    run_ms(1'000);
  }
  EXPECT_EQ(fine(CheckKind::inquiries), false);
  EXPECT_NE(signal(response::SignalKind::inquiry_surge), nullptr);
  run_ms(inquiries_fresh_ms);
  told_.clear();
  run_ms(2'000);
  EXPECT_EQ(fine(CheckKind::inquiries), std::nullopt);
}

TEST_F(FeedTest, TwoPercentErrorsAreProvenWithinFiveSeconds) {
  make();
  run_ms(20'000);
  error_ppm_ = 20'000;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 4'000);
  EXPECT_EQ(signal(response::SignalKind::errors)->trust, response::Trust::proof);
  run_ms(1'000);
  EXPECT_EQ(fine(CheckKind::error_rate), false);
  run_ms(60'000);
  error_ppm_ = 0;
  run_ms(16'000);
  EXPECT_EQ(signal(response::SignalKind::errors), nullptr);
  EXPECT_EQ(fine(CheckKind::error_rate), true);
}

TEST_F(FeedTest, RequestsThatBreakOnTheWayAreEvidenceOfThisWatchWithinFourSeconds) {
  make();
  run_ms(10'000);
  pulses_[0].break_each = 50;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 4'000);
  const response::Signal found = *signal(response::SignalKind::errors);
  EXPECT_EQ(found.trust, response::Trust::evidence);
  EXPECT_EQ(found.source, response::Source::test_trade);
  EXPECT_EQ(found.key, "watch 1/errors/pulse of edge 1");
  pulses_[0].break_each = 1'000;
  run_ms(60'000);
  EXPECT_EQ(signal(response::SignalKind::errors), nullptr);
}

TEST_F(FeedTest, ReadsThatAreRefusedForLoadAreErrorsAsCustomersFeelThem) {
  for (const auto status : {std::uint16_t{429}, std::uint16_t{503}}) {
    make();
    run_ms(10'000);
    pulses_[0].broken_status = status;
    pulses_[0].break_each = 20;
    const std::int64_t took = ms_until(response::SignalKind::errors);
    EXPECT_GT(took, 0) << status;
    EXPECT_LE(took, 4'000);
    pulses_[0].break_each = 0;
    told_.clear();
  }
}

TEST_F(FeedTest, FirstTriesOfTestTradesThatAreTurnedAwayAreErrorsThoughTheTradesSucceed) {
  make();
  run_ms(10'000);
  EXPECT_EQ(signal(response::SignalKind::errors), nullptr);
  orders_turned_away_ = 1;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 5'000);
  EXPECT_EQ(signal(response::SignalKind::errors)->trust, response::Trust::evidence);
}

TEST_F(FeedTest, OrdersThatFailAreSeenAmongManyReadsThatDoNot) {
  more_reads_ = 5'000;
  make();
  run_ms(20'000);
  error_ppm_ = 30'000;
  const std::int64_t took = ms_until(response::SignalKind::errors);
  EXPECT_GT(took, 0);
  EXPECT_LE(took, 4'000);
  const response::Signal found = *signal(response::SignalKind::errors);
  EXPECT_EQ(found.trust, response::Trust::proof);
  EXPECT_NE(found.key.find("/updates at edge "), std::string::npos) << found.key;
}

TEST_F(FeedTest, ASlowDiskAndTheReplicaThatFallsBehindForItAreOneVoice) {
  make();
  run_ms(10'000);
  sync_stuck_[1] = syncs_;
  stuck_[1] = true;
  run_ms(10'000);
  ASSERT_NE(signal(response::SignalKind::resource), nullptr);
  ASSERT_NE(signal(response::SignalKind::lag), nullptr);
  EXPECT_EQ(signal(response::SignalKind::lag)->source,
            signal(response::SignalKind::resource)->source);
}

TEST_F(FeedTest, AJournalWhoseDiskDoesNotAnswerIsASignOfItsNode) {
  make();
  run_ms(10'000);
  EXPECT_EQ(signal(response::SignalKind::resource), nullptr);
  sync_stuck_[1] = syncs_;
  const std::int64_t took = ms_until(response::SignalKind::resource);
  EXPECT_GT(took, 1'400);
  EXPECT_LE(took, 2'600);
  const response::Signal found = *signal(response::SignalKind::resource);
  EXPECT_EQ(found.key, "watch 1/fsync_stuck_ms/node 2");
  EXPECT_EQ(found.trust, response::Trust::evidence);
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components.front(), (notify::ComponentId{notify::ComponentKind::node, "2"}));
  sync_stuck_[1] = UINT64_MAX;
  run_ms(12'000);
  EXPECT_EQ(signal(response::SignalKind::resource), nullptr);
}

TEST_F(FeedTest, ANodeWithoutALeaderIsNotSilentAndOneThatDoesNotAnswerIs) {
  make();
  run_ms(10'000);
  leaderless_ = true;
  nodes_[1].mode = FakePage::Mode::hangs;
  run_ms(3'000);
  std::set<std::string> silent;
  for (const Observe& observe : all<Observe>()) {
    if (observe.signal.kind != response::SignalKind::source_silent) continue;
    for (const auto& component : observe.signal.components) silent.insert(component.name);
  }
  EXPECT_EQ(silent, std::set<std::string>{"2"});
  // What it says of the ledger is not believed meanwhile.
  run_ms(page_fresh_ms);
  told_.clear();
  run_ms(2'000);
  EXPECT_EQ(fine(CheckKind::invariants), std::nullopt);
}

TEST_F(FeedTest, AnEdgeThatIsTakenOutIsNoNewsWhileTheOtherServes) {
  make();
  run_ms(10'000);
  feed_->on_drained(0, true);
  drained_ = 0;
  pulses_[0].mode = FakePage::Mode::fails;
  told_.clear();
  run_ms(60'000);
  EXPECT_TRUE(all<Observe>().empty()) << all<Observe>().front().signal.key;
  for (const Prove& proof : all<Prove>()) EXPECT_EQ(proof.failed, 0u);
  EXPECT_EQ(fine(CheckKind::error_rate), true);
}

TEST_F(FeedTest, WhatWasFoundAtAnEdgeEndsWhenItIsTakenOut) {
  make();
  run_ms(10'000);
  drained_ = 0;
  pulses_[0].mode = FakePage::Mode::fails;
  errors_per_step_ = 20;
  run_ms(5'000);
  EXPECT_NE(signal(response::SignalKind::down), nullptr);
  EXPECT_NE(signal(response::SignalKind::errors), nullptr);
  errors_per_step_ = 0;
  feed_->on_drained(0, true);
  run_ms(16'000);
  std::map<std::string, bool> firing;
  for (const Observe& observe : all<Observe>()) {
    firing[observe.signal.key] = observe.signal.firing;
  }
  for (const auto& [key, fires] : firing) EXPECT_FALSE(fires) << key;
}

TEST_F(FeedTest, WhenBothEdgesSayTheyAreTakenOutThatIsAnOutage) {
  make();
  run_ms(10'000);
  feed_->on_drained(0, true);
  feed_->on_drained(1, true);
  probes_ = ProbeReason::unavailable;
  EXPECT_GT(ms_until(response::SignalKind::down), 0);
}

TEST_F(FeedTest, AnEdgeThatHangsIsAskedNoMoreThanItMay) {
  make();
  run_ms(5'000);
  pulses_[1].mode = FakePage::Mode::hangs;
  run_ms(5'000);
  EXPECT_EQ(pulses_[1].hanging.size(), pulse_in_flight_max);
}

TEST_F(FeedTest, ADeadEdgePageIsAHintAndKeepsTheErrorsFromBeingFine) {
  make();
  run_ms(10'000);
  edges_[1].mode = FakePage::Mode::hangs;
  run_ms(10'000);
  ASSERT_NE(signal(response::SignalKind::source_silent), nullptr);
  EXPECT_EQ(signal(response::SignalKind::source_silent)->trust, response::Trust::hint);
  EXPECT_EQ(edges_[1].hanging.size(), 1u);  // Never two questions at once.
  EXPECT_EQ(fine(CheckKind::error_rate), false);
  for (const Observe& observe : all<Observe>()) {
    EXPECT_EQ(observe.signal.trust, response::Trust::hint) << observe.signal.key;
  }
}

TEST_F(FeedTest, PagesThatLieOpenNothing) {
  make();
  run_ms(10'000);
  const std::string lies[] = {"", std::string(2 * 256 * 1024, 'x'),
                              "okiagari_edge_requests_total 18446744073709551615\n",
                              "{\"applied\":-1}", std::string(1000, '\0')};
  std::uint64_t round = 0;
  for (FakePage& page : edges_) {
    page.body = [&](const std::string&) { return lies[round++ % 5]; };
  }
  nodes_[1].body = [&](const std::string& target) {
    if (target == "/metrics") return lies[round++ % 5];
    return std::string("{\"leader_seat\":1,\"applied\":7,\"event_hash\":\"x\",\"quarantined\":") +
           std::to_string(round++ % 1'000'000) + "}";
  };
  run_ms(60'000);
  for (const Observe& observe : all<Observe>()) {
    EXPECT_TRUE(observe.signal.trust == response::Trust::hint ||
                observe.signal.kind == response::SignalKind::lag)
        << observe.signal.key;
    EXPECT_TRUE(response::check(observe.signal)) << observe.signal.key;
  }
}

TEST_F(FeedTest, ANewQuarantineIsAProofAndAnOldOneIsNone) {
  make();
  run_ms(10'000);
  EXPECT_EQ(signal(response::SignalKind::wrong), nullptr);
  ++quarantined_;
  EXPECT_LE(ms_until(response::SignalKind::wrong), 1'500);
  ASSERT_NE(signal(response::SignalKind::wrong), nullptr);
  EXPECT_EQ(signal(response::SignalKind::wrong)->trust, response::Trust::proof);
  run_ms(2'000);
  EXPECT_EQ(fine(CheckKind::invariants), false);
  run_ms(wrong_holds_ms + 20'000);
  EXPECT_EQ(signal(response::SignalKind::wrong), nullptr);
  EXPECT_EQ(fine(CheckKind::invariants), true);
}

TEST_F(FeedTest, ANodeThatFallsBehindAndADiskThatIsSlowAreEvidence) {
  make();
  run_ms(10'000);
  stuck_[1] = true;
  EXPECT_LE(ms_until(response::SignalKind::lag), 8'000);
  ASSERT_NE(signal(response::SignalKind::lag), nullptr);
  EXPECT_EQ(signal(response::SignalKind::lag)->components.front().name, "2");
  for (int i = 0; i < 100 && signal(response::SignalKind::resource) == nullptr; ++i) {
    sync_s_ += 2;
    step();
  }
  ASSERT_NE(signal(response::SignalKind::resource), nullptr);
  EXPECT_EQ(signal(response::SignalKind::resource)->trust, response::Trust::evidence);
}

TEST_F(FeedTest, ANodeThatIsAwayIsEvidenceAfterAWhile) {
  make();
  feed_->on_nodes({true, false});
  run_ms(node_missing_ms - 100);
  feed_->on_nodes({true, false});
  EXPECT_EQ(signal(response::SignalKind::down), nullptr);
  run_ms(200);
  feed_->on_nodes({true, false});
  ASSERT_NE(signal(response::SignalKind::down), nullptr);
  EXPECT_EQ(signal(response::SignalKind::down)->trust, response::Trust::evidence);
}

TEST_F(FeedTest, ALonelyWatchClaimsAnOutage) {
  make(1);
  run_ms(5'000);
  probes_ = ProbeReason::timeout;
  for (FakePage& page : edges_) page.mode = FakePage::Mode::hangs;
  for (FakePage& page : nodes_) page.mode = FakePage::Mode::hangs;
  EXPECT_GT(ms_until(response::SignalKind::down), 0);
  EXPECT_EQ(signal(response::SignalKind::down)->trust, response::Trust::proof);
}

TEST_F(FeedTest, OneOfThreeThatHearsNothingClaimsNoOutageUntilItHearsSomething) {
  make(3);
  run_ms(5'000);
  probes_ = ProbeReason::timeout;
  for (FakePage& page : edges_) page.mode = FakePage::Mode::hangs;
  for (FakePage& page : nodes_) page.mode = FakePage::Mode::fails;
  run_ms(1'500);
  EXPECT_TRUE(hears_nothing());
  run_ms(30'000);
  EXPECT_TRUE(hears_nothing());
  EXPECT_FALSE(claims_down());
  nodes_[0].mode = FakePage::Mode::answers;
  run_ms(seen_again_ms - 500);
  EXPECT_FALSE(claims_down());
  run_ms(2'000);
  EXPECT_TRUE(claims_down());
  EXPECT_FALSE(hears_nothing());
}

TEST_F(FeedTest, ALineThatComesBackIsNeverToldAsAnOutage) {
  make(3);
  for (const std::int64_t broken_ms : {700, 1'100, 1'500, 5'000, 21'000}) {
    run_ms(20'000);
    probes_ = ProbeReason::timeout;
    for (FakePage& page : edges_) page.mode = FakePage::Mode::fails;
    for (FakePage& page : nodes_) page.mode = FakePage::Mode::fails;
    run_ms(broken_ms);
    probes_ = ProbeReason::none;
    for (FakePage& page : edges_) page.mode = FakePage::Mode::answers;
    for (FakePage& page : nodes_) page.mode = FakePage::Mode::answers;
    run_ms(20'000);
  }
  EXPECT_FALSE(claims_down());
  EXPECT_FALSE(hears_nothing());
}

TEST_F(FeedTest, DeadEdgesAreClaimedAtOnceWhileNodesAnswer) {
  make(3);
  run_ms(5'000);
  probes_ = ProbeReason::timeout;
  for (FakePage& page : edges_) page.mode = FakePage::Mode::hangs;
  EXPECT_GT(ms_until(response::SignalKind::down), 0);
  EXPECT_EQ(signal(response::SignalKind::down)->trust, response::Trust::proof);
  EXPECT_FALSE(hears_nothing());
}

TEST_F(FeedTest, WhatItSaysIsTakenByTheIncidentMachine) {
  make();
  response::ResponseMachine machine;
  const auto give = [&] {
    for (const response::Command& command : std::exchange(told_, {})) {
      Bytes reply, events;
      machine.apply(clock_.wall_now(), response::encode(command), reply, events);
      const auto read = response::decode_reply(reply);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->refusal, response::Refusal::none) << response::name(read->refusal);
    }
  };
  for (int i = 0; i < 100; ++i) {
    step();
    give();
  }
  EXPECT_TRUE(machine.state().incidents.empty());
  probes_ = ProbeReason::refused;
  for (int i = 0; i < 20; ++i) {
    step();
    give();
  }
  ASSERT_EQ(machine.state().incidents.size(), 1u);
  EXPECT_EQ(machine.state().incidents.begin()->second.phase, response::Phase::investigating);
}

TEST(Speakers, OnlyWatchesMustSpeakAndNamesAreNames) {
  const auto all = speakers(3, 2);
  EXPECT_EQ(all.size(), 3u * 5);
  std::size_t must = 0;
  for (const response::PutSpeaker& one : all) must += one.speaker.silent_ms > 0 ? 1 : 0;
  EXPECT_EQ(must, 3u);
  EXPECT_EQ(all[0].name, "watch 1");
  EXPECT_EQ(all[1].name, "watch 1 prober 1");
}

}  // namespace
}  // namespace oki::watch
