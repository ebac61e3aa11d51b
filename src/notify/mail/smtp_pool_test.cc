#include "notify/mail/smtp_pool.h"

#include <gtest/gtest.h>

#include <map>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "notify/testing/smtp_sink.h"

namespace oki::notify {
namespace {

class SmtpPoolTest : public ::testing::Test {
 protected:
  void start(const SmtpSinkOptions& sink_options = {}, SmtpOptions options = {}) {
    sink.emplace(server, sink_options, [this](const SunkMail& mail) { taken.push_back(mail); });
    options.server = sink->listen({server.ip(), 25}).value();
    options.connections_max = std::min<std::size_t>(options.connections_max, 4);
    pool.emplace(client, timers, options);
  }
  void send(const std::string& to, Bytes data = "Message-ID: <1@x>\r\n\r\nbody\r\n") {
    pool->send({"from@example.jp", to, std::move(data)},
               [this](AttemptResult result) { results.push_back(std::move(result)); });
  }
  void run(std::int64_t ms = 0) {
    for (int i = 0; i < 30; ++i) {
      network.run();
      timers.advance_ms(0);
    }
    timers.advance_ms(ms, [this] { network.run(); });
    network.run();
  }
  void answer(const std::string& verb, const std::string& with, int times = 1) {
    sink->answer_with(
        [=, left = times](ByteView asked, ByteView) mutable -> std::optional<std::string> {
          if (asked != verb || left == 0) return std::nullopt;
          --left;
          return with;
        });
  }

