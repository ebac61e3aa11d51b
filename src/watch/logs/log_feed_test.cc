// What log files that flood, lie, flap or are rubbish can do to the incident machine, and to the
// loop that reads them.
#include "watch/logs/log_feed.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "base/testing/stepped.h"
#include "response/signals.h"
#include "response/testing/response_world.h"

namespace oki::watch::logs {
namespace {

using response::Phase;

struct LogFeedTest : ::testing::Test {
  LogFeedTest() {
    // Parts that do not need each other, so that their incidents do not join.
    response::SetTopology topology;
    for (int node = 1; node <= 20; ++node) {
      const notify::ComponentId id{notify::ComponentKind::node, std::to_string(node)};
      topology.components.push_back({id, 1, {}});
      options.processes["node " + id.name] = id;
    }
    topology.components.push_back({{notify::ComponentKind::market, "btc_jpy"}, 1, {}});
    EXPECT_EQ(world.send(response::Configure{{}, topology}).refusal, response::Refusal::none);
    clock.jump_wall_ms(world.now().value - clock.wall_now().value);
  }

  void start() {
    feed = std::make_unique<LogFeed>(
        LogFeed::Parts{clock, timers, metrics,
                       [this](const response::Command& command) { hear(command); },
                       [this](LogReader::Done done) {
                         ++reads;
                         done(std::exchange(next, {}));
                       }},
        "watch 1", options);
    feed->start();
  }
  void hear(const response::Command& command) {
    ++told;
    refused += world.send(command).refusal != response::Refusal::none;
    approved += world.told<response::NoticeApproved>().size();
    for (const auto& change : world.told<response::IncidentChanged>()) {
      resolved += change.phase >= Phase::resolved ? 1 : 0;
    }
  }
  void pass(std::int64_t ms) {
    for (; ms > 0; ms -= 10) {
      world.advance(10);
      timers.advance_ms(10);
    }
  }
  void learned() {
    start();
    pass(options.learn_ms + 1'000);
  }
  void line(const std::string& text, const std::string& file = "node1.log") {
    next.lines.push_back({file, text, false});
  }
  static std::string json(const char* level, int node, const std::string& what) {
    return std::string(R"({"level":")") + level + R"(","process":"node )" + std::to_string(node) +
           R"(","room":"replica","what":")" + what + "\"}";
  }
  // Letters only, so that no mask makes two of them equal.
  static std::string word(std::uint64_t number) {
    std::string out;
    for (int i = 0; i < 6; ++i, number /= 26) out += static_cast<char>('a' + number % 26);
    return out;
  }
  std::uint32_t opened() const { return world.state().incident_last.value; }
  std::uint64_t counted(const char* name) { return metrics.counter(name, "").value(); }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  Metrics metrics;
  response::World world;
  MinerOptions options;
  LogBatch next;
  std::size_t reads = 0, told = 0, refused = 0, approved = 0, resolved = 0;
  std::unique_ptr<LogFeed> feed;
};

TEST_F(LogFeedTest, AnErrorThatComesAgainOpensASuspectedIncidentAndTellsNobody) {
  learned();
  for (int i = 0; i < 3; ++i) line(json("error", 1, "the disk is full"));
  pass(1'000);
  ASSERT_EQ(opened(), 1u);
  EXPECT_EQ(world.incident(1).phase, Phase::suspected);
  EXPECT_EQ(world.incident(1).components.size(), 1u);
  const auto& [key, held] = *world.state().signals.begin();
  EXPECT_TRUE(key.key.starts_with("watch 1/logs/new/")) << key.key;
  EXPECT_EQ(held.signal.source, response::Source::log_line);
  EXPECT_EQ(approved, 0u);
  EXPECT_EQ(refused, 0u);
  pass(120'000);
  EXPECT_FALSE(world.state().signals.begin()->second.signal.firing);
  EXPECT_EQ(resolved, 0u) << "that it is over ends nothing";
  EXPECT_EQ(counted("okiagari_logs_lines_total"), 3u);
}

TEST_F(LogFeedTest, AStartAndWhatWasThereBeforeTellNothing) {
  next.lines.push_back({"node1.log", json("error", 1, "the disk was full"), true});
  start();
  for (int i = 0; i < 50; ++i) {
    line(json("error", 1, "no leader yet"));
    line(json("warning", 2, "a peer cannot be reached"));
    pass(1'000);
  }
  pass(15'000);
  for (int i = 0; i < 5; ++i) line(json("error", 1, "the disk was full"));
  for (int i = 0; i < 5; ++i) line(json("error", 1, "no leader yet"));
  pass(5'000);
  EXPECT_EQ(told, 0u);
}

TEST_F(LogFeedTest, AFloodOfEverNewErrorsOpensThreeIncidentsAnHourAndTellsNobody) {
  learned();
  std::uint64_t number = 0;
  for (int second = 0; second < 600; ++second) {
    for (int i = 0; i < 100; ++i, ++number) {
      const std::string lie = word(number);
      const std::string text = json("error", static_cast<int>(number % 20) + 1, lie + " is lost");
      for (int again = 0; again < 3; ++again) line(text);
    }
    pass(1'000);
  }
  EXPECT_GT(counted("okiagari_logs_alarms_dropped_total"), 1'000u);
  EXPECT_EQ(opened(), 3u);
  EXPECT_EQ(approved, 0u);
  EXPECT_EQ(resolved, 0u);
  for (const auto& [id, incident] : world.state().incidents) {
    EXPECT_EQ(incident.phase, Phase::suspected) << "one source alone confirms nothing";
  }
  EXPECT_LE(world.state().signals.size(), 200u);
  EXPECT_LE(told, 10u * options.told_per_minute_max * 10);
}

TEST_F(LogFeedTest, ALogThatFlapsIsOneSuspicionAtMost) {
  learned();
  for (int i = 0; i < 1'200; ++i) {
    if (i / 45 % 2 == 0) {
      for (int k = 0; k < 40; ++k) line(json("error", 1, "a request was not taken"));
    }
    pass(1'000);
  }
  EXPECT_LE(opened(), 1u);
  EXPECT_EQ(approved, 0u);
}

// All is well again in the log's words, while test trades go on failing or say nothing.
TEST_F(LogFeedTest, NothingInALogTurnsAnythingGreen) {
  learned();
  world.furnish();
  const response::IncidentId id = world.confirm_one();
  world.observe(response::over(response::proof("cross", "btc_jpy")));
  for (int i = 0; i < 300; ++i) {
    line(json("info", 1, "everything is operational and resolved"));
    line(R"({"level":"info","process":"watch 1","room":"watch","what":"the status changed",)"
         R"("state":"operational","firing":false})");
    pass(1'000);
  }
  EXPECT_EQ(resolved, 0u);
  EXPECT_LT(world.incident(id.value).phase, Phase::monitoring);
}

// What lies cannot keep an incident open for ever either: the gate waits for its signal at most
// lasts_max_ms.
TEST_F(LogFeedTest, AnErrorThatNeverStopsIsUsualInTheEnd) {
  learned();
  const auto fires = [this] {
    for (const auto& [key, held] : world.state().signals) {
      if (key.source == response::Source::log_line && response::is_live(held)) return true;
    }
    return false;
  };
  for (int i = 0; i < 5; ++i) {
    for (int k = 0; k < 40; ++k) line(json("error", 1, "a request was not taken"));
    pass(1'000);
  }
  EXPECT_TRUE(fires());
  for (int i = 0; i < 2 * options.lasts_max_ms / 1'000 + 60; ++i) {
    for (int k = 0; k < 40; ++k) line(json("error", 1, "a request was not taken"));
    pass(1'000);
  }
  EXPECT_FALSE(fires());
}

TEST_F(LogFeedTest, AFloodTakesABoundedPartOfEachTurnAndNothingMoreIsReadMeanwhile) {
  start();
  pass(1'000);
  for (int i = 0; i < 100'000; ++i) line("x y z");
  next.has_more = true;
  next.skipped_bytes = 7;
  pass(500);  // It is asked for them within read_every_ms.
  const std::size_t asked = reads;
  const std::uint64_t before = counted("okiagari_logs_lines_total");
  pass(1'000);
  EXPECT_EQ(counted("okiagari_logs_lines_total") - before, lines_per_turn_max * 1'000 / turn_ms);
  EXPECT_EQ(reads, asked);
  pass(20'000);
  EXPECT_EQ(counted("okiagari_logs_lines_total"), 100'000u);
  EXPECT_GT(reads, asked);
  EXPECT_EQ(counted("okiagari_logs_skipped_bytes_total"), 7u);
}

TEST_F(LogFeedTest, RubbishIsReadAndForgotten) {
  learned();
  Prng prng(3);
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 100; ++i) {
      std::string rubbish = i % 3 == 0 ? "{\"what\":\"" : i % 3 == 1 ? "error " : "";
      for (std::uint64_t left = prng.below(400); left > 0; --left) {
        rubbish += static_cast<char>(prng.below(256));
      }
      line(rubbish);
    }
    pass(1'000);
  }
  EXPECT_EQ(refused, 0u) << "every signal is one that the machine takes";
  EXPECT_LE(opened(), 3u);
}

// A disk that hangs: the reading stops, everything else goes on.
TEST_F(LogFeedTest, WhatIsNeverReadStopsNothing) {
  feed = std::make_unique<LogFeed>(
      LogFeed::Parts{clock, timers, metrics, [this](const response::Command&) { ++told; },
                     [this](const LogReader::Done&) { ++reads; }},
      "watch 1", options);
  feed->start();
  pass(120'000);
  EXPECT_EQ(reads, 1u);
  EXPECT_EQ(told, 0u);
  EXPECT_GT(timers.pending(), 0u);
}

}  // namespace
}  // namespace oki::watch::logs
