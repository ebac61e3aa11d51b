// The small parts of a replica: event blocks, hash votes, reads, proposals.
#include <gtest/gtest.h>

#include "replica/event_blocks.h"
#include "replica/hash_votes.h"
#include "replica/proposals.h"
#include "replica/reads.h"

namespace oki::replica {
namespace {

EventBlock block_at(std::uint64_t index, std::size_t bytes = 100) {
  EventBlock block;
  block.index = {index};
  block.events = Bytes(bytes, 'e');
  return block;
}

TEST(EventBlocks, GiveTheFirstBlockAtOrAfterAnIndex) {
  EventBlocks blocks(1u << 20);
  blocks.restart({4});
  EXPECT_EQ(blocks.oldest(), LogIndex{5});
  EXPECT_EQ(blocks.from({5}), nullptr);
  for (std::uint64_t index : {6u, 9u}) blocks.add(block_at(index));
  EXPECT_EQ(blocks.from({1})->index, LogIndex{6});
  EXPECT_EQ(blocks.from({6})->index, LogIndex{6});
  EXPECT_EQ(blocks.from({7})->index, LogIndex{9});
  EXPECT_EQ(blocks.from({10}), nullptr);
  EXPECT_EQ(blocks.oldest(), LogIndex{5});
}

TEST(EventBlocks, DropTheOldestBeyondTheLimit) {
  EventBlocks blocks(3 * (sizeof(EventBlock) + 100));
  for (std::uint64_t index = 1; index <= 5; ++index) blocks.add(block_at(index));
  EXPECT_EQ(blocks.oldest(), LogIndex{3});
  EXPECT_EQ(blocks.from({1})->index, LogIndex{3});
  blocks.add(block_at(6, 1u << 20));  // Even one that is too large is there for its followers.
  EXPECT_EQ(blocks.oldest(), LogIndex{6});
  EXPECT_EQ(blocks.from({6})->index, LogIndex{6});
}

Members voters_of(std::uint32_t count) {
  Members members;
  for (std::uint32_t seat = 1; seat <= count; ++seat) members.all.push_back({{seat}, seat, false});
  members.id_max = {count};
  return members;
}

TEST(HashVotes, OnlyAMajorityOutvotes) {
  const Members members = voters_of(5);
  HashVotes votes;
  votes.add_own({100}, 7);
  EXPECT_FALSE(votes.add_report({{1}, {100}, 7}, members));
  EXPECT_FALSE(votes.add_report({{2}, {100}, 8}, members));
  EXPECT_FALSE(votes.add_report({{3}, {100}, 8}, members));
  EXPECT_FALSE(votes.add_report({{9}, {100}, 8}, members));  // Nobody of ours.
  EXPECT_FALSE(votes.add_report({{2}, {100}, 8}, members));  // Once more is not one more.
  EXPECT_TRUE(votes.add_report({{4}, {100}, 8}, members));
}

TEST(HashVotes, LearnersDoNotCount) {
  Members members = voters_of(3);
  members.all[2].learner = true;
  HashVotes votes;
  votes.add_own({100}, 7);
  EXPECT_FALSE(votes.add_report({{2}, {100}, 8}, members));
  EXPECT_FALSE(votes.add_report({{3}, {100}, 8}, members));
  EXPECT_TRUE(votes.add_report({{1}, {100}, 8}, members));
}

TEST(HashVotes, WhatWeNeverComputedCannotOutvoteUs) {
  const Members members = voters_of(3);
  HashVotes votes;
  for (std::uint64_t node = 1; node <= 3; ++node) {
    EXPECT_FALSE(votes.add_report({{node}, {100}, 8}, members));
  }
  votes.add_own({200}, 7);
  votes.clear();
  EXPECT_FALSE(votes.add_report({{1}, {200}, 8}, members));
  EXPECT_FALSE(votes.add_report({{2}, {200}, 8}, members));
}

TEST(HashVotes, ForgetTheOldest) {
  const Members members = voters_of(1);
  HashVotes votes;
  for (std::uint64_t index = 100; index <= 2000; index += 100) votes.add_own({index}, 7);
  EXPECT_FALSE(votes.add_report({{1}, {100}, 8}, members));
  EXPECT_TRUE(votes.add_report({{1}, {2000}, 8}, members));
}

TEST(Reads, ShareOneQuestionAndWaitForTheirIndex) {
  Reads reads(5, 10, 3);
  std::vector<LogIndex> done;
  for (int i = 0; i < 2; ++i) {
    reads.add([&](SubmitResult, LogIndex index) { done.push_back(index); });
  }
  const Bytes question = reads.next_question();
  EXPECT_FALSE(reads.wants_question());
  reads.on_answer(question, {40});
  EXPECT_TRUE(reads.take_applied({39}).empty());
  for (Reads::Finished& read : reads.take_applied({40})) read.done(read.result, read.index);
  EXPECT_EQ(done, (std::vector<LogIndex>{{40}, {40}}));
}

TEST(Reads, QuestionsDifferAlsoBetweenLives) {
  Reads first(5, 10, 3);
  Reads second(6, 10, 3);
  const auto nothing = [](SubmitResult, LogIndex) {};
  first.add(nothing);
  const Bytes one = first.next_question();
  first.add(nothing);
  EXPECT_NE(first.next_question(), one);
  second.add(nothing);
  EXPECT_NE(second.next_question(), one);
  second.on_answer(one, {40});
  second.on_answer("short", {40});
  EXPECT_TRUE(second.take_applied({100}).empty());
}

TEST(Reads, ExpireAndAreLimited) {
  Reads reads(5, 2, 3);
  const auto nothing = [](SubmitResult, LogIndex) {};
  reads.add(nothing);
  reads.add(nothing);
  EXPECT_FALSE(reads.has_room());
  const Bytes question = reads.next_question();
  for (int tick = 0; tick < 3; ++tick) EXPECT_TRUE(reads.take_expired().empty());
  const auto expired = reads.take_expired();
  ASSERT_EQ(expired.size(), 2u);
  EXPECT_EQ(expired[0].result, SubmitResult::unknown);
  EXPECT_TRUE(reads.has_room());
  reads.on_answer(question, {1});
  EXPECT_TRUE(reads.take_applied({1}).empty());
}

std::size_t commands_in(const Bytes& batch) {
  return std::get<Batch>(decode_entry(batch).value()).commands.size();
}

TEST(Proposals, ABatchKeepsItsLimits) {
  ProposalLimits limits;
  limits.batch_commands_max = 3;
  limits.batch_bytes_max = 300;
  limits.batches_in_flight_max = 10;
  Proposals proposals(limits);
  for (int i = 0; i < 5; ++i) proposals.add({{1}, 1, 0, "x"}, {});
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 3u);
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 2u);
  for (int i = 0; i < 3; ++i) proposals.add({{1}, 1, 0, Bytes(200, 'x')}, {});
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 1u);  // One is taken whatever its size.
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 1u);
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 1u);
  EXPECT_FALSE(proposals.wants_batch());
}

