// The file of the house: the shipped example sets up a house, and slips of the pen are refused.
#include "watch/conductor/house_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "response/oncall.h"
#include "response/response_machine.h"
#include "watch/conductor/house_keeper.h"

namespace oki::watch {
namespace {

using response::Refusal;

std::string shipped() {
  std::ifstream file("deploy/response.toml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Refusal configure(response::ResponseMachine& machine, const response::Change& change) {
  Bytes reply, events;
  machine.apply({1'795'000'000'000}, response::encode(response::Configure{{}, change}), reply,
                events);
  return response::decode_reply(reply)->refusal;
}

TEST(HouseFileTest, TheShippedExampleSetsUpAHouse) {
  const auto changes = read_house_file(shipped());
  ASSERT_TRUE(changes) << changes.error().message;
  response::ResponseMachine machine;
  for (const response::Change& change : *changes) {
    EXPECT_EQ(configure(machine, change), Refusal::none) << change.index();
  }
  const response::House& house = machine.state().house;
  EXPECT_EQ(house.components.size(), 9u);
  EXPECT_EQ(response::configurers(house), 2u);
  EXPECT_EQ(house.people.at({3}).rights, response::right_of(response::Role::communications) |
                                             response::right_of(response::Role::support) |
                                             response::right_of(response::Role::scribe));
  EXPECT_EQ(house.escalations[0].steps.size(), 3u);
  EXPECT_EQ(house.speakers.size(), 3u);
  EXPECT_EQ(house.suppressions.size(), 1u);
  EXPECT_EQ(house.runbooks.at("example").steps[1].approval, response::Approval::two_people);
  EXPECT_EQ(house.rules, response::Rules{});
  EXPECT_EQ(house.severity_table, response::SeverityTable{});
  EXPECT_TRUE(missing(house, *changes, {}).empty());
  // The override: 31 December in UTC.
  EXPECT_EQ(response::on_call(house.schedules.at("primary"), {1'798'700'000'000}),
            response::PersonId{2});
}

TEST(HouseFileTest, AChangedFileDiffersInOnePlace) {
  response::ResponseMachine machine;
  const auto before = read_house_file(shipped());
  ASSERT_TRUE(before);
  for (const response::Change& change : *before) configure(machine, change);
  std::string text = shipped();
  text.replace(text.find("\"Chie\""), 6, "\"Chieko\"");
  const auto changes = read_house_file(text);
  ASSERT_TRUE(changes);
  EXPECT_EQ(missing(machine.state().house, *changes, {}).size(), 1u);
}

TEST(HouseFileTest, SlipsOfThePenAreRefusedWithTheirPlace) {
  const struct {
    const char* text;
    const char* says;
  } cases[] = {
      {"[[persson]]\nid = 1\n", "unknown key 'persson'"},
      {"[[person]]\nid = 1\n", "'name' is missing"},
      {"[[person]]\nid = 1\nname = \"A\"\nright = [\"all\"]\n", "unknown key 'right'"},
      {"[[person]]\nid = 1\nname = \"A\"\nrights = [\"king\"]\n", "'king'"},
      {"[[person]]\nid = 1\nname = \"A\"\n[[person]]\nid = 1\nname = \"B\"\n", "twice"},
      {"[[person]]\nid = 1\nname = \"A\"\nlanguage = \"fr\"\n", "'fr'"},
      {"[[component]]\nid = \"btc_jpy\"\n", "'btc_jpy'"},
      {"[[component]]\nid = \"market btc_jpy\"\ntier = 4\n", "'tier' must be"},
      {"[[component]]\nid = \"market btc_jpy\"\ntier = -1\n", "whole number"},
      {"[[schedule]]\nname = \"a\"\ntitle = \"A\"\n[[schedule.layer]]\nstart = \"now\"\n", "'now'"},
      {"[[schedule]]\nname = \"a\"\ntitle = \"A\"\n[[schedule.layer]]\nday_from = \"24:00\"\n",
       "'start' is missing"},
      {"[[escalation]]\nseverity = \"sev5\"\n", "'sev5'"},
      {"[[escalation]]\nseverity = \"sev1\"\n[[escalation.step]]\ntargets = [\"persons 1\"]\n",
       "'persons 1'"},
      {"[rules]\ngate_trade = 1\n", "unknown key 'gate_trade'"},
      {"[rules]\ntier1 = [\"sev1\"]\n", "three severities"},
      {"rules = 3\n", "is not a table"},
      {"person = 3\n", "'person' must be a list"},
      {"= 3\n", ""},
  };
  for (const auto& each : cases) {
    const auto changes = read_house_file(each.text);
    ASSERT_FALSE(changes) << each.text;
    EXPECT_NE(changes.error().message.find(each.says), std::string::npos)
        << each.text << changes.error().message;
  }
  EXPECT_FALSE(read_house_file(std::string(house_file_bytes_max + 1, '#')));
  EXPECT_TRUE(read_house_file("")->empty());
}

}  // namespace
}  // namespace oki::watch
