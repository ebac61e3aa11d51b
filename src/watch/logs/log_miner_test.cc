#include "watch/logs/log_miner.h"

#include <gmock/gmock.h>

namespace oki::watch::logs {
namespace {

using response::Signal;
using response::SignalKind;
using response::Trust;

struct LogMinerTest : testing::Test {
  static MinerOptions small() {
    MinerOptions options;
    options.learn_ms = 60'000;
    options.processes["node 2"] = {notify::ComponentKind::node, "2"};
    return options;
  }
  void pass(std::int64_t ms) {
    for (std::int64_t left = ms; left > 0; left -= 1'000) {
      now.mono_ms += 1'000;
      now.wall.value += 1'000;
      miner.tick(now);
      collect();
    }
  }
  void collect() {
    for (Signal& signal : miner.take()) {
      EXPECT_TRUE(response::check(signal)) << signal.key;
      last[signal.key] = signal;
      ++told;
    }
  }
  void line(const std::string& text, int times = 1, bool old = false) {
    for (int i = 0; i < times; ++i) miner.on_line("edge 1", text, now, old);
    collect();
  }
  static std::string json(const char* level, const char* what, int number = 1) {
    return std::string(R"({"time":"2026-11-22T00:00:00Z","level":")") + level +
           R"(","process":"node 2","room":"replica","what":")" + what + R"(","index":)" +
           std::to_string(number) + "}";
  }
  const Signal* only() const { return last.size() == 1 ? &last.begin()->second : nullptr; }

