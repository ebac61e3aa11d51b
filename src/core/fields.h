// The order of the fields of everything the core encodes, as base/fields.h says.
#pragma once

#include <optional>
#include <string>

#include "base/fields.h"
#include "core/commands.h"
#include "core/events.h"
#include "core/types.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<core::Side> = 2;
template <>
inline constexpr std::uint8_t numbers_of<core::OrderType> = 7;
template <>
inline constexpr std::uint8_t numbers_of<core::OrderStatus> = 7;
template <>
inline constexpr std::uint8_t numbers_of<core::TimeInForce> = 4;
template <>
inline constexpr std::uint8_t numbers_of<core::SelfTrade> = 5;
template <>
inline constexpr std::uint8_t numbers_of<core::PositionSide> = 3;
template <>
inline constexpr std::uint8_t numbers_of<core::Reason> = 15;
template <>
inline constexpr std::uint8_t numbers_of<core::MarketStatus> = 4;
template <>
inline constexpr std::uint8_t numbers_of<core::MarketMode> = 5;
template <>
inline constexpr std::uint8_t numbers_of<core::FeeType> = 4;
template <>
inline constexpr std::uint8_t numbers_of<core::MarginStatus> = 4;
template <>
inline constexpr std::uint8_t numbers_of<core::CreditState> = 3;
template <>
inline constexpr std::uint8_t numbers_of<core::WithdrawalState> = 4;
template <>
inline constexpr std::uint8_t numbers_of<core::StepKind> = 3;
template <>
inline constexpr std::uint8_t numbers_of<core::Refusal> = core::refusal_numbers;

}  // namespace oki

namespace oki::core {

class FieldWriter : public FieldWriterOf<FieldWriter> {
 public:
  using FieldWriterOf::FieldWriterOf;
};

class FieldReader : public FieldReaderOf<FieldReader> {
 public:
  using FieldReaderOf::FieldReaderOf;
};

// --- Parts.
void fields(auto& io, Like<Signed> auto& x) { io(x.key, x.nonce); }

void fields(auto& io, Like<AssetSpec> auto& x) {
  io.text(x.name, asset_name_bytes_max);
  io(x.decimals);
}

void fields(auto& io, Like<MarginSpec> auto& x) {
  io(x.enabled, x.open_maker_fee_ppm, x.open_taker_fee_ppm, x.close_maker_fee_ppm,
     x.close_taker_fee_ppm, x.long_interest_ppm, x.short_interest_ppm, x.ratio_ppm);
}

void fields(auto& io, Like<MarketSpec> auto& x) {
  io.text(x.name, market_name_bytes_max);
  io(x.base, x.quote, x.price_digits, x.amount_digits, x.listed, x.maker_fee_ppm, x.taker_fee_ppm,
     x.price_min, x.price_max, x.amount_min, x.limit_amount_max, x.market_amount_max, x.band_ppm,
     x.band_step_ppm, x.band_max_ppm, x.break_ms, x.collar_ppm, x.market_allowance_ppm,
     x.busy_per_second, x.very_busy_per_second, x.busy_amount_min, x.very_busy_amount_min,
     x.margin);
}

void fields(auto& io, Like<MarketState> auto& x) {
  io(x.market, x.status, x.mode, x.fee_type, x.stops, x.reference, x.lower_trigger, x.upper_trigger,
     x.lower_itayose, x.upper_itayose, x.reopen_at, x.cancel_only_at, x.auction_at,
     x.withdrawals_at);
}

void fields(auto& io, Like<Position> auto& x) {
  io(x.account, x.market, x.side, x.open, x.cost, x.fees, x.interest, x.interest_until);
}

void fields(auto& io, Like<OrderView> auto& x) {
  io(x.id, x.account, x.market, x.side, x.type, x.post_only, x.time_in_force, x.self_trade,
     x.position, x.status, x.reason, x.price, x.trigger, x.amount, x.display, x.executed,
     x.executed_quote, x.session, x.ordered_at, x.expire_at, x.triggered_at, x.canceled_at,
     x.executed_at);
  io.text(x.client_order_id, client_order_id_bytes_max);
}

}  // namespace oki::core
