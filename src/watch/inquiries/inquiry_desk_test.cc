#include "watch/inquiries/inquiry_desk.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "notify/testing/queued_disk.h"

namespace oki::watch::inquiries {
namespace {

constexpr const char* broken_order = "注文が約定しません";

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
  ASSERT_TRUE(desk->answered(InquiryId{1}));
  disk.run();
  open();
  EXPECT_NE(desk->find(InquiryId{1})->answered, WallTimeMs{});
  ASSERT_EQ(desk->open_ones({}, 10).size(), 1u);
  EXPECT_EQ(desk->open_ones({}, 10)[0].topic, Topic::login);
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
  for (std::uint32_t i = 0; i < options.per_network_max; ++i) {
    EXPECT_EQ(take(std::to_string(i)).refusal, Refusal::none);
  }
  EXPECT_EQ(take("x").refusal, Refusal::network_limit);
  EXPECT_EQ(take("x", broken_order, "198.51.100").refusal, Refusal::none);
  EXPECT_EQ(take("y", broken_order, "192.0.2", Way::staff).refusal, Refusal::none);
  clock.advance_ns(options.network_ms * ns_per_ms);
  EXPECT_EQ(take("z").refusal, Refusal::none);
}

TEST_F(InquiryDeskTest, TheHouseAndTheListHaveLimits) {
  options.house_per_minute_max = 3;
  options.open_max = 4;
  open();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(take(std::to_string(i), broken_order, std::to_string(i)).refusal, Refusal::none);
  }
  EXPECT_EQ(take("3", broken_order, "n3").refusal, Refusal::house_limit);
  clock.advance_ns(60'000 * ns_per_ms);
  EXPECT_EQ(take("3", broken_order, "n3").refusal, Refusal::none);
  EXPECT_EQ(take("4", broken_order, "n4").refusal, Refusal::full);
  ASSERT_TRUE(desk->answered(InquiryId{1}));
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
  ASSERT_TRUE(desk->answered(InquiryId{1}));
  EXPECT_FALSE(desk->answered(InquiryId{1}));
  EXPECT_FALSE(desk->answered(InquiryId{9}));
  EXPECT_EQ(desk->load(), (notify::SupportLoad{1, 2}));
}

TEST_F(InquiryDeskTest, AnsweredOnesAreForgottenBeyondTheirLimit) {
  options.answered_kept_max = 2;
  open();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    take(std::to_string(i), broken_order, std::to_string(i));
    ASSERT_TRUE(desk->answered(InquiryId{i}));
  }
  EXPECT_EQ(desk->find(InquiryId{2}), nullptr);
  EXPECT_NE(desk->find(InquiryId{3}), nullptr);
  EXPECT_FALSE(take("1", broken_order, "n").folded);
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