  MinerMoment now{1'000, WallTimeMs{1'700'000'000'000}};
  LogMiner miner{small(), now};
  std::map<std::string, Signal> last;
  int told = 0;
};

TEST_F(LogMinerTest, WhileItLearnsNothingIsTold) {
  line(json("error", "the disk is full"), 50);
  pass(60'000);
  line(json("error", "the disk is full"));
  EXPECT_EQ(told, 0);
}

TEST_F(LogMinerTest, ANewErrorIsAHintAndThreeInAMinuteAreEvidence) {
  pass(61'000);
  line(json("error", "the disk is full", 1));
  ASSERT_NE(only(), nullptr);
  EXPECT_EQ(only()->kind, SignalKind::new_log_pattern);
  EXPECT_EQ(only()->trust, Trust::hint);
  EXPECT_EQ(only()->words,
            "node 2 logs what it never logged before: node <*> replica: the disk is full");
  line(json("error", "the disk is full", 2), 2);
  ASSERT_NE(only(), nullptr);
  EXPECT_EQ(only()->trust, Trust::evidence);
  EXPECT_TRUE(only()->firing);
}

TEST_F(LogMinerTest, AnErrorIsNewAlsoBesideOthersOfTheSameLength) {
  line(json("error", "the disk is full"));
  line(json("error", "the disk is slow"));
  pass(61'000);
  line(json("error", "the disk is gone"));
  ASSERT_NE(only(), nullptr);
  EXPECT_EQ(only()->words,
            "node 2 logs what it never logged before: node <*> replica: the disk is gone");
}

TEST_F(LogMinerTest, ThreeErrorsOverAnHourStayAHint) {
  pass(61'000);
  for (int i = 0; i < 3; ++i) {
    line(json("error", "the disk is full"));
    pass(61'000);
  }
  EXPECT_EQ(only()->trust, Trust::hint);
}

TEST_F(LogMinerTest, ANewWarningIsAHintWhenItComesAgainWithinAMinute) {
  pass(61'000);
  line(json("warning", "a peer is slow"), 2);
  EXPECT_EQ(told, 0);
  line(json("warning", "a peer is slow"), 20);
  ASSERT_NE(only(), nullptr);
  EXPECT_EQ(only()->trust, Trust::hint);
}

TEST_F(LogMinerTest, LinesFromBeforeTheStartAreUsualWheneverTheyAreRead) {
  pass(61'000);
  line(json("error", "the disk is full"), 5, true);
  EXPECT_EQ(told, 0);
  line(json("error", "the disk is full"), 5);
  EXPECT_EQ(told, 0);
}

TEST_F(LogMinerTest, APartOfTheExchangeIsNamedWhenThereIsOneAndTheRuleAlways) {
  pass(61'000);
  line(json("error", "the disk is full"));
  ASSERT_NE(only(), nullptr);
  EXPECT_EQ(only()->components.front().name, "2");
  EXPECT_THAT(only()->facts, testing::Contains(response::Fact{"rule", "logs.new"}));
  last.clear();
  line(R"({"level":"error","process":"node 7","room":"x","what":"gone"})");
  ASSERT_NE(only(), nullptr);
  EXPECT_TRUE(only()->components.empty()) << "there is no node 7";
  EXPECT_TRUE(only()->words.starts_with("node <*> logs")) << only()->words;
}

TEST_F(LogMinerTest, TheSameLinesHaveTheSameKeyAfterARestart) {
  pass(61'000);
  line(json("error", "the disk is full"));
  ASSERT_NE(only(), nullptr);
  LogMiner again(small(), now);
  again.on_line("edge 1", json("info", "something else"), now);
  now.mono_ms += 61'000;
  again.on_line("edge 1", json("error", "the disk is full"), now);
  const std::vector<Signal> told_again = again.take();
  ASSERT_EQ(told_again.size(), 1u);
  EXPECT_EQ(told_again[0].key, only()->key);
}

TEST_F(LogMinerTest, SecretsOfALineAreNotInItsSignal) {
  pass(61'000);
  line("error: login of aki@example.jp with password=hunter and Bearer hunter refused", 5);
  line(R"({"level":"error","password":"hunter","secret":"hunter"})", 5);
  line(R"({"level":"error","message":"token hunter expired","who":"hunter"})", 5);
  EXPECT_EQ(last.size(), 2u) << "an object without a message is of level info";
  for (const auto& [key, signal] : last) {
    std::string all = key + signal.words;
    for (const response::Fact& fact : signal.facts) all += fact.value;
    EXPECT_EQ(all.find("hunter"), std::string::npos) << all;
    EXPECT_EQ(all.find("aki"), std::string::npos) << all;
  }
}

TEST_F(LogMinerTest, ItIsOverWhenItWasSilentAndIsNotNewASecondTime) {
  pass(61'000);
  line(json("warning", "a peer is slow"), 3);
  pass(29'000);
  EXPECT_TRUE(only()->firing);
  pass(2'000);
  EXPECT_FALSE(only()->firing);
  told = 0;
  line(json("warning", "a peer is slow"), 3);
  EXPECT_EQ(told, 0);
}

TEST_F(LogMinerTest, WhatLastsBecomesUsualAndIsOver) {
  pass(61'000);
  for (int i = 0; i < 900; ++i) {
    line(json("error", "the disk is full"), 30);
    pass(1'000);
  }
  ASSERT_FALSE(last.empty());
  for (const auto& [key, signal] : last) EXPECT_FALSE(signal.firing) << key;
  told = 0;
  for (int i = 0; i < 600; ++i) {
    line(json("error", "the disk is full"), 30);
    pass(1'000);
  }
  for (const auto& [key, signal] : last) EXPECT_FALSE(signal.firing) << key;
  EXPECT_EQ(told, 0);
}

TEST_F(LogMinerTest, ATemplateThatFlapsIsToldOfAFewTimesOnly) {
  line(json("error", "a request was not taken"));
  pass(61'000);
  int rises = 0;
  bool fires = false;
  for (int i = 0; i < 600; ++i) {
    const bool loud = i / 60 % 2 == 0;
    line(json("error", "a request was not taken"), loud ? 50 : 0);
    pass(1'000);
    bool now_fires = false;
    for (const auto& [key, signal] : last) {
      now_fires = now_fires || (signal.firing && key.starts_with("logs/rate"));
    }
    rises += now_fires && !fires ? 1 : 0;
    fires = now_fires;
  }
  EXPECT_EQ(rises, 3);
  EXPECT_GT(miner.dropped(), 0u);
  ASSERT_TRUE(last.contains("logs/many"));
  EXPECT_EQ(last["logs/many"].trust, Trust::hint);
}

TEST_F(LogMinerTest, NewLinesOfLevelInfoAreNothing) {
  pass(61'000);
  line(json("info", "a new leader"), 10);
  line("plain words of some other program", 10);
  EXPECT_EQ(told, 0);
  line("ERROR: cannot open the file");
  EXPECT_EQ(told, 1) << "the level of other lines is guessed";
}

TEST_F(LogMinerTest, ALineThatComesFarMoreOftenThanUsualIsTold) {
  for (int i = 0; i < 60; ++i) {
    line(json("error", "a request was not taken"));
    pass(1'000);
  }
  pass(10'000);
  EXPECT_EQ(told, 0);
  for (int i = 0; i < 30; ++i) {
    line(json("error", "a request was not taken"), 30);
    pass(1'000);
  }
  ASSERT_NE(only(), nullptr);
  EXPECT_EQ(only()->kind, SignalKind::errors);
  EXPECT_EQ(only()->trust, Trust::evidence);
  EXPECT_TRUE(only()->firing);
  pass(50'000);
  EXPECT_FALSE(only()->firing);
}

TEST_F(LogMinerTest, OneBurstIsNotARate) {
  pass(61'000);
  line(json("info", "a snapshot was written"), 500);
  pass(40'000);
  EXPECT_EQ(told, 0) << "two spans in a row are needed";
}

TEST_F(LogMinerTest, OneAddressThatIsRefusedAgainAndAgainIsAHintManyAreEvidence) {
  pass(61'000);
  line("sshd: Failed password for root from 192.0.2.7 port 22", 99);
  last.clear();
  line("sshd: Failed password for root from 192.0.2.7 port 22");
  ASSERT_TRUE(last.contains("logs/refused"));
  EXPECT_EQ(last["logs/refused"].trust, Trust::hint);
  for (int i = 0; i < 25; ++i) {
    line("sshd: Failed password for root from 2001:db8::" + std::to_string(i), 10);
  }
  EXPECT_EQ(last["logs/refused"].trust, Trust::evidence);
  EXPECT_EQ(last["logs/refused"].kind, SignalKind::abnormal_access);
}

TEST_F(LogMinerTest, AStrangersLinesOpenAtMostSoManySignals) {
  pass(61'000);
  for (int i = 0; i < 1'000; ++i) {
    std::string word(1, static_cast<char>('a' + i % 26));
    word += static_cast<char>('a' + i / 26 % 26);
    word += static_cast<char>('a' + i / 676);
    std::string text = "error";
    for (int times = 0; times < 6; ++times) text += ' ' + word;
    line(text + "\x1b[31m \xff");
  }
  EXPECT_EQ(last.size(), MinerOptions{}.told_per_minute_max + 1) << "and one that says so";
  for (int minute = 0; minute < 30; ++minute) {
    for (int i = 0; i < 100; ++i) {
      const std::string word = std::string(3, static_cast<char>('a' + i % 26)) +
                               static_cast<char>('a' + minute % 26) +
                               static_cast<char>('a' + i / 26);
      line("fatal " + word + ' ' + word + ' ' + word);
    }
    EXPECT_LE(miner.firing(), MinerOptions{}.signals_max + 1);
    pass(10'000);
  }
  EXPECT_GT(miner.dropped(), 0u);
  for (const auto& [key, signal] : last) {
    for (const char c : signal.words) EXPECT_TRUE(c >= ' ' && c <= '~') << key;
  }
}

TEST(FindAddress, FindsAddressesAndNothingElse) {
  EXPECT_EQ(find_address("from 192.0.2.7 port"), "192.0.2.7");
  EXPECT_EQ(find_address("peer=192.0.2.7:4431,"), "192.0.2.7");
  EXPECT_EQ(find_address("from 2001:db8::1."), "");
  EXPECT_EQ(find_address("from 2001:db8::1 port"), "2001:db8::1");
  EXPECT_EQ(find_address("at 12:30:01 version 1.2.3"), "");
  EXPECT_EQ(find_address(""), "");
}

}  // namespace
}  // namespace oki::watch::logs
