// The tools that compare two cores: they find what is planted, shrink it, keep it, and say nothing
// about equal cores.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/testing/coverage.h"
#include "core/testing/describe.h"
#include "core/testing/golden.h"
#include "core/testing/market_commands.h"
#include "core/testing/oracle_cores.h"
#include "core/testing/world.h"

namespace oki::core {
namespace {

constexpr std::size_t commands_max = 20'000;

struct Walk {
  std::vector<OracleCommand> commands;
  std::optional<Difference> difference;
};

Walk walk(const CorePair& pair, std::uint64_t seed, std::size_t count) {
  Walk walk;
  MarketCommands commands(seed);
  Oracle oracle(pair, MarketCommands::limits(MarketCommands::is_crowd(seed)));
  for (std::size_t i = 0; i < count && !walk.difference; ++i) {
    const MarketCommands::Timed& next = commands.next();
    walk.commands.push_back({next.time, next.command});
    walk.difference = oracle.apply(walk.commands.back());
    if (!walk.difference && i % 1'000 == 999) walk.difference = oracle.check();
    commands.saw(oracle.reply(), oracle.events());
  }
  return walk;
}

std::vector<std::size_t> all_of(std::size_t size) {
  std::vector<std::size_t> places(size);
  for (std::size_t i = 0; i < size; ++i) places[i] = i;
  return places;
}

TEST(OracleTest, FindsAPlantedDifferenceAndShrinksItToAFewCommands) {
  const CorePair pair = *planted_cores("difference");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Walk found = walk(pair, seed, commands_max);
    ASSERT_TRUE(found.difference.has_value());
    const CoreLimits limits = MarketCommands::limits(false);
    OracleList list(pair, limits, unsigned_commands(found.commands));
    const auto fails = [&](const std::vector<std::size_t>& places) {
      const auto difference = list.run(places, commands_max, nullptr);
      return difference && difference->kind == found.difference->kind;
    };
    if (!fails(all_of(list.size()))) list = OracleList(pair, limits, found.commands);
    list.learn();
    const OracleParts parts{list.size(), MarketCommands(seed).set_up_size(),
                            fixed_part(found.commands)};
    const auto places = shrink(parts, fails, [] { return true; });
    EXPECT_TRUE(fails(places));
    EXPECT_LE(std::ranges::count_if(places, [&](auto place) { return place >= parts.set_up; }), 10);
  }
}

TEST(OracleTest, SaysNothingAboutEqualCores) {
  const Walk same = walk(shipped_cores(), 5, commands_max);
  EXPECT_EQ(same.difference ? same.difference->text : "", "");
}

OracleCommand at(std::int64_t time, const Command& command) {
  return {WallTimeMs{1'700'000'000'000 + time}, encode(command)};
}

std::vector<OracleCommand> three_orders() {
  std::vector<OracleCommand> list{
      at(0, AddAsset{{"jpy", 4}}), at(0, AddAsset{{"btc", 8}}), at(0, AddMarket{World::btc_jpy()}),
      at(0, AddAccount{AccountId{1}, 0, 0}),
      at(0, Deposit{AccountId{1}, AssetId{0}, Amount{1'000'000'000}, "a"})};
  for (std::int64_t i = 0; i < 3; ++i) list.push_back(at(i, World::limit(1, Side::buy, 100, 5)));
  list.push_back(at(3, CancelOrders{AccountId{1}, {}, MarketId{0}, {OrderId{3}}}));
  return list;
}

TEST(OracleTest, WritesIdsAnewForTheCommandsThatAreLeft) {
  OracleList list(shipped_cores(), {}, three_orders());
  list.learn();
  std::vector<OracleCommand> seen;
  const auto record = [&seen](const OracleCommand& command) { seen.push_back(command); };
  EXPECT_FALSE(list.run({0, 1, 2, 3, 4, 7, 8}, 0, record));
  const auto cancel = decode_command(seen.back().bytes);
  ASSERT_TRUE(cancel.has_value());
  EXPECT_EQ(std::get<CancelOrders>(*cancel).orders.front(), OrderId{1});
}

TEST(OracleTest, ShrinksToTheOneCommandThatMatters) {
  const auto fails = [](const std::vector<std::size_t>& places) {
    return std::ranges::count(places, 37u) == 1;
  };
  const auto places = shrink({100, 10, 2}, fails, [] { return true; });
  EXPECT_EQ(places, (std::vector<std::size_t>{0, 1, 37, 99}));
}

TEST(OracleTest, StopsShrinkingWhenTold) {
  int trials = 0;
  const auto fails = [&trials](const std::vector<std::size_t>&) { return ++trials > 1'000; };
  EXPECT_EQ(shrink({50, 0, 0}, fails, [&trials] { return trials < 3; }).size(), 50u);
  EXPECT_EQ(trials, 3);
}

TEST(OracleTest, KeepsListsAsText) {
  const std::vector<OracleCommand> list = three_orders();
  const std::string text = write_replay(true, list);
  const auto replay = read_replay(text);
  ASSERT_TRUE(replay.has_value());
  EXPECT_TRUE(replay->crowd);
  EXPECT_EQ(replay->commands, list);
}

TEST(OracleTest, RefusesDamagedLists) {
  const std::string head = "okiagari oracle 1 usual\n";
  EXPECT_TRUE(read_replay(head + "5 08 Tick\n5 \n").has_value());
  for (const std::string& bad :
       {std::string(), std::string("okiagari oracle 2 usual\n"), "okiagari oracle 1 other\n" + head,
        head + "x 08\n", head + "5 0\n", head + "5 0g\n", head + "5 08\n4 08\n", head + "\n"}) {
    EXPECT_FALSE(read_replay(bad).has_value()) << bad;
  }
}

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// The tables of describe.cc against the golden bytes of the formats: nothing short, nothing over.
TEST(DescribeTest, TakesEveryFieldOfEveryKind) {
  const auto whole = [](const std::string& text) {
    return text.find(" (") == std::string::npos && !text.starts_with("unknown") &&
           !text.starts_with("damaged");
  };
  std::size_t lines = 0;
  for (const auto& [name, hexadecimal] : golden("core_commands.txt")) {
    EXPECT_TRUE(whole(describe_command(from_hex(hexadecimal)))) << name;
    ++lines;
  }
  for (const auto& [name, hexadecimal] : golden("core_events.txt")) {
    const std::string bytes = from_hex(hexadecimal);
    ByteView left = bytes;
    while (!left.empty()) EXPECT_TRUE(whole(take_described_event(left))) << name;
    ++lines;
  }
  for (const auto& [name, hexadecimal] : golden("core_replies.txt")) {
    EXPECT_TRUE(whole(describe_reply(from_hex(hexadecimal)))) << name;
    ++lines;
  }
  EXPECT_GT(lines, 20u);
}

TEST(DescribeTest, ShowsDamageToo) {
  EXPECT_EQ(describe_command({}), "unknown kind, bytes ");
  EXPECT_EQ(describe_command(ByteView("\x08!", 2)), "Tick (and 1 bytes more)");
  EXPECT_EQ(describe_command(ByteView("\x0c\x01", 2)), "CloseSession (cut short)");
  ByteView events("\x02\x00\x00\x00\xff", 5);
  EXPECT_EQ(take_described_event(events), "damaged, bytes 02000000ff");
  EXPECT_TRUE(events.empty());
}

TEST(MarketCommandsTest, TheSameSeedGivesTheSameCommands) {
  const Walk one = walk(shipped_cores(), 11, 3'000);
  const Walk other = walk(shipped_cores(), 11, 3'000);
  const Walk third = walk(shipped_cores(), 12, 3'000);
  EXPECT_EQ(one.commands, other.commands);
  EXPECT_NE(one.commands, third.commands);
}

}  // namespace
}  // namespace oki::core