  testing::MemoryNetwork network;
  testing::MemoryNet& client = network.host();
  testing::MemoryNet& server = network.host();
  testing::StepClock clock;
  testing::StepTimers timers{clock};
  std::optional<SmtpSink> sink;
  std::optional<SmtpPool> pool;
  std::vector<SunkMail> taken;
  std::vector<AttemptResult> results;
};

TEST_F(SmtpPoolTest, HandsOverEveryMailWithTheServersOwnWordAsProof) {
  for (const bool pipelining : {true, false}) {
    taken.clear();
    results.clear();
    pool.reset();
    sink.reset();
    network.crash(server);
    start({.pipelining = pipelining});
    for (int i = 0; i < 50; ++i) send(std::to_string(i) + "@example.jp");
    run();
    ASSERT_EQ(results.size(), 50u) << pipelining;
    EXPECT_EQ(taken.size(), 50u);
    for (const AttemptResult& result : results) {
      EXPECT_EQ(result.outcome, Attempt::sent);
      EXPECT_TRUE(result.text.starts_with("250 2.0.0 taken as")) << result.text;
    }
    EXPECT_LE(sink->sessions(), 4u);
  }
}

TEST_F(SmtpPoolTest, ArrivesWholeHoweverTheBytesAreCut) {
  for (const std::size_t piece : {1u, 2u, 3u, 7u}) {
    network.deliver_in_pieces_of(piece);
    pool.reset();
    sink.reset();
    network.crash(server);
    taken.clear();
    start();
    send("a@example.jp", "Message-ID: <1@x>\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n");
    run();
    ASSERT_EQ(taken.size(), 1u) << piece;
    EXPECT_EQ(taken[0].data, "Message-ID: <1@x>\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n");
    EXPECT_EQ(taken[0].to, "a@example.jp");
  }
}

TEST_F(SmtpPoolTest, BeginsANewSessionWhereTheServerHasHadEnoughOfOne) {
  start({.mails_per_session_max = 5});
  for (int i = 0; i < 60; ++i) send(std::to_string(i) + "@example.jp");
  run(1000);
  EXPECT_EQ(taken.size(), 60u);
  for (const AttemptResult& result : results) EXPECT_EQ(result.outcome, Attempt::sent);
  EXPECT_GE(sink->sessions(), 12u);
}

TEST_F(SmtpPoolTest, EndsASessionByItselfAfterItsOwnLimit) {
  start({}, {.mails_per_session_max = 10});
  for (int i = 0; i < 60; ++i) send(std::to_string(i) + "@example.jp");
  run();
  EXPECT_EQ(taken.size(), 60u);
  EXPECT_GE(sink->sessions(), 6u);
}

struct Answered {
  const char* verb;
  const char* answer;
  Attempt outcome;
};

TEST_F(SmtpPoolTest, EachAnswerHasItsOutcome) {
  const std::vector<Answered> all = {{"", "554 not today\r\n", Attempt::absent},
                                     {"", "close", Attempt::absent},
                                     {"", "hello\r\n", Attempt::absent},
                                     {"EHLO", "502 what?\r\n", Attempt::absent},
                                     {"MAIL", "451 later\r\n", Attempt::retry},
                                     {"MAIL", "452 4.3.1 no room\r\n", Attempt::retry},
                                     {"MAIL", "550 not from you\r\n", Attempt::refused},
                                     {"MAIL", "close", Attempt::absent},
                                     {"MAIL", "421 going\r\n", Attempt::retry},
                                     {"RCPT", "450 busy\r\n", Attempt::retry},
                                     {"RCPT", "550 no such user\r\n", Attempt::refused},
                                     {"RCPT", "close", Attempt::absent},
                                     {"DATA", "451 later\r\n", Attempt::retry},
                                     {"DATA", "554 no\r\n", Attempt::refused},
                                     {"DATA", "close", Attempt::absent},
                                     {".", "451 later\r\n", Attempt::retry},
                                     {".", "554 spam\r\n", Attempt::refused},
                                     {".", "421 going\r\n", Attempt::retry},
                                     {".", "close", Attempt::unknown},
                                     {".", "nonsense\r\n", Attempt::unknown},
                                     {".", "nothing", Attempt::unknown}};
  for (const bool pipelining : {true, false}) {
    for (const Answered& one : all) {
      pool.reset();
      sink.reset();
      network.crash(server);
      results.clear();
      start({.pipelining = pipelining});
      answer(one.verb, one.answer);
      send("a@example.jp");
      run(700'000);
      ASSERT_EQ(results.size(), 1u) << one.verb << one.answer;
      EXPECT_EQ(results[0].outcome, one.outcome) << one.verb << one.answer << results[0].text;
      send("b@example.jp");  // Whatever happened, the next one goes.
      run();
      ASSERT_EQ(results.size(), 2u) << one.verb << one.answer;
      EXPECT_EQ(results[1].outcome, Attempt::sent) << one.verb << one.answer << results[1].text;
    }
  }
}

TEST_F(SmtpPoolTest, ARefusedRecipientDoesNotTakeTheNextMailWithIt) {
  start({}, {.connections_max = 1});
  sink->answer_with([](ByteView verb, ByteView argument) -> std::optional<std::string> {
    if (verb == "RCPT" && argument.find("bad") != ByteView::npos) return "550 no such user\r\n";
    return std::nullopt;
  });
  for (int i = 0; i < 20; ++i) send((i % 2 == 0 ? "bad" : "good") + std::to_string(i) + "@a.jp");
  run();
  EXPECT_EQ(taken.size(), 10u);
  for (const SunkMail& mail : taken) EXPECT_TRUE(mail.to.starts_with("good"));
  EXPECT_EQ(sink->sessions(), 1u);
}

TEST_F(SmtpPoolTest, WithoutAServerEverybodyIsToldAtOnce) {
  start();
  pool.emplace(client, timers, SmtpOptions{.server = {server.ip(), 26}});
  for (int i = 0; i < 10; ++i) send("a@example.jp");
  run();
  ASSERT_EQ(results.size(), 10u);
  for (const AttemptResult& result : results) EXPECT_EQ(result.outcome, Attempt::absent);
}

TEST_F(SmtpPoolTest, ABackloggedPoolRefusesByName) {
  start({}, {.waiting_max = 2});
  for (int i = 0; i < 3; ++i) send("a@example.jp");
  EXPECT_TRUE(results.empty());
  run();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].text, "too many mails wait (waiting_max)");
}

TEST_F(SmtpPoolTest, AnAddressBeyondAsciiNeedsAServerThatTakesIt) {
  start({.smtputf8 = false});
  send("\xE6\x97\xA5@example.jp");
  send("a@example.jp");
  run();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].outcome, Attempt::refused);
  EXPECT_EQ(results[1].outcome, Attempt::sent);
  pool.reset();
  sink.reset();
  network.crash(server);
  start();
  send("\xE6\x97\xA5@example.jp");
  run();
  EXPECT_EQ(results.back().outcome, Attempt::sent);
}

TEST_F(SmtpPoolTest, AnIdleSessionIsEndedAndAnotherBegunWhenNeeded) {
  start();
  send("a@example.jp");
  run(6'000);
  run();
  EXPECT_EQ(pool->open_sessions(), 0u);
  send("a@example.jp");
  run();
  EXPECT_EQ(taken.size(), 2u);
  EXPECT_EQ(sink->sessions(), 2u);
}

TEST_F(SmtpPoolTest, AReplyThatNeverEndsIsNotKept) {
  start();
  answer("EHLO", "250-" + std::string(9'000, 'a'));
  send("a@example.jp");
  run();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].outcome, Attempt::absent);
}

}  // namespace
}  // namespace oki::notify
