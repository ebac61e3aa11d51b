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
    {Refusal::quarantined, 10001},
    {Refusal::exists, 10001},
    {Refusal::conflict, 10001},
    {Refusal::unknown_account, 10001},
    {Refusal::unknown_asset, 10001},
    {Refusal::unknown_market, 40017},
    {Refusal::unknown_withdrawal, 10001},
    {Refusal::unknown_credit, 10001},
    {Refusal::unknown_key, 20002},
    {Refusal::nonce_not_increased, 20001},
    {Refusal::account_restricted, 50003},
    {Refusal::client_order_id_used, 10002},
    {Refusal::invalid_spec, 10001},
    {Refusal::same_operator, 10001},
    {Refusal::wrong_state, 10001},
    {Refusal::node_not_ready, 10001},
    {Refusal::invalid_time, 10002},
    {Refusal::invalid_client_order_id, 10002},
    {Refusal::invalid_type, 40024},
    {Refusal::invalid_amount, 40001},
    {Refusal::invalid_price, 40020},
    {Refusal::invalid_trigger, 40112},
    {Refusal::post_only_with_market, 40114},
    {Refusal::invalid_time_in_force, 10002},
    {Refusal::invalid_display, 10002},
    {Refusal::invalid_position, 40164},
    {Refusal::no_margin_market, 40165},
    {Refusal::stop_opens_position, 40200},
    {Refusal::not_closing, 60019},
    {Refusal::market_halted, 70004},
    {Refusal::orders_and_cancels_stopped, 70018},
    {Refusal::orders_stopped, 70017},
    {Refusal::market_uncrossing, 70011},
    {Refusal::market_orders_stopped, 70009},
    {Refusal::no_market_orders_in_auction, 70020},
    {Refusal::stop_orders_stopped, 70023},
    {Refusal::stop_limit_orders_stopped, 70022},
    {Refusal::long_orders_stopped, 70024},
    {Refusal::short_orders_stopped, 70025},
    {Refusal::buy_orders_stopped, 70005},
    {Refusal::sell_orders_stopped, 70006},
    {Refusal::only_post_only, 70026},
    {Refusal::amount_below_min, 60004},
    {Refusal::amount_below_busy_min, 70010},
    {Refusal::amount_above_max, 60003},
    {Refusal::price_below_min, 60006},
    {Refusal::price_above_max, 60005},
    {Refusal::price_beyond_collar, 70021},
    {Refusal::trigger_below_min, 40112},
    {Refusal::trigger_above_max, 60016},
    {Refusal::triggers_at_once, 60018},
    {Refusal::too_many_open_orders, 60011},
    {Refusal::limit_reached, 70011},
    {Refusal::margin_not_allowed, 50058},
    {Refusal::exceeds_position, 50062},
    {Refusal::insufficient_margin, 50061},
    {Refusal::lender_exhausted, 50059},
    {Refusal::withdrawals_frozen, 50071},
    {Refusal::exceeds_holdings, 10001},
    {Refusal::insufficient_amount, 60001},
    {Refusal::would_cross, 40020},
    {Refusal::order_not_found, 50009},
    {Refusal::not_amendable, 50010},
    {Refusal::overflow, 60003},
};

TEST(Codes, EveryRefusalHasItsCode) {
  for (const Row& row : rows) {
    EXPECT_EQ(static_cast<std::uint32_t>(fault_of(row.refusal).code), row.code)
        << name(row.refusal);
  }
}

TEST(Codes, TheTableHasARowForEachRefusal) {
  std::set<Refusal> seen;
  for (const Row& row : rows) EXPECT_TRUE(seen.insert(row.refusal).second) << name(row.refusal);
  for (std::uint8_t number = 0; number < core::refusal_numbers; ++number) {
    const auto refusal = static_cast<Refusal>(number);
    const bool answered_otherwise = refusal == Refusal::ok || refusal == Refusal::too_many_updates;
    EXPECT_EQ(seen.contains(refusal), !answered_otherwise) << name(refusal);
  }
}

TEST(Codes, AMarketBuyAboveItsLimitHasACodeOfItsOwn) {
  EXPECT_EQ(fault_of(Refusal::amount_above_max, Side::buy, OrderType::market),
            Code::market_buy_above_max);
  EXPECT_EQ(fault_of(Refusal::amount_above_max, Side::sell, OrderType::market),
            Code::amount_above_max);
}

TEST(Codes, EveryCodeHasASentenceThatFitsAHeader) {
  std::set<ByteView> seen;
  for (const Row& row : rows) {
    const ByteView text = sentence(fault_of(row.refusal).code);
    EXPECT_NE(text, "Refused") << name(row.refusal);
    for (const char c : text) EXPECT_TRUE(c >= 0x20 && c <= 0x7E) << text;
  }
  for (const Field& field : {field::pair,
                             field::amount,
                             field::price,
                             field::side,
                             field::type,
                             field::post_only,
                             field::position_side,
                             field::order_id,
                             field::order_ids,
                             field::count,
                             field::since,
                             field::end,
                             field::from_id,
                             field::end_id,
                             field::order,
                             field::trigger_price,
                             field::client_order_id,
                             field::time_in_force,
                             field::expire_at,
                             field::self_trade_prevention,
                             field::display_amount,
                             field::cancel_on_disconnect,
                             field::timeout_ms,
                             field::orders}) {
    EXPECT_NE(field.missing.reason(), "Refused") << field.name;
    EXPECT_NE(field.invalid.reason(), "Refused") << field.name;
    EXPECT_LE(field.invalid.reason().size(), 120u) << field.name;
    EXPECT_TRUE(seen.insert(field.name).second) << field.name;
  }
}

}  // namespace
}  // namespace oki::edge
