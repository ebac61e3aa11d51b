#include "watch/inquiries/inquiry_desk.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "notify/testing/queued_disk.h"
#include "watch/inquiries/inquiry_format.h"

namespace oki::watch::inquiries {
namespace {

constexpr const char* broken_order = "注文が約定しません";

InquiryFilter of(State state) {
  InquiryFilter filter;
  filter.state = state;
  return filter;
}
InquiryFilter about(Topic topic) {
  InquiryFilter filter;
  filter.topic = topic;
  return filter;
}
InquiryFilter between(WallTimeMs from, WallTimeMs to) {
  InquiryFilter filter;
  filter.from = from;
  filter.to = to;
  return filter;
}
InquiryFilter with_automatic() {
  InquiryFilter filter;
  filter.automatic = true;
  return filter;
}

class InquiryDeskTest : public ::testing::Test {
 protected:
  InquiryDeskTest() { open(); }

  void open() {
    desk.reset();
    disk.forget_waiting();
    auto opened = InquiryDesk::open(
        {clock, disk,
         [this](const std::string& account, WallTimeMs, InquiryDesk::Failure failure) {
           asked.push_back(account);
           if (answer_now) return failure(account == "7");
           waiting.push_back(std::move(failure));
         }},
        options);
    ASSERT_TRUE(opened) << opened.error().message;
    desk = std::move(*opened);
    disk.run();
  }
  Taken take(const std::string& account, const std::string& words = broken_order,
             const std::string& network = "192.0.2", Way way = Way::form) {
    Taken taken{Refusal::disk, {}, false, "no answer"};
    desk->take({way, account, "a" + account + "@example.jp", words}, network,
               [&](Taken answer) { taken = std::move(answer); });
    disk.run();
    return taken;
  }

  Changed set_state(std::uint64_t id, State state, response::PersonId by = {4}) {
    Changed changed = Changed::disk;
    desk->set_state({id}, state, by, [&](Changed answer) { changed = answer; });
    disk.run();
    return changed;
  }
  bool answer(std::uint64_t id) { return set_state(id, State::answered) == Changed::done; }
  std::vector<std::uint64_t> listed(const InquiryFilter& filter = {}) {
    std::vector<std::uint64_t> ids;
    for (const Inquiry* one : desk->list(filter, {}, 100).found) ids.push_back(one->id.value);
    return ids;
  }

