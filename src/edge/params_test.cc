#include "edge/params.h"

#include <gtest/gtest.h>

namespace oki::edge {
namespace {

Params body(ByteView text) {
  auto params = Params::from_body(text);
  EXPECT_TRUE(params.has_value()) << text;
  return params ? *params : Params{};
}

Params query(ByteView text) {
  auto params = Params::from_query(text);
  EXPECT_TRUE(params.has_value()) << text;
  return params ? *params : Params{};
}

TEST(Params, OnlyAJsonObjectIsABody) {
  for (const ByteView text : {"", " ", "null", "1", "[]", "\"a\"", "{", "{\"a\":}", "{\"a\":1}}",
                              "{'a':1}", "{\"a\":01}", "\xff"}) {
    const auto params = Params::from_body(text);
    ASSERT_FALSE(params.has_value()) << text;
    EXPECT_EQ(params.error(), Code::malformed_request);
  }
  EXPECT_FALSE(Params::from_body("{\"a\":\"" + std::string(json_body_bytes_max, 'x') + "\"}"));
}

TEST(Params, ABrokenEscapeIsAMalformedRequest) {
  EXPECT_EQ(Params::from_query("pair=%zz").error(), Code::malformed_request);
}

struct DecimalRow {
  ByteView json;
  unsigned digits;
  std::uint64_t units;  // 0: invalid.
};

TEST(Params, DecimalsAreReadFromStringsAndNumbersInEverySpelling) {
  constexpr DecimalRow rows[] = {
      {R"("0.0001")", 4, 1},  {"0.0001", 4, 1},
      {"1e-4", 4, 1},         {R"("1E-4")", 4, 1},
      {"1.0e2", 0, 100},      {"12", 3, 12000},
      {R"("12.000")", 0, 12}, {R"("0.00010")", 4, 1},
      {R"("0.00001")", 4, 0}, {"0", 4, 0},
      {"-1", 4, 0},           {R"("-1")", 4, 0},
      {R"("+1")", 4, 0},      {R"("")", 4, 0},
      {R"(" 1")", 4, 0},      {R"("1,5")", 4, 0},
      {R"("0x1")", 4, 0},     {R"("NaN")", 4, 0},
      {R"("1e400")", 4, 0},   {"1e400", 4, 0},
      {"true", 4, 0},         {"[1]", 4, 0},
      {R"({"a":1})", 4, 0},   {R"("99999999999999999999")", 0, 0},
  };
  for (const DecimalRow& row : rows) {
    const Params params = body(R"({"amount":)" + std::string(row.json) + "}");
    const auto units = params.required_decimal(field::amount, row.digits);
    EXPECT_EQ(units.value_or(0), row.units) << row.json;
    if (!units) {
      EXPECT_EQ(units.error(), Code::invalid_amount) << row.json;
    }
  }
}

TEST(Params, NullIsAbsent) {
  const Params params = body(R"({"price":null,"post_only":null,"order_ids":null})");
  EXPECT_EQ(params.required_decimal(field::price, 0).error(), Code::price_missing);
  EXPECT_FALSE(params.boolean_or_false(field::post_only).value());
  EXPECT_EQ(params.required_ids(field::order_ids, 3).error(), Code::order_ids_missing);
  EXPECT_FALSE(params.text(field::position_side).value().has_value());
}

TEST(Params, UnknownNamesAreIgnored) {
  EXPECT_EQ(body(R"({"x":{"y":[1,2]},"pair":"btc_jpy"})").required_text(field::pair).value(),
            "btc_jpy");
}

TEST(Params, IdsAreWholeNumbersOrStringsOfThem) {
  EXPECT_EQ(body(R"({"order_id":44280998810})").required_id(field::order_id).value(), 44280998810u);
  EXPECT_EQ(body(R"({"order_id":"44280998810"})").required_id(field::order_id).value(),
            44280998810u);
  EXPECT_EQ(query("order_id=7").required_id(field::order_id).value(), 7u);
  EXPECT_EQ(body("{}").required_id(field::order_id).error(), Code::order_id_missing);
  for (const ByteView text :
       {"0", "-1", "1.5", "\"a\"", "\"\"", "9007199254740992", "[]", "true"}) {
    EXPECT_EQ(
        body(R"({"order_id":)" + std::string(text) + "}").required_id(field::order_id).error(),
        Code::invalid_order_id)
        << text;
  }
  EXPECT_EQ(query("order_id=").required_id(field::order_id).error(), Code::invalid_order_id);
}

TEST(Params, IdListsHaveLimits) {
  const std::vector<std::uint64_t> two{1, 2};
  EXPECT_EQ(body(R"({"order_ids":[1,"2"]})").required_ids(field::order_ids, 2).value(), two);
  EXPECT_EQ(body(R"({"order_ids":[1,2,3]})").required_ids(field::order_ids, 2).error(),
            Code::too_many_order_ids);
  for (const ByteView text : {"[]", "1", "[0]", "[1,null]", "[[1]]", "{}", "\"1\""}) {
    EXPECT_EQ(body(R"({"order_ids":)" + std::string(text) + "}")
                  .required_ids(field::order_ids, 2)
                  .error(),
              Code::invalid_order_ids)
        << text;
  }
}

TEST(Params, TimesAndCountsAreWhole) {
  EXPECT_EQ(query("since=1000000000").whole(field::since).value().value(), 1000000000);
  EXPECT_EQ(query("count=0").whole(field::count).value().value(), 0);
  EXPECT_FALSE(query("").whole(field::count).value().has_value());
  EXPECT_EQ(query("end=-1").whole(field::end).error(), Code::invalid_end);
  EXPECT_EQ(query("since=x").whole(field::since).error(), Code::invalid_since);
}

TEST(Params, BooleansAreOnlyTrueAndFalse) {
  EXPECT_TRUE(body(R"({"post_only":true})").boolean_or_false(field::post_only).value());
  EXPECT_FALSE(body(R"({"post_only":false})").boolean_or_false(field::post_only).value());
  for (const ByteView text : {"1", "0", "\"true\"", "[]"}) {
    EXPECT_EQ(body(R"({"post_only":)" + std::string(text) + "}")
                  .boolean_or_false(field::post_only)
                  .error(),
              Code::invalid_post_only);
  }
}

}  // namespace
}  // namespace oki::edge
