#include "notify/outbox.h"

#include <gtest/gtest.h>

#include <optional>

#include "notify/record_log.h"
#include "notify/testing/fake_channel.h"
#include "notify/testing/queued_disk.h"
#include "notify/testing/web_service.h"

namespace oki::notify {
namespace {

// One sender process after the other on one disk; the channel's other side outlives them.
class OutboxTest : public ::testing::Test {
 protected:
  void open() {
    box.reset();
    disk.forget_waiting();
    channel.held.clear();
    auto opened = Outbox::open({disk, timers, clock, random, log, metrics}, options);
    ASSERT_TRUE(opened) << opened.error().message;
    box = std::move(*opened);
    box->add_channel("mail", channel, rules);
    disk.run();
  }
  void begin() {
    open();
    box->start();
  }
  void settle() {
    for (int i = 0; i < 20; ++i) {
      timers.advance_ms(0);
      disk.run();
    }
    box->verify();
  }
  Result<Added> add(std::size_t count, const std::string& posting = "a/1",
                    const std::string& content = "text") {
    std::vector<Recipient> recipients;
    for (std::size_t i = 0; i < count; ++i) recipients.push_back({std::to_string(i) + "@x", ""});
    std::optional<Result<Added>> result;
    box->add({posting, content}, "mail", recipients, [&](Result<Added> r) { result = r; });
    disk.run();
    return result.value_or(error(Errc::unavailable, "no answer"));
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  QueuedDisk disk;
  SeededRandom random{7};
  Log log{clock, "test", {}};
  Metrics metrics;
  OutboxOptions options;
  ChannelRules rules{.in_flight_max = 4};
  FakeChannel channel;
  std::unique_ptr<Outbox> box;
};

TEST_F(OutboxTest, SendsEachOnceAndKeepsTheProof) {
  begin();
  EXPECT_EQ(add(3)->added, 3u);
  settle();
  ASSERT_EQ(channel.held.size(), 3u);
  while (channel.answer(Attempt::sent, "250 taken\r\n")) {
  }
  settle();
  EXPECT_EQ(box->totals().sent, 3u);
  EXPECT_TRUE(box->totals().settled());
  EXPECT_EQ(box->deliveries("a/1", 1)[0].text, "250 taken  ");
}

TEST_F(OutboxTest, AddingAgainChangesNothingAlsoAfterARestart) {
  begin();
  add(3);
  begin();
  const auto again = add(5);
  EXPECT_EQ(again->added, 2u);
  EXPECT_EQ(again->known, 3u);
  EXPECT_EQ(add(5)->added, 0u);
}

TEST_F(OutboxTest, NothingReachesAChannelBeforeTheDiskKnows) {
  begin();
  add(1);
  timers.advance_ms(0);
  timers.advance_ms(0);
  EXPECT_EQ(channel.held.size(), 0u);
  disk.run();
  EXPECT_EQ(channel.held.size(), 1u);
}

TEST_F(OutboxTest, HoldsNoMoreLettersInAChannelThanItsLimit) {
  begin();
  add(10);
  settle();
  EXPECT_EQ(channel.held.size(), 4u);
  channel.answer(Attempt::sent);
  settle();
  EXPECT_EQ(channel.held.size(), 4u);
  EXPECT_EQ(box->totals().sent, 1u);
}

TEST_F(OutboxTest, WaitsLongerAfterEachRefusalForNowAndGivesUpByName) {
  rules.attempts_max = 4;
  begin();
  add(1);
  std::int64_t shortest_ms = 500;
  for (int attempt = 1; attempt < 4; ++attempt) {
    settle();
    ASSERT_TRUE(channel.answer(Attempt::retry, "451 later")) << attempt;
    settle();
    timers.advance_ms(shortest_ms - 1);
    settle();
    EXPECT_TRUE(channel.held.empty()) << attempt;
    timers.advance_ms(shortest_ms + 1);
    shortest_ms *= 2;
  }
  settle();
  channel.answer(Attempt::retry, "451 later");
  settle();
  EXPECT_EQ(box->totals().refused, 1u);
  EXPECT_EQ(box->deliveries("a/1", 1)[0].text, "given up after 4 attempts: 451 later");
}

TEST_F(OutboxTest, TheWholeChannelObeysRetryAfter) {
  begin();
  add(6);
  settle();
  channel.answer(Attempt::retry, "429", 60'000);
  while (channel.answer(Attempt::sent)) {
  }
  settle();
  timers.advance_ms(59'000);
  settle();
  EXPECT_TRUE(channel.held.empty());
  timers.advance_ms(1'001);
  settle();
  EXPECT_EQ(channel.held.size(), 3u);
}

TEST_F(OutboxTest, ARateLimitLetsABurstGoAndThenOneEachInterval) {
  rules = {.in_flight_max = 100, .per_minute_max = 60, .burst = 3};
  begin();
  add(10);
  settle();
  EXPECT_EQ(channel.held.size(), 3u);
  timers.advance_ms(999);
  settle();
  EXPECT_EQ(channel.held.size(), 3u);
  timers.advance_ms(1);
  settle();
  EXPECT_EQ(channel.held.size(), 4u);
  for (int second = 0; second < 10; ++second) {
    timers.advance_ms(1000);
    settle();
  }
  EXPECT_EQ(channel.held.size(), 10u);
}

TEST_F(OutboxTest, AnotherSideThatIsNotThereCostsNoAttemptAndStopsTheChannel) {
  rules.attempts_max = 2;
  begin();
  add(3);
  for (int round = 0; round < 10; ++round) {
    settle();
    ASSERT_EQ(channel.held.size(), 3u) << round;
    while (channel.answer(Attempt::absent, "connection refused")) {
    }
    settle();
    EXPECT_TRUE(channel.held.empty());
    timers.advance_ms(300'000);
  }
  settle();
  while (channel.answer(Attempt::sent)) {
  }
  settle();
  EXPECT_EQ(box->totals().sent, 3u);
  EXPECT_EQ(box->deliveries("a/1", 1)[0].attempts, 1u);
}

TEST_F(OutboxTest, ARefusalIsFinal) {
  begin();
  add(1);
  settle();
  channel.answer(Attempt::refused, "550 no such user");
  settle();
  timers.advance_ms(10'000'000);
  settle();
  EXPECT_TRUE(channel.held.empty());
  EXPECT_EQ(box->totals().refused, 1u);
}

TEST_F(OutboxTest, WithoutAnythingToAskAnUnknownOneWaitsForAPerson) {
  begin();
  add(3);
  settle();
  begin();
  settle();
  timers.advance_ms(10'000'000);
  settle();
  ASSERT_EQ(box->unknown(10).size(), 3u);
  EXPECT_TRUE(channel.held.empty());
  const auto held = box->unknown(10);
  EXPECT_TRUE(box->settle(held[0].id, Decision::it_arrived, "sato"));
  EXPECT_TRUE(box->settle(held[1].id, Decision::send_again, "sato"));
  EXPECT_TRUE(box->settle(held[2].id, Decision::give_up, "sato"));
  EXPECT_FALSE(box->settle(held[0].id, Decision::send_again, "sato"));
  EXPECT_FALSE(box->settle({99}, Decision::send_again, "sato"));
  settle();
  EXPECT_EQ(channel.held.size(), 1u);
  channel.answer(Attempt::sent);
  settle();
  EXPECT_EQ(box->totals().sent, 2u);
  EXPECT_EQ(box->totals().refused, 1u);
}

TEST_F(OutboxTest, AChannelThatKnowsItsKeysIsAskedAgainAfterAKill) {
  rules.after_unknown = AfterUnknown::resend;
  begin();
  add(1);
  settle();
  const std::string key = channel.held[0].key;
  channel.take_without_answer();
  begin();
  timers.advance_ms(2'000);
  settle();
  ASSERT_EQ(channel.held.size(), 1u);
  EXPECT_EQ(channel.held[0].key, key);
}

TEST_F(OutboxTest, WhatTheChannelCannotTellIsLeftToAPerson) {
  rules.after_unknown = AfterUnknown::ask;
  channel.knows = false;
  begin();
  add(1);
  settle();
  channel.answer(Attempt::unknown, "no answer in time");
  settle();
  timers.advance_ms(4'999);
  EXPECT_EQ(channel.asked, 0);
  timers.advance_ms(1);
  settle();
  EXPECT_EQ(channel.asked, 1);
  EXPECT_EQ(box->unknown(1)[0].text, "no answer in time");
}

// The whole promise: whenever the sender dies, each letter arrives exactly once in the end.
TEST_F(OutboxTest, KilledAtAnyPointNothingIsLostOrDoubledWhereTheChannelCanBeAsked) {
  rules.after_unknown = AfterUnknown::ask;
  options.journal_bytes_max = 2'000;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Prng prng(seed);
    disk = {};
    channel = {};
    constexpr std::size_t letters = 25;
    begin();
    for (int steps = 0; steps < 4'000 && box->totals().sent < letters; ++steps) {
      if (prng.chance(1, 40)) begin();  // kill -9
      if (steps % 50 == 0) {
        std::vector<Recipient> all;
        for (std::size_t i = 0; i < letters; ++i) all.push_back({std::to_string(i), ""});
        box->add({"a/1", "text"}, "mail", all, [](Result<Added>) {});
      }
      switch (prng.below(5)) {
        case 0:
          if (!channel.held.empty() && prng.chance(1, 3)) channel.take_without_answer();
          break;
        case 1:
          channel.answer(prng.chance(1, 4) ? Attempt::retry : Attempt::sent);
          break;
        case 2:
          timers.advance_ms(static_cast<std::int64_t>(prng.below(3'000)));
          break;
        default:
          disk.step();
      }
      box->verify();
    }
    for (int i = 0; i < 400 && box->totals().sent < letters; ++i) {
      begin();
      box->add({"a/1", "text"}, "mail", {}, [](Result<Added>) {});
      for (int turn = 0; turn < 40; ++turn) {
        timers.advance_ms(10'000);
        disk.run();
        channel.answer(Attempt::sent);
      }
    }
    EXPECT_EQ(box->totals().sent, letters) << seed;
    EXPECT_EQ(channel.arrived.size(), letters) << seed;
    for (const auto& [key, times] : channel.arrived) EXPECT_EQ(times, 1) << seed;
  }
}

TEST_F(OutboxTest, ComesBackAsItWasAfterCompaction) {
  options.journal_bytes_max = 1;
  begin();
  add(6);
  settle();
  channel.answer(Attempt::sent, "250");
  channel.answer(Attempt::refused, "550");
  channel.answer(Attempt::retry, "451");
  settle();
  const OutboxTotals before = box->totals();
  open();
  const OutboxTotals after = box->totals();
  EXPECT_EQ(after.sent, before.sent);
  EXPECT_EQ(after.refused, before.refused);
  EXPECT_EQ(after.queued, before.queued);
  EXPECT_EQ(after.sending, before.sending);
  box->verify();
}

TEST_F(OutboxTest, ARetiredPostingKeepsItsNameAndNothingElse) {
  begin();
  add(2);
  EXPECT_EQ(box->retire("a/1").error().code, Errc::unavailable);
  EXPECT_EQ(box->retire("b/1").error().code, Errc::not_found);
  settle();
  while (channel.answer(Attempt::sent)) {
  }
  EXPECT_TRUE(box->retire("a/1"));
  disk.run();
  begin();
  EXPECT_EQ(box->totals().sent, 0u);
  EXPECT_EQ(add(2).error().code, Errc::exists);
  box->verify();
}

TEST_F(OutboxTest, EveryLimitHasItsRefusal) {
  options.postings_max = 1;
  options.deliveries_max = 4;
  options.recipients_per_add_max = 3;
  begin();
  EXPECT_EQ(add(4).error().code, Errc::full);
  EXPECT_TRUE(add(3));
  EXPECT_EQ(add(1, "b/1").error().code, Errc::full);
  EXPECT_EQ(add(1, "a/1", "another text").error().code, Errc::invalid);
  EXPECT_EQ(add(1, "").error().code, Errc::invalid);
  EXPECT_EQ(add(1, std::string(65, 'a')).error().code, Errc::invalid);
  std::optional<Result<Added>> result;
  const auto keep = [&](Result<Added> r) { result = r; };
  box->add({"a/1", "text"}, "fax", {{"x", ""}}, keep);
  EXPECT_EQ(result->error().code, Errc::not_found);
  box->add({"a/1", "text"}, "mail", {{std::string(321, 'x'), ""}}, keep);
  EXPECT_EQ(result->error().code, Errc::invalid);
  box->add({"a/1", "text"}, "mail", {{"p", ""}, {"q", ""}}, keep);
  EXPECT_EQ(result->error().code, Errc::full);
}

TEST_F(OutboxTest, ADiskThatFailsStopsEverything) {
  begin();
  add(10);
  settle();
  disk.broken = true;
  channel.answer(Attempt::sent);
  disk.run();
  EXPECT_TRUE(box->broken());
  const std::size_t held = channel.held.size();
  while (channel.answer(Attempt::sent)) {
  }
  timers.advance_ms(1000);
  disk.run();
  EXPECT_TRUE(channel.held.empty()) << held;
  EXPECT_EQ(add(1, "b/1").error().code, Errc::io);
}

TEST_F(OutboxTest, AnOutboxWithForeignBytesRefusesToOpen) {
  {
    begin();
    add(2);
  }
  box.reset();
  auto log_opened = RecordLog::open(disk, "outbox");
  ASSERT_TRUE(log_opened);
  log_opened->log->compact("\x09 no such entry");
  disk.run();
  const auto opened = Outbox::open({disk, timers, clock, random, log, metrics}, options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::corrupt);
}

TEST(DeliveryTest, AKeyDependsOnPostingChannelAndRecipientAlone) {
  const Letter letter{{1}, "a/1", "content", "mail", "x@y", ""};
  Letter other = letter;
  other.id = {2};
  other.content = "other";
  EXPECT_EQ(idempotency_key(letter), idempotency_key(other));
  EXPECT_EQ(idempotency_key(letter).size(), 32u);
  for (ByteView* field : {&other.posting, &other.channel, &other.recipient}) {
    Letter changed = letter;
    (field == &other.posting   ? changed.posting
     : field == &other.channel ? changed.channel
                               : changed.recipient) = "else";
    EXPECT_NE(idempotency_key(letter), idempotency_key(changed));
  }
  const std::string uuid = idempotency_uuid(letter);
  EXPECT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '8');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST_F(OutboxTest, WhatAnotherMayHaveSentFollowsTheRuleOfItsChannel) {
  const auto doubtful = [&](AfterUnknown rule) {
    disk = {};
    channel = {};
    rules.after_unknown = rule;
    begin();
    bool stored = false;
    box->add(
        {"a/1", "text"}, "mail", {{"0@x", ""}, {"1@x", ""}},
        [&](const Result<Added>& added) { stored = added.has_value(); }, Doubt::may_have_left);
    disk.run();
    EXPECT_TRUE(stored);
    channel.arrived.clear();
    timers.advance_ms(rules.retry_first_ms + rules.ask_after_ms);
    settle();
  };
  doubtful(AfterUnknown::hold);
  EXPECT_EQ(box->totals().unknown, 2u);
  EXPECT_TRUE(channel.held.empty());
  doubtful(AfterUnknown::resend);
  EXPECT_EQ(channel.held.size(), 2u);
  doubtful(AfterUnknown::ask);
  EXPECT_EQ(channel.asked, 1);
  EXPECT_EQ(channel.held.size(), 2u);  // The record knew neither.
}

TEST_F(OutboxTest, APersonSettlesAllOfAPostingAtOnce) {
  rules.after_unknown = AfterUnknown::hold;
  rules.in_flight_max = 100;
  begin();
  add(50);
  add(2, "b/1");
  settle();
  while (channel.answer(Attempt::unknown)) {
  }
  settle();
  EXPECT_EQ(box->totals().unknown, 52u);
  EXPECT_EQ(box->settle_all("a/1", "posts", Decision::it_arrived, "sato"), 0u);
  EXPECT_EQ(box->settle_all("c/1", "mail", Decision::it_arrived, "sato"), 0u);
  EXPECT_EQ(box->settle_all("a/1", "mail", Decision::send_again, "sato"), 50u);
  bool stored = false;
  box->when_stored([&](const Result<void>& result) { stored = result.has_value(); });
  EXPECT_FALSE(stored);
  settle();
  EXPECT_TRUE(stored);
  EXPECT_EQ(channel.held.size(), 50u);
  EXPECT_EQ(box->totals().unknown, 2u);
}

TEST_F(OutboxTest, TellsWhatBecameOfEachChannel) {
  FakeChannel posts;
  open();
  box->add_channel("posts", posts, rules);
  box->start();
  add(3);
  box->add({"a/1", "text"}, "posts", {{"", ""}}, [](const Result<Added>&) {});
  settle();
  channel.answer(Attempt::refused, "550 no");
  channel.answer(Attempt::sent, "250 yes");
  posts.answer(Attempt::sent, "HTTP 200 id 7");
  settle();
  const auto views = box->channels("a/1");
  ASSERT_EQ(views.size(), 2u);
  EXPECT_EQ(views[0].channel, "mail");
  EXPECT_EQ(views[0].totals, (OutboxTotals{0, 1, 1, 1, 0}));
  EXPECT_EQ(views[0].first.text, "550 no");
  EXPECT_EQ(views[1].first.text, "HTTP 200 id 7");
  EXPECT_EQ(box->channel_totals("posts"), views[1].totals);
  EXPECT_EQ(box->channel_totals("nobody"), OutboxTotals{});
  EXPECT_NE(metrics.prometheus_text().find("okiagari_notify_waiting{channel=\"mail\"} 1"),
            Bytes::npos);
  EXPECT_NE(
      metrics.prometheus_text().find("okiagari_notify_first_seconds_count{channel=\"posts\"} 1"),
      Bytes::npos);
  EXPECT_EQ(box->content("a/1"), "text");
  EXPECT_FALSE(box->content("b/1"));
  EXPECT_TRUE(box->settled(10).empty());
  channel.answer(Attempt::sent);
  settle();
  EXPECT_EQ(box->settled(10), std::vector<std::string>{"a/1"});
  ASSERT_TRUE(box->retire("a/1"));
  EXPECT_TRUE(box->has("a/1"));
  EXPECT_FALSE(box->content("a/1"));
  EXPECT_TRUE(box->channels("a/1").empty());
  EXPECT_EQ(box->deliveries_kept(), 0u);
}

}  // namespace
}  // namespace oki::notify