TEST(Proposals, ABatchOpensOneSessionAtMost) {
  Proposals proposals({});
  for (int i = 0; i < 2; ++i) proposals.add({}, {});
  proposals.add({{1}, 1, 0, "x"}, {});
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 1u);
  EXPECT_EQ(commands_in(proposals.next_batch({0})), 2u);
}

TEST(Proposals, ALandedBatchIsKnownByItsPlaceAndTerm) {
  Proposals proposals({});
  int lost_count = 0;
  for (int i = 0; i < 2; ++i) {
    proposals.add({{1}, 1, 0, "x"}, [&](const SubmitAnswer&) { ++lost_count; });
    proposals.next_batch({0});
  }
  EXPECT_FALSE(proposals.wants_batch());
  EXPECT_TRUE(proposals.offered_result(2, {10}, {3}, {}).empty());
  std::vector<Proposals::Answer> lost;
  EXPECT_FALSE(proposals.landed({9}, {3}, lost));
  EXPECT_TRUE(proposals.landed({10}, {3}, lost));
  EXPECT_FALSE(proposals.landed({11}, {4}, lost));  // Another leader's entry stands there.
  EXPECT_EQ(lost.size(), 1u);
  EXPECT_EQ(proposals.in_flight(), 0u);
}

TEST(Proposals, WhatTheEngineDroppedIsSurelyNotInTheLog) {
  ProposalLimits limits;
  limits.bytes_max = 100;
  Proposals proposals(limits);
  proposals.add({{1}, 1, 0, Bytes(60, 'x')}, {});
  EXPECT_FALSE(proposals.has_room_for({{1}, 2, 0, Bytes(60, 'x')}));
  proposals.next_batch({0});
  EXPECT_TRUE(proposals.has_room_for({{1}, 2, 0, Bytes(60, 'x')}));
  EXPECT_EQ(proposals.offered_result(0, {}, {3}, {}).size(), 1u);
  EXPECT_EQ(proposals.in_flight(), 0u);
}

}  // namespace
}  // namespace oki::replica
