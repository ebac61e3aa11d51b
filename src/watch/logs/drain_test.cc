#include "watch/logs/drain.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace oki::watch::logs {
namespace {

TEST(Drain, MasksNumbersAddressesAndIdentifiersInWords) {
  EXPECT_EQ(mask_word("node-3"), "node-<*>");
  EXPECT_EQ(mask_word("127.0.0.1:8080"), "<*>");
  EXPECT_EQ(mask_word("index=42,"), "index=<*>,");
  EXPECT_EQ(mask_word("3f9a77c0"), "<*>");
  EXPECT_EQ(mask_word("leader"), "leader");
  EXPECT_EQ(mask_word("[12:30:01.5]"), "[<*>]");
  EXPECT_EQ(mask_word("復旧"), "復旧");
  EXPECT_EQ(mask_word(""), "");
}

TEST(Drain, LinesThatDifferInAWordBecomeOneTemplate) {
  Drain drain({});
  const auto first = drain.add("no answer from alice for 20 ms");
  const auto second = drain.add("no answer from bob for 3000 ms");
  EXPECT_TRUE(first.created);
  EXPECT_FALSE(second.created);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(drain.text(first.id), "no answer from <*> for <*> ms");
}

TEST(Drain, OtherLengthsAndOtherBeginningsAreOtherTemplates) {
  Drain drain({});
  const TemplateId a = drain.add("disk is full").id;
  EXPECT_NE(drain.add("disk is full again").id, a);
  EXPECT_NE(drain.add("disk was full").id, a) << "the tree goes by the first two words";
  EXPECT_EQ(drain.add("disk is full").id, a);
  EXPECT_EQ(drain.size(), 3u);
}

TEST(Drain, TheMostSimilarTemplateTakesTheLine) {
  Drain drain({});
  const TemplateId open = drain.add("peer link opened to seat with key a").id;
  const TemplateId shut = drain.add("peer link closed by nobody for reason b").id;
  EXPECT_NE(open, shut);
  EXPECT_EQ(drain.add("peer link opened to seat with key c").id, open);
  EXPECT_EQ(drain.add("peer link closed by nobody for reason d").id, shut);
}

TEST(Drain, EmptyAndHugeLinesAreTemplatesToo) {
  Drain drain({});
  EXPECT_EQ(drain.add("").id, drain.add("  \t ").id);
  const auto huge = drain.add(std::string(100'000, 'x'));
  EXPECT_EQ(drain.text(huge.id).size(), DrainOptions{}.line_bytes_max);
  std::string many;
  for (int i = 0; i < 500; ++i) many += "w ";
  const auto words = drain.add(many);
  EXPECT_EQ(drain.add(many + "more").id, words.id) << "beyond words_max nothing counts";
}

TEST(Drain, BeyondItsLimitTheTemplateSeenLongestAgoIsForgotten) {
  DrainOptions options;
  options.templates_max = 3;
  Drain drain(options);
  const TemplateId a = drain.add("alpha one x").id;
  const TemplateId b = drain.add("beta one x").id;
  drain.add("gamma one x");
  drain.add("alpha one x");
  const auto fourth = drain.add("delta one x");
  EXPECT_EQ(fourth.forgotten, b);
  EXPECT_EQ(drain.text(b), "");
  EXPECT_EQ(drain.text(a), "alpha one x");
  EXPECT_TRUE(drain.add("beta one x").created);
  EXPECT_EQ(drain.size(), 3u);
}

TEST(Drain, ALineIsComparedWithABoundedNumberOfTemplates) {
  DrainOptions options;
  options.in_leaf_max = 2;
  Drain drain(options);
  const TemplateId a = drain.add("same words alpha beta gamma").id;
  const TemplateId b = drain.add("same words delta eta theta").id;
  drain.add("same words alpha beta gamma");
  EXPECT_EQ(drain.add("same words iota kappa lambda").forgotten, b);
  EXPECT_EQ(drain.text(a), "same words alpha beta gamma");
  EXPECT_EQ(drain.size(), 2u);
}

TEST(Drain, AStrangersLinesMakeNothingGrowAndTheSameLinesGiveTheSameNumbers) {
  DrainOptions options;
  options.templates_max = 100;
  const auto run = [&] {
    Drain drain(options);
    Prng prng(5);
    std::uint64_t sum = 0;
    for (int i = 0; i < 20'000; ++i) {
      std::string line;
      for (std::uint64_t word = 0, many = prng.below(12); word < many; ++word) {
        for (int letter = 0; letter < 3; ++letter) {
          line += static_cast<char>(prng.chance(1, 5) ? prng.next() : 'a' + prng.below(26));
        }
        line += ' ';
      }
      sum = sum * 31 + drain.add(line).id;
      EXPECT_LE(drain.size(), options.templates_max);
    }
    return sum;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace oki::watch::logs
