#include <gtest/gtest.h>

#include "edge/settings_book.h"

namespace oki::edge {
namespace {

constexpr WallTimeMs start{1'763'800'000'000};
const Said aki{"aki", "for the test"};

WallTimeMs after(std::int64_t ms) { return {start.value + ms}; }

TEST(Settings, TakeValuesAtTheirLimitsAndNothingBeyond) {
  for (const SettingSpec& spec : setting_specs()) {
    EXPECT_TRUE(changed({}, {{spec.name, spec.low}})) << spec.name;
    EXPECT_TRUE(changed({}, {{spec.name, spec.high}})) << spec.name;
    EXPECT_FALSE(changed({}, {{spec.name, std::uint64_t{spec.high} + 1}})) << spec.name;
    EXPECT_FALSE(changed({}, {{spec.name, (std::uint64_t{1} << 32) + spec.low}})) << spec.name;
    if (spec.low == 0) continue;
    EXPECT_FALSE(changed({}, {{spec.name, spec.low - 1}})) << spec.name;
  }
}

TEST(Settings, RefuseWhatTheyDoNotKnowAndWhatIsNamedTwice) {
  EXPECT_EQ(changed({}, {{"query_limit", 5}}).error().message, "there is no setting 'query_limit'");
  EXPECT_EQ(changed({}, {{"query_percent", 5}, {"query_percent", 6}}).error().message,
            "'query_percent' is there twice");
  EXPECT_EQ(changed({}, {}).error().message, "no setting is named");
}

TEST(Settings, TighteningNeverLetsMoreThrough) {
  Settings base;
  base.query_percent = 50;
  base.public_per_second_max = 100;
  Settings other;
  other.query_percent = 80;
  other.updates_per_second_max = 3;
  const Settings both = tighter(base, other);
  EXPECT_EQ(both.query_percent, 50u);
  EXPECT_EQ(both.updates_per_second_max, 3u);
  EXPECT_EQ(both.public_per_second_max, 100u);
  EXPECT_EQ(tighter(base, loosest()), base);
}

TEST(SettingsBook, ARollbackIsANewVersionWithTheContentOfTheEarlierOne) {
  SettingsBook book({}, start);
  ASSERT_TRUE(book.apply({{"in_flight_max", 0}}, aki, after(1)));
  EXPECT_EQ(book.version(), 2u);
  EXPECT_EQ(book.in_force().in_flight_max, 0u);
  ASSERT_TRUE(book.roll_back(0, aki, after(2)));
  EXPECT_EQ(book.version(), 3u);
  EXPECT_EQ(book.in_force(), Settings{});
  EXPECT_EQ(book.changes().size(), 3u);
}

TEST(SettingsBook, ARollbackDoneTwiceDoesNotBringTheWrongVersionBack) {
  SettingsBook book({}, start);
  ASSERT_TRUE(book.apply({{"in_flight_max", 0}}, aki, after(1)));
  ASSERT_TRUE(book.roll_back(0, aki, after(2)));
  EXPECT_EQ(book.roll_back(0, aki, after(3)).error().code, Errc::exists);
  EXPECT_EQ(book.in_force(), Settings{});
  ASSERT_TRUE(book.roll_back(2, aki, after(4)));
  EXPECT_EQ(book.in_force().in_flight_max, 0u);
}

TEST(SettingsBook, RefusesVersionsThatAreNotThere) {
  SettingsBook book({}, start);
  EXPECT_EQ(book.roll_back(0, aki, after(1)).error().code, Errc::not_found);
  EXPECT_EQ(book.roll_back(1, aki, after(1)).error().code, Errc::not_found);
  EXPECT_EQ(book.roll_back(7, aki, after(1)).error().code, Errc::not_found);
  EXPECT_EQ(book.changes().size(), 1u);
}

TEST(SettingsBook, WhoeverChangesSomethingSaysWhoHeIsInOneLine) {
  SettingsBook book({}, start);
  const SettingChanges set{{"query_percent", 50}};
  EXPECT_FALSE(book.apply(set, {"", "no name"}, after(1)));
  EXPECT_FALSE(book.apply(set, {"aki\nben", ""}, after(1)));
  EXPECT_FALSE(book.apply(set, {"\xff", ""}, after(1)));
  EXPECT_FALSE(book.apply(set, {std::string(change_by_bytes_max + 1, 'a'), ""}, after(1)));
  EXPECT_FALSE(book.apply(set, {"aki", std::string(change_words_bytes_max + 1, 'a')}, after(1)));
  EXPECT_TRUE(book.apply(set, {"aki", std::string(change_words_bytes_max, 'a')}, after(1)));
  EXPECT_EQ(book.apply(set, aki, after(2)).error().code, Errc::exists);
}

TEST(SettingsBook, ATighteningEndsAtItsTimeAndNotBefore) {
  SettingsBook book({}, start);
  ASSERT_TRUE(book.tighten({{"updates_per_second_max", 2}}, 1'000, aki, start));
  EXPECT_EQ(book.in_force().updates_per_second_max, 2u);
  EXPECT_EQ(book.version(), 1u);
  EXPECT_EQ(book.next_end(), after(1'000));
  EXPECT_FALSE(book.pass(after(999)));
  EXPECT_TRUE(book.pass(after(1'000)));
  EXPECT_EQ(book.in_force(), Settings{});
  EXPECT_EQ(book.changes().back().by, "time");
  EXPECT_EQ(book.restore(aki, after(1'001)).error().code, Errc::exists);
}

TEST(SettingsBook, TimesOfTighteningsAndDrainingAreLimited) {
  SettingsBook book({}, start);
  for (const std::int64_t for_ms : {std::int64_t{0}, std::int64_t{-1}, tighten_ms_max + 1}) {
    EXPECT_FALSE(book.tighten({{"query_percent", 5}}, for_ms, aki, start)) << for_ms;
    EXPECT_FALSE(book.drain(for_ms, aki, start)) << for_ms;
  }
  EXPECT_TRUE(book.drain(tighten_ms_max, aki, start));
  EXPECT_TRUE(book.undrain(aki, after(5)));
  EXPECT_FALSE(book.draining_until());
}

TEST(SettingsBook, ReadsBackAsItWasWritten) {
  SettingsBook book({}, start);
  ASSERT_TRUE(
      book.apply({{"query_percent", 50}}, {"\xe7\xa7\x8b", "\"quoted\" \\ text"}, after(1)));
  ASSERT_TRUE(book.tighten({{"in_flight_max", 9}}, 5'000, aki, after(2)));
  ASSERT_TRUE(book.drain(9'000, aki, after(3)));
  const auto back = SettingsBook::read(book.text());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->changes(), book.changes());
  EXPECT_EQ(back->in_force(), book.in_force());
  EXPECT_EQ(back->draining_until(), book.draining_until());
  EXPECT_EQ(back->next_end(), book.next_end());
}

TEST(SettingsBook, DamagedFilesAreRefusedWhereverTheyAreCut) {
  SettingsBook book({}, start);
  ASSERT_TRUE(book.apply({{"query_percent", 50}}, aki, after(1)));
  ASSERT_TRUE(book.tighten({{"in_flight_max", 9}}, 5'000, aki, after(2)));
  const Bytes text = book.text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(SettingsBook::read(text.substr(0, size))) << size;
  }
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
           {"\"format\":1", "\"format\":2"},
           {"\"number\":2", "\"number\":1"},
           {"\"version\":1", "\"version\":9"},
           {"\"kind\":\"apply\"", "\"kind\":\"undo\""},
           {"\"query_percent\":50", "\"query_percent\":101"},
           {"\"until\":", "\"till\":"}}) {
    Bytes damaged = text;
    ASSERT_NE(damaged.find(from), Bytes::npos) << from;
    damaged.replace(damaged.find(from), std::string(from).size(), to);
    EXPECT_FALSE(SettingsBook::read(damaged)) << to;
  }
}

TEST(SettingsBook, KeepsTheVersionInForceHoweverManyChangesCome) {
  SettingsBook book({}, start);
  ASSERT_TRUE(book.apply({{"query_percent", 50}}, aki, after(1)));
  for (std::size_t i = 0; i < 2 * book_changes_max; ++i) {
    ASSERT_TRUE(book.drain(1'000, aki, after(2)));
  }
  EXPECT_EQ(book.changes().size(), book_changes_max);
  EXPECT_EQ(book.in_force().query_percent, 50u);
  const auto back = SettingsBook::read(book.text());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->version_settings().query_percent, 50u);
  EXPECT_LE(book.text().size(), book_bytes_max);
}

}  // namespace
}  // namespace oki::edge