  oki::testing::StepClock clock;
  notify::QueuedDisk disk;
  DeskOptions options;
  std::unique_ptr<InquiryDesk> desk;
  std::vector<std::string> asked;
  std::vector<InquiryDesk::Failure> waiting;
  bool answer_now = true;
};

TEST_F(InquiryDeskTest, CountsCustomersAndThoseOfWhomTheLedgerKnowsAFailure) {
  EXPECT_EQ(take("7").id, InquiryId{1});
  EXPECT_EQ(take("8").id, InquiryId{2});
  const Counts counts = desk->second();
  EXPECT_EQ(counts.inquiries, 2u);
  EXPECT_EQ(counts.with_failure, 1u);
  EXPECT_TRUE(desk->find(InquiryId{1})->failure);
  EXPECT_FALSE(desk->find(InquiryId{2})->failure);
  EXPECT_EQ(desk->second().inquiries, 0u);
}

TEST_F(InquiryDeskTest, TheSameCustomerOnTheSameTopicIsCountedOnce) {
  EXPECT_FALSE(take("7").folded);
  const Taken again = take("7", "まだ注文できません");
  EXPECT_TRUE(again.folded);
  EXPECT_EQ(again.id, InquiryId{1});
  EXPECT_EQ(desk->second().inquiries, 1u);
  EXPECT_EQ(desk->find(InquiryId{1})->again, 1u);
  EXPECT_EQ(desk->find(InquiryId{1})->words, std::string(broken_order) + "\nまだ注文できません");
  EXPECT_FALSE(take("7", "出金が届きません").folded) << "another topic";
  clock.advance_ns(options.fold_ms * ns_per_ms);
  EXPECT_FALSE(take("7", "出金が届きません").folded) << "another time";
}

TEST_F(InquiryDeskTest, NothingIsAnsweredBeforeTheDiskKnowsIt) {
  bool answered = false;
  desk->take({Way::form, "7", "a@example.jp", broken_order}, "n",
             [&](Taken taken) { answered = taken.refusal == Refusal::none; });
  EXPECT_FALSE(answered);
  disk.run();
  EXPECT_TRUE(answered);
}

TEST_F(InquiryDeskTest, WhatWasTakenIsThereAfterARestart) {
  take("7");
  take("8", "ログインできません");
  ASSERT_TRUE(answer(1));
  disk.run();
  open();
  EXPECT_EQ(desk->find(InquiryId{1})->state, State::answered);
  EXPECT_EQ(desk->find(InquiryId{1})->by, response::PersonId{4});
  EXPECT_NE(desk->find(InquiryId{1})->changed, WallTimeMs{});
  ASSERT_EQ(listed(of(State::open)).size(), 1u);
  EXPECT_EQ(desk->find(InquiryId{2})->topic, Topic::login);
  EXPECT_TRUE(take("8", "ログインできません").folded);
  EXPECT_EQ(take("9").id, InquiryId{3});
}

TEST_F(InquiryDeskTest, ADiskThatFailsIsSaid) {
  disk.broken = true;
  EXPECT_EQ(take("7").refusal, Refusal::disk);
}

TEST_F(InquiryDeskTest, RefusesWhatIsNoInquiry) {
  for (const std::string& words : {std::string(), std::string(" \n\t"), std::string("\xff"),
                                   std::string(words_bytes_max + 1, 'x')}) {
    EXPECT_EQ(take("7", words).refusal, Refusal::invalid);
  }
  EXPECT_EQ(take("7; drop table").refusal, Refusal::invalid);
  EXPECT_EQ(take(std::string(account_bytes_max + 1, '7')).refusal, Refusal::invalid);
  EXPECT_EQ(desk->second().inquiries, 0u);
  EXPECT_EQ(take("7", std::string(words_bytes_max, 'x')).refusal, Refusal::none);
}

TEST_F(InquiryDeskTest, OneNetworkCannotFloodTheDesk) {
  for (std::uint32_t i = 0; i < options.form.per_asker_max; ++i) {
    EXPECT_EQ(take(std::to_string(i)).refusal, Refusal::none);
  }
  EXPECT_EQ(take("x").refusal, Refusal::network_limit);
  EXPECT_EQ(take("x", broken_order, "198.51.100").refusal, Refusal::none);
  EXPECT_EQ(take("y", broken_order, "192.0.2", Way::staff).refusal, Refusal::none);
  clock.advance_ns(options.form.asker_ms * ns_per_ms);
  EXPECT_EQ(take("z").refusal, Refusal::none);
}

TEST_F(InquiryDeskTest, TheHouseAndTheListHaveLimits) {
  options.form.per_minute_max = 3;
  options.open_max = 4;
  open();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(take(std::to_string(i), broken_order, std::to_string(i)).refusal, Refusal::none);
  }
  EXPECT_EQ(take("3", broken_order, "n3").refusal, Refusal::house_limit);
  clock.advance_ns(60'000 * ns_per_ms);
  EXPECT_EQ(take("3", broken_order, "n3").refusal, Refusal::none);
  EXPECT_EQ(take("4", broken_order, "n4").refusal, Refusal::full);
  ASSERT_TRUE(answer(1));
  EXPECT_EQ(take("4", broken_order, "n4").refusal, Refusal::none);
}

TEST_F(InquiryDeskTest, ALedgerThatAnswersTooLateCountsForNothing) {
  answer_now = false;
  take("7");
  EXPECT_EQ(desk->second().inquiries, 0u) << "not yet";
  clock.advance_ns((options.join_deadline_ms + 1) * ns_per_ms);
  const Counts late = desk->second();
  EXPECT_EQ(late.inquiries, 1u);
  EXPECT_EQ(late.with_failure, 0u);
  waiting[0](true);
  EXPECT_EQ(desk->second().with_failure, 0u);
  take("8");
  waiting[1](true);
  waiting[1](true);
  const Counts counts = desk->second();
  EXPECT_EQ(counts.inquiries, 1u) << "once, and in the second of its failure";
  EXPECT_EQ(counts.with_failure, 1u);
}

TEST_F(InquiryDeskTest, SaysHowManyWaitAndHowLongAnAnswerTakes) {
  take("7");
  take("8");
  EXPECT_EQ(desk->load(), (notify::SupportLoad{2, 0}));
  clock.advance_ns(90'000 * ns_per_ms);
  ASSERT_TRUE(answer(1));
  EXPECT_FALSE(answer(1));
  EXPECT_FALSE(answer(9));
  EXPECT_EQ(desk->load(), (notify::SupportLoad{1, 2}));
}

TEST_F(InquiryDeskTest, AnsweredOnesAreForgottenBeyondTheirLimit) {
  options.done_kept_max = 2;
  open();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    take(std::to_string(i), broken_order, std::to_string(i));
    ASSERT_TRUE(answer(i));
  }
  EXPECT_EQ(desk->find(InquiryId{2}), nullptr);
  EXPECT_NE(desk->find(InquiryId{3}), nullptr);
  EXPECT_FALSE(take("1", broken_order, "n").folded);
}

TEST_F(InquiryDeskTest, MailThatNoPersonWroteIsKeptAndCountedNowhere) {
  Draft draft{Way::mail, "7", "a@example.jp", broken_order};
  draft.automatic = true;
  Taken taken;
  desk->take(draft, "a@example.jp", [&](Taken answer) { taken = std::move(answer); });
  disk.run();
  EXPECT_EQ(taken.id, InquiryId{1});
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(desk->second().inquiries, 0u);
  EXPECT_EQ(desk->load().open_inquiries, 0u);
  EXPECT_EQ(desk->classes().automatic, 1u);
  EXPECT_EQ(set_state(1, State::answered), Changed::automatic) << "nobody answers a machine";
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(listed(with_automatic()), std::vector<std::uint64_t>{1});
  EXPECT_FALSE(take("7").folded) << "a person's words are his own";
  options.automatic_kept_max = 1;
  open();
  desk->take(draft, "a@example.jp", [](const Taken&) {});
  disk.run();
  EXPECT_EQ(desk->find(InquiryId{1}), nullptr);
}

TEST_F(InquiryDeskTest, TheSameMailOnceMoreChangesNothing) {
  Draft draft{Way::mail, "7", "a@example.jp", broken_order};
  draft.mail = 77;
  std::vector<Taken> taken;
  const auto keep = [&](Taken answer) { taken.push_back(std::move(answer)); };
  desk->take(draft, "a@example.jp", keep);
  desk->take(draft, "a@example.jp", keep);
  EXPECT_TRUE(taken.empty()) << "neither is on the disk yet";
  disk.run();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[1].id, InquiryId{1});
  EXPECT_EQ(desk->find(InquiryId{1})->again, 0u);
  open();
  desk->take(draft, "a@example.jp", keep);
  disk.run();
  EXPECT_EQ(taken[2].id, InquiryId{1});
  EXPECT_EQ(desk->find(InquiryId{1})->again, 0u);
  draft.mail = 78;
  desk->take(draft, "a@example.jp", keep);
  disk.run();
  EXPECT_EQ(desk->find(InquiryId{1})->again, 1u) << "another mail about it";
}

TEST_F(InquiryDeskTest, AFloodOfMailKeepsNobodyFromTheForm) {
  options.mail.per_minute_max = 2;
  open();
  const auto mail = [&](int from) {
    Taken taken;
    desk->take({Way::mail, "", "m" + std::to_string(from) + "@example.jp", "注文"},
               std::to_string(from), [&](Taken answer) { taken = std::move(answer); });
    disk.run();
    return taken.refusal;
  };
  EXPECT_EQ(mail(1), Refusal::none);
  EXPECT_EQ(mail(2), Refusal::none);
  EXPECT_EQ(mail(3), Refusal::house_limit);
  EXPECT_EQ(take("7").refusal, Refusal::none);
}

TEST_F(InquiryDeskTest, StaffChangeTheStateAndItIsKnownWhoDid) {
  take("7");
  EXPECT_EQ(set_state(2, State::closed), Changed::unknown);
  EXPECT_EQ(set_state(1, State::open), Changed::no_change);
  clock.advance_ns(5'000 * ns_per_ms);
  EXPECT_EQ(set_state(1, State::answered, {4}), Changed::done);
  EXPECT_EQ(desk->find(InquiryId{1})->by, response::PersonId{4});
  EXPECT_EQ(desk->find(InquiryId{1})->changed, clock.wall_now());
  EXPECT_EQ(desk->load().open_inquiries, 0u);
  EXPECT_EQ(set_state(1, State::closed, {2}), Changed::done);
  EXPECT_EQ(set_state(1, State::open, {2}), Changed::done);
  EXPECT_EQ(desk->load().open_inquiries, 1u);
  EXPECT_TRUE(take("7").folded) << "it is open again";
  EXPECT_EQ(set_state(1, State::closed), Changed::done);
  options.open_max = 1;
  open();
  take("8");
  EXPECT_EQ(set_state(1, State::open), Changed::full);
  disk.broken = true;
  EXPECT_EQ(set_state(2, State::closed), Changed::disk);
}

TEST_F(InquiryDeskTest, ListsTheNewestFirstByStateTopicAndTime) {
  take("7");
  take("8", "ログインできません");
  clock.advance_ns(10'000 * ns_per_ms);
  const WallTimeMs later = clock.wall_now();
  take("9");
  answer(1);
  using Ids = std::vector<std::uint64_t>;
  EXPECT_EQ(listed(), (Ids{3, 2, 1}));
  EXPECT_EQ(listed(of(State::open)), (Ids{3, 2}));
  EXPECT_EQ(listed(about(Topic::login)), (Ids{2}));
  EXPECT_EQ(listed(between(later, {INT64_MAX})), (Ids{3}));
  EXPECT_EQ(listed(between({}, {later.value - 1})), (Ids{2, 1}));
  const auto first = desk->list({}, {}, 2);
  EXPECT_EQ(first.found.size(), 2u);
  EXPECT_EQ(first.next, InquiryId{2});
  const auto rest = desk->list({}, first.next, 2);
  ASSERT_EQ(rest.found.size(), 1u);
  EXPECT_EQ(rest.found[0]->id, InquiryId{1});
  EXPECT_EQ(rest.next, InquiryId{});
}

TEST_F(InquiryDeskTest, CountsByClassAreThoseOfWhatIsKept) {
  options.done_kept_max = 2;
  open();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    take(std::to_string(i == 5 ? 7 : i + 10), broken_order, std::to_string(i));
    if (i <= 3) answer(i);
  }
  const auto orders = desk->classes().by_topic[static_cast<std::size_t>(Topic::order)];
  EXPECT_EQ(orders[static_cast<std::size_t>(State::open)], 2u);
  EXPECT_EQ(orders[static_cast<std::size_t>(State::answered)], 2u);
  EXPECT_EQ(desk->classes().by_way[static_cast<std::size_t>(Way::form)], 4u);
  EXPECT_EQ(desk->classes().with_failure, 1u);
  open();
  EXPECT_EQ(desk->classes().by_topic[static_cast<std::size_t>(Topic::order)], orders);
  EXPECT_EQ(desk->classes().with_failure, 1u);
}

// What the version before wrote: docs/formats/inquiries.md.
TEST(InquiryFormat, ReadsTheVersionBefore) {
  const auto row = [](std::uint64_t id, std::int64_t answered) {
    Bytes bytes;
    Writer out(bytes);
    out.u64(id);
    out.u64(5'000);
    out.u8(0);
    out.u8(1);
    out.blob("7");
    out.blob("a@example.jp");
    out.blob("words");
    out.u32(3);
    out.u64(static_cast<std::uint64_t>(answered));
    out.boolean(true);
    return bytes;
  };
  Bytes snapshot = "OKIINQ01";
  Writer out(snapshot);
  out.u64(9);
  out.u32(1);
  snapshot += row(1, 6'000);
  const auto kept = decode_inquiries(snapshot, {row(2, 0)}, 10);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->last, InquiryId{9});
  ASSERT_EQ(kept->rows.size(), 2u);
  EXPECT_EQ(kept->rows[0].state, State::answered);
  EXPECT_EQ(kept->rows[0].changed, WallTimeMs{6'000});
  EXPECT_EQ(kept->rows[0].again, 3u);
  EXPECT_TRUE(kept->rows[0].failure);
  EXPECT_EQ(kept->rows[1].state, State::open);
  EXPECT_EQ(decode_inquiries(encode(*kept), {}, 10)->rows, kept->rows);
  EXPECT_FALSE(decode_inquiries("OKIINQ03", {}, 10));
  EXPECT_FALSE(decode_inquiries(snapshot + "x", {}, 10));
  EXPECT_FALSE(decode_inquiries(encode(*kept), {row(2, 0)}, 10)) << "versions are not mixed";
}

TEST(Inquiries, AreClassifiedByTheirWordsInBothLanguages) {
  EXPECT_EQ(classify("ログインできません。パスワードは正しいです"), Topic::login);
  EXPECT_EQ(classify("My withdrawal has not arrived"), Topic::withdrawal);
  EXPECT_EQ(classify("入金が反映されません"), Topic::deposit);
  EXPECT_EQ(classify("CANCEL of my ORDER failed"), Topic::order);
  EXPECT_EQ(classify("チャートが止まっています"), Topic::price);
  EXPECT_EQ(classify("こんにちは"), Topic::other);
  EXPECT_EQ(classify(""), Topic::other);
}

TEST(Inquiries, AreFreedOfWhatCouldHideOrReorderWords) {
  const auto draft = clean({Way::form, "7", "A@Example.JP",
                            "a\r\nb\x1b[31m\x7f\xc2\x85 \xe2\x80\xae"
                            "c"});
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->words, "a\nb [31m   c");
  EXPECT_EQ(draft->contact, "A@example.jp");
  EXPECT_FALSE(clean({Way::form, "7", "", "words"}));
  EXPECT_TRUE(clean({Way::staff, "7", "", "words"}));
  EXPECT_FALSE(clean({Way::form, "7", "a@b\r\nBcc: x@y.z", "words"}));
}

}  // namespace
}  // namespace oki::watch::inquiries
