#include "edge/codes.h"

#include <gtest/gtest.h>

#include <set>

namespace oki::edge {
namespace {

using core::OrderType;
using core::Refusal;
using core::Side;

struct Row {
  Refusal refusal;
  std::uint32_t code;
};

// One row for every refusal of the core that can reach a client, in its order of precedence.
constexpr Row rows[] = {
    {Refusal::malformed, 10001},
    {Refusal::exists, 10001},
    {Refusal::conflict, 10001},
    {Refusal::unknown_account, 10001},
    {Refusal::unknown_asset, 10001},
    {Refusal::unknown_market, 40017},
    {Refusal::unknown_key, 20002},
    {Refusal::nonce_not_increased, 20001},
    {Refusal::invalid_spec, 10001},
    {Refusal::invalid_amount, 40001},
    {Refusal::invalid_price, 40020},
    {Refusal::post_only_with_market, 40114},
    {Refusal::amount_below_min, 60004},
    {Refusal::amount_above_max, 60003},
    {Refusal::price_below_min, 60006},
    {Refusal::price_above_max, 60005},
    {Refusal::too_many_open_orders, 60011},
    {Refusal::limit_reached, 70011},
    {Refusal::insufficient_amount, 60001},
    {Refusal::order_not_found, 50009},
    {Refusal::overflow, 60003},
};

TEST(Codes, EveryRefusalHasItsCode) {
  for (const Row& row : rows) {
    EXPECT_EQ(static_cast<std::uint32_t>(code_of(row.refusal)), row.code) << name(row.refusal);
  }
}

TEST(Codes, AMarketBuyAboveItsLimitHasACodeOfItsOwn) {
  EXPECT_EQ(code_of(Refusal::amount_above_max, Side::buy, OrderType::market),
            Code::market_buy_above_max);
  EXPECT_EQ(code_of(Refusal::amount_above_max, Side::sell, OrderType::market),
            Code::amount_above_max);
}

TEST(Codes, EveryCodeHasASentenceThatFitsAHeader) {
  std::set<ByteView> seen;
  for (const Row& row : rows) {
    const ByteView text = sentence(code_of(row.refusal));
    EXPECT_NE(text, "Refused") << name(row.refusal);
    for (const char c : text) EXPECT_TRUE(c >= 0x20 && c <= 0x7E) << text;
  }
  for (const Field& field :
       {field::pair, field::amount, field::price, field::side, field::type, field::post_only,
        field::position_side, field::order_id, field::order_ids, field::count, field::since,
        field::end, field::from_id, field::end_id, field::order}) {
    EXPECT_NE(sentence(field.missing), "Refused") << field.name;
    EXPECT_NE(sentence(field.invalid), "Refused") << field.name;
    EXPECT_TRUE(seen.insert(field.name).second) << field.name;
  }
}

}  // namespace
}  // namespace oki::edge
