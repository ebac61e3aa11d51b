#include "net/json_reader.h"

#include <gtest/gtest.h>

namespace oki::net {
namespace {

constexpr std::size_t plenty = 1u << 20;

Json read(ByteView text) {
  auto json = parse_json(text, plenty);
  EXPECT_TRUE(json.has_value()) << text;
  return json.value_or(Json());
}

// The spelling of a number within an array, or nothing when it is refused.
std::optional<std::string> spelled(ByteView number) {
  const auto json = parse_json("[" + std::string(number) + "]", plenty);
  if (!json || json->array()->size() != 1) return std::nullopt;
  if (json->array()->front().kind() != Json::Kind::number) return std::nullopt;
  return std::string(*json->array()->front().number_text());
}

TEST(ParseJson, ReadsAnOrder) {
  const Json json =
      read(R"( {"pair":"btc_jpy","amount":"0.0001","price":5000000,"post_only":true,"x":null,)"
           R"("tags":["a",{"b":[]}]} )");
  EXPECT_EQ(json.kind(), Json::Kind::object);
  EXPECT_EQ(json.find("pair")->string(), "btc_jpy");
  EXPECT_EQ(json.find("amount")->number_text(), "0.0001");
  EXPECT_EQ(json.find("price")->number_text(), "5000000");
  EXPECT_EQ(json.find("price")->integer(), 5000000);
  EXPECT_EQ(json.find("post_only")->boolean(), true);
  EXPECT_TRUE(json.find("x")->is_null());
  EXPECT_EQ(json.find("tags")->array()->at(1).find("b")->array()->size(), 0u);
  EXPECT_EQ(json.find("absent"), nullptr);
  EXPECT_EQ(json.find("pair")->find("y"), nullptr);
}

TEST(ParseJson, EachKindAnswersOnlyForItself) {
  const Json json = read(R"([1,"1",true,null,[],{}])");
  const auto& items = *json.array();
  EXPECT_FALSE(items[0].string() || items[0].boolean() || items[0].array() || items[0].object());
  EXPECT_FALSE(items[1].integer() || items[1].boolean() || items[1].array());
  EXPECT_FALSE(items[2].integer() || items[2].string() || items[2].number_text());
  EXPECT_FALSE(items[3].boolean() || items[3].string() || items[3].number_text());
  EXPECT_FALSE(items[4].object() || items[4].string() || items[5].array());
  EXPECT_EQ(json.object(), nullptr);
}

TEST(ParseJson, KeepsNumbersExactlyAsSpelled) {
  for (const char* number :
       {"0", "-0", "1", "0.0001", "1e-4", "1E+4", "-12.50", "1.0", "18446744073709551616",
        "123456789012345678901234567890.123456789012345678901234567890", "1e999999"}) {
    EXPECT_EQ(spelled(number), number);
    EXPECT_EQ(spelled(" " + std::string(number) + "\n\t"), number);
  }
}

TEST(ParseJson, RefusesWhatIsNoNumber) {
  for (const char* number : {"01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1_000", "NaN",
                             "Infinity", "-Infinity", "1.2.3", "--1", "1 2", "1a", "٣"}) {
    EXPECT_EQ(spelled(number), std::nullopt) << number;
  }
}

TEST(ParseJson, IntegersHaveNoFractionAndFit) {
  const Json json = read(
      "[9223372036854775807,-9223372036854775808,9223372036854775808,1.0,1e3,\"5\",44280998810]");
  const auto& items = *json.array();
  EXPECT_EQ(items[0].integer(), INT64_MAX);
  EXPECT_EQ(items[1].integer(), INT64_MIN);
  for (const std::size_t i : {2, 3, 4, 5}) EXPECT_EQ(items[i].integer(), std::nullopt) << i;
  EXPECT_EQ(items[6].integer(), 44280998810);
}

TEST(ParseJson, TheLastOfDoubledMembersWins) {
  const Json json = read(R"({"a":1,"b":2,"a":3})");
  EXPECT_EQ(json.find("a")->integer(), 3);
  EXPECT_EQ(json.object()->size(), 3u);
}

TEST(ParseJson, DecodesEscapes) {
  const Json json = read(R"(["\"\\\/\b\f\n\r\t","\u5186","\ud83d\ude00","a\u0000b"])");
  const auto& items = *json.array();
  EXPECT_EQ(items[0].string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(items[1].string(), "\xE5\x86\x86");
  EXPECT_EQ(items[2].string(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(items[3].string(), ByteView("a\0b", 3));
  EXPECT_EQ(read(R"({"\u0061":1})").find("a")->integer(), 1);
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  const Bytes documents[] = {"",
                             " ",
                             "{",
                             "[",
                             "}",
                             "[1",
                             "[1,]",
                             "[,1]",
                             "[1 2]",
                             "[1,,2]",
                             "[1]]",
                             "[1] x",
                             "[1][2]",
                             "[1}",
                             "{\"a\":1]",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\" 1}",
                             "{\"a\":1,}",
                             "{\"a\":1 \"b\":2}",
                             "{a:1}",
                             "{1:2}",
                             "{'a':1}",
                             "[tru]",
                             "[truex]",
                             "[true false]",
                             "[nul]",
                             "[\"abc]",
                             "[\"\\x\"]",
                             "[\"\\u12\"]",
                             "[\"\\ud800\"]",
                             "[\"\\udc00\"]",
                             "[\"\\ud800\\u0041\"]",
                             "[\"\n\"]",
                             "[\"\t\"]",
                             Bytes("[\"\0\"]", 5),
                             Bytes("[1]\0", 4),
                             "[\"\xFF\"]",
                             "[\"\xC0\x80\"]",
                             "[\"\xED\xA0\x80\"]",
                             "\xEF\xBB\xBF[]",
                             "[1]//x",
                             "[/**/1]",
                             ","};
  for (const Bytes& document : documents) {
    const auto json = parse_json(document, plenty);
    ASSERT_FALSE(json.has_value()) << document;
    EXPECT_EQ(json.error().code, Errc::invalid);
  }
}

TEST(ParseJson, ABareScalarIsRefused) {
  for (const char* document : {"1", "\"a\"", "true", "null", " 1 "}) {
    EXPECT_FALSE(parse_json(document, plenty).has_value()) << document;
  }
}

Bytes nested(int depth) {
  const auto size = static_cast<std::size_t>(depth);
  return Bytes(size, '[') + Bytes(size, ']');
}

TEST(ParseJson, DepthIsLimited) {
  EXPECT_TRUE(parse_json(nested(json_depth_max), plenty).has_value());
  EXPECT_FALSE(parse_json(nested(json_depth_max + 1), plenty).has_value());
  EXPECT_FALSE(parse_json(nested(400'000), plenty).has_value());
  Bytes objects;
  for (int i = 0; i <= json_depth_max; ++i) objects += "{\"a\":";
  EXPECT_FALSE(parse_json(objects, plenty).has_value());
}

TEST(ParseJson, SizeIsLimited) {
  const auto json = parse_json("[1234]", 5);
  ASSERT_FALSE(json.has_value());
  EXPECT_EQ(json.error().code, Errc::full);
  EXPECT_TRUE(parse_json("[1234]", 6).has_value());
}

TEST(ParseJson, EveryCutOfADocumentIsRefused) {
  const Bytes document = R"({"a":[1,2.5e3,"x\u5186"],"b":{"c":null,"d":true}})";
  EXPECT_TRUE(parse_json(document, plenty).has_value());
  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(parse_json(ByteView(document).substr(0, size), plenty).has_value()) << size;
  }
}

TEST(ParseJson, ARefusalLeavesNothingBehindForTheNextDocument) {
  EXPECT_FALSE(parse_json("[\"abc", plenty).has_value());
  EXPECT_EQ(read("[1]").array()->size(), 1u);
}

}  // namespace
}  // namespace oki::net
