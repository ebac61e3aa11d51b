#include "app/command_table.h"

#include <gtest/gtest.h>

#include <array>

namespace oki::app {
namespace {

CommandSpec sample() {
  return {"sample",
          {"A sample", "見本"},
          {{"count", "N", "3", {"how many", "個数"}},
           {"name", "TEXT", "", {"a name", "名前"}, true},
           {"fast", nullptr, "", {"hurry", "急ぐ"}}},
          [](const Arguments&) { return exit_code::ok; }};
}

Result<Arguments> parsed(const std::vector<std::string>& words) {
  return CommandTable({sample()}).parse(sample(), words, false);
}

TEST(CommandTableTest, FillsInDefaultsAndTakesBothSpellings) {
  const auto a = parsed({"--name", "x"});
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_EQ(a->number("count"), 3u);
  EXPECT_FALSE(a->has("fast"));
  EXPECT_EQ(a->text("fast"), "");
  const auto b = parsed({"--name=y=z", "--count=7", "--fast"});
  ASSERT_TRUE(b) << b.error().message;
  EXPECT_EQ(b->text("name"), "y=z");
  EXPECT_EQ(b->number("count"), 7u);
  EXPECT_TRUE(b->has("fast"));
}

TEST(CommandTableTest, SaysWhatIsWrongWithTheWords) {
  const struct {
    std::vector<std::string> words;
    const char* expected;
  } rows[] = {
      {{"x"}, "unexpected 'x'"},
      {{"--nmae", "x"}, "unknown option --nmae"},
      {{"--fast=1"}, "--fast takes no value"},
      {{"--name"}, "--name needs a value"},
      {{"--name", "x", "--count", "many"}, "--count needs a whole number, not 'many'"},
      {{"--count", "-1"}, "--count needs a whole number, not '-1'"},
      {{"--fast"}, "--name is missing"},
  };
  for (const auto& row : rows) {
    const auto arguments = parsed(row.words);
    ASSERT_FALSE(arguments);
    EXPECT_EQ(arguments.error().message, row.expected);
  }
}

TEST(CommandTableTest, TakesTheOneWordThatACommandAsksFor) {
  CommandSpec spec = sample();
  spec.operand = "mix";
  const CommandTable table({spec});
  const auto given = table.parse(spec, {"--name", "x", "mix1"}, false);
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->text("mix"), "mix1");
  EXPECT_EQ(table.parse(spec, {"--name", "x"}, false).error().message, "the mix is missing");
  EXPECT_EQ(table.parse(spec, {"a", "b", "--name", "x"}, false).error().message, "unexpected 'b'");
}

TEST(CommandTableTest, RunsCommandsOfOneAndOfTwoWords) {
  std::string ran;
  const CommandTable table({{"bench",
                             {"", ""},
                             {},
                             [&](const Arguments&) {
                               ran = "one";
                               return 0;
                             }},
                            {"bench log", {"", ""}, {}, [&](const Arguments&) {
                               ran = "two";
                               return 7;
                             }}});
  std::array<char, 16> program{"okiagari"}, bench{"bench"}, log{"log"}, other{"lgo"};
  std::array<char*, 3> words{program.data(), bench.data(), log.data()};
  EXPECT_EQ(table.run(3, words.data()), 7);
  EXPECT_EQ(ran, "two");
  EXPECT_EQ(table.run(2, words.data()), 0);
  EXPECT_EQ(ran, "one");
  words[1] = other.data();
  EXPECT_EQ(table.run(2, words.data()), exit_code::usage);
  EXPECT_EQ(table.run(1, words.data()), exit_code::usage);
}

TEST(CommandTableTest, TheHelpOfBothLanguagesNamesEveryOption) {
  const CommandTable table({sample()});
  for (const bool japanese : {false, true}) {
    const std::string help = table.help(sample(), japanese);
    for (const char* word : {"--count N", "--name TEXT", "--fast", "[3]"}) {
      EXPECT_NE(help.find(word), std::string::npos) << word;
    }
    EXPECT_NE(help.find(japanese ? "個数" : "how many"), std::string::npos);
  }
}

TEST(CommandTableTest, ReadsDurations) {
  EXPECT_EQ(parse_duration_ms("40s"), 40'000);
  EXPECT_EQ(parse_duration_ms("40"), 40'000);
  EXPECT_EQ(parse_duration_ms("250ms"), 250);
  EXPECT_EQ(parse_duration_ms("5m"), 300'000);
  EXPECT_EQ(parse_duration_ms("2h"), 7'200'000);
  for (const char* bad : {"", "s", "1d", "-1s", "1.5s", "99999999999h", "18446744073709551615"}) {
    EXPECT_EQ(parse_duration_ms(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace oki::app
