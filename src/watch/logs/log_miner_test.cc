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
  void line(const std::string& text, int times = 1) {
    for (int i = 0; i < times; ++i) miner.on_line("edge 1", text, now);
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

TEST_F(LogMinerTest, ThreeErrorsOverAnHourStayAHint) {
  pass(61'000);
  for (int i = 0; i < 3; ++i) {
    line(json("error", "the disk is full"));
    pass(61'000);
  }
  EXPECT_EQ(only()->trust, Trust::hint);
}

TEST_F(LogMinerTest, ItIsOverWhenItWasSilentAndIsNotNewASecondTime) {
  pass(61'000);
  line(json("warning", "a peer is slow"));
  pass(119'000);
  EXPECT_TRUE(only()->firing);
  pass(2'000);
  EXPECT_FALSE(only()->firing);
  told = 0;
  line(json("warning", "a peer is slow"));
  EXPECT_EQ(told, 0);
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
  ASSERT_TRUE(last.contains("log/refused"));
  EXPECT_EQ(last["log/refused"].trust, Trust::hint);
  for (int i = 0; i < 25; ++i) {
    line("sshd: Failed password for root from 2001:db8::" + std::to_string(i), 10);
  }
  EXPECT_EQ(last["log/refused"].trust, Trust::evidence);
  EXPECT_EQ(last["log/refused"].kind, SignalKind::abnormal_access);
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
  EXPECT_LE(last.size(), MinerOptions{}.signals_max);
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
