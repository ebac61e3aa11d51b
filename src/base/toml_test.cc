#include "base/toml.h"

#include <gtest/gtest.h>

namespace oki {
namespace {

TomlValue parsed(const char* text) {
  const Result<TomlValue> value = parse_toml(text, "test");
  EXPECT_TRUE(value) << value.error().message;
  return value.value_or(TomlValue{});
}

TEST(TomlTest, EveryKindIsReadAndAbsentKeysAreDefaults) {
  const TomlValue root = parsed(
      "a = \"x\"\nb = 7\nc = true\nd = [\"p\", \"q\"]\n[e]\nf = 1\n[[g]]\nh = 1\n[[g]]\nh = 2\n");
  TomlReader reader(root, "test");
  EXPECT_EQ(reader.text("a"), "x");
  EXPECT_EQ(reader.line("a", 1), "x");
  EXPECT_EQ(reader.number("b", 0), 7u);
  std::int64_t integer = 0;
  reader.integer("b", integer, 7, 7);
  EXPECT_EQ(integer, 7);
  EXPECT_TRUE(reader.boolean("c"));
  EXPECT_EQ(reader.texts("d", 2), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(reader.one_of("a", {"y", "x"}), 1u);
  TomlReader inner(*reader.find("e"), "e");
  EXPECT_EQ(inner.number("f", 0), 1u);
  EXPECT_EQ(reader.list("g").size(), 2u);
  EXPECT_EQ(reader.first_fault(), "");
  EXPECT_EQ(reader.text("z", false), "");
  EXPECT_EQ(reader.number("z", 3), 3u);
  EXPECT_TRUE(reader.boolean("z", true));
  EXPECT_FALSE(reader.has("z"));
  EXPECT_TRUE(reader.list("z").empty());
  EXPECT_EQ(reader.one_of("z", {"x"}), std::nullopt);
  EXPECT_EQ(reader.first_fault(), "");
}

TEST(TomlTest, EveryMistakeIsSaidWithItsPlace) {
  const TomlValue root = parsed(
      "text = 1\nnumber = -1\nbig = 4294967296\ntruth = \"yes\"\nlist = 3\nmixed = [\"a\", 1]\n"
      "line = \"a\\nb\"\nempty = \"\"\n");
  const auto fault = [&root](const auto& read) {
    TomlReader reader(root, "here");
    read(reader);
    std::string said = reader.first_fault();
    return said.starts_with("here: ") ? said.substr(6) : "not here: " + said;
  };
  std::int64_t integer = 5;
  EXPECT_EQ(fault([](TomlReader& x) { x.text("text"); }), "'text' must be a text in quotes");
  EXPECT_EQ(fault([](TomlReader& x) { x.text("other"); }), "'other' is missing");
  EXPECT_EQ(fault([](TomlReader& x) { x.number("number", 0); }), "'number' must be a whole number");
  EXPECT_EQ(fault([](TomlReader& x) { x.number("big", 0); }), "'big' must be a whole number");
  EXPECT_EQ(fault([&](TomlReader& x) { x.integer("number", integer, 0, 9); }),
            "'number' must be a whole number from 0 to 9");
  EXPECT_EQ(integer, 5);
  EXPECT_EQ(fault([](TomlReader& x) { x.boolean("truth"); }), "'truth' must be true or false");
  EXPECT_EQ(fault([](TomlReader& x) { x.list("list"); }), "'list' must be a list");
  EXPECT_EQ(fault([](TomlReader& x) { x.texts("mixed"); }), "'mixed' must hold texts in quotes");
  EXPECT_EQ(fault([](TomlReader& x) { x.texts("mixed", 1); }),
            "'mixed' must have at most 1 entries");
  EXPECT_EQ(fault([](TomlReader& x) { x.line("line", 9); }),
            "'line' must be a text of 1 to 9 bytes");
  EXPECT_EQ(fault([](TomlReader& x) { x.line("empty", 9); }),
            "'empty' must be a text of 1 to 9 bytes");
  EXPECT_EQ(fault([](TomlReader& x) { x.one_of("line", {"a", "b"}); }),
            "'line' must be one of: a, b");
  EXPECT_EQ(fault([](TomlReader& x) { x.find("big"); }), "unknown key 'empty'");
  TomlReader no_table(*root.find("text"), "here");
  EXPECT_EQ(no_table.text("x", false), "");
  EXPECT_EQ(no_table.first_fault(), "here: is not a table");
}

TEST(TomlTest, WhatIsNoTomlIsRefused) {
  for (const char* text : {"= 3", "a = ", "a = 1\na = 2", "[a", "a = \"x", "a = '6\xAF='6Q\n"}) {
    EXPECT_FALSE(parse_toml(text, "test")) << text;
  }
}

}  // namespace
}  // namespace oki
