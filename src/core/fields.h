// The order of the fields of everything the core encodes, written once for both directions.
//
// `fields(io, x)` names the fields of x in the order of the format; with a FieldWriter they are
// appended, with a FieldReader they are read and checked (booleans, enum numbers, string limits),
// so that one value has exactly one spelling. Primitives are those of base/bytes.h.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "core/commands.h"
#include "core/events.h"
#include "core/types.h"

namespace oki::core {

template <typename T, typename U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

// How many numbers an enum has; they are dense from 0.
template <typename E>
constexpr std::uint8_t numbers_of = 0;
template <>
inline constexpr std::uint8_t numbers_of<Side> = 2;
template <>
inline constexpr std::uint8_t numbers_of<OrderType> = 7;
template <>
inline constexpr std::uint8_t numbers_of<OrderStatus> = 7;
template <>
inline constexpr std::uint8_t numbers_of<TimeInForce> = 4;
template <>
inline constexpr std::uint8_t numbers_of<SelfTrade> = 5;
template <>
inline constexpr std::uint8_t numbers_of<PositionSide> = 3;
template <>
inline constexpr std::uint8_t numbers_of<Reason> = 15;
template <>
inline constexpr std::uint8_t numbers_of<MarketStatus> = 4;
template <>
inline constexpr std::uint8_t numbers_of<MarketMode> = 5;
template <>
inline constexpr std::uint8_t numbers_of<FeeType> = 4;
template <>
inline constexpr std::uint8_t numbers_of<MarginStatus> = 4;
template <>
inline constexpr std::uint8_t numbers_of<CreditState> = 3;
template <>
inline constexpr std::uint8_t numbers_of<WithdrawalState> = 4;
template <>
inline constexpr std::uint8_t numbers_of<StepKind> = 3;
template <>
inline constexpr std::uint8_t numbers_of<Refusal> = refusal_numbers;

template <typename T>
concept IsStrong = requires { typename T::Integer; };

class FieldWriter {
 public:
  explicit FieldWriter(Bytes& out) : out_(out) {}

  template <typename... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

  void text(const std::string& value, std::size_t) { out_.blob(value); }

 private:
  template <typename T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.boolean(value);
    } else if constexpr (std::is_enum_v<T>) {
      static_assert(numbers_of<T> > 0);
      out_.u8(static_cast<std::uint8_t>(value));
    } else if constexpr (IsStrong<T>) {
      put(value.value);
    } else if constexpr (std::is_integral_v<T>) {
      if constexpr (sizeof(T) == 1) out_.u8(static_cast<std::uint8_t>(value));
      if constexpr (sizeof(T) == 2) out_.u16(static_cast<std::uint16_t>(value));
      if constexpr (sizeof(T) == 4) out_.u32(static_cast<std::uint32_t>(value));
      if constexpr (sizeof(T) == 8) out_.u64(static_cast<std::uint64_t>(value));
    } else {
      fields(*this, value);
    }
  }

  Writer out_;
};

class FieldReader {
 public:
  explicit FieldReader(ByteView in) : in_(in) {}

  template <typename... T>
  void operator()(T&... values) {
    (take(values), ...);
  }

  void text(std::string& value, std::size_t size_max) { value = in_.blob(size_max); }
  void fail() { in_.fail(); }
  bool ok() const { return in_.ok(); }
  bool done() const { return in_.done(); }
  std::size_t left() const { return in_.left(); }

 private:
  template <typename T>
  void take(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = in_.boolean();
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint8_t number = in_.u8();
      if (number >= numbers_of<T>) in_.fail();
      value = static_cast<T>(in_.ok() ? number : 0);
    } else if constexpr (IsStrong<T>) {
      take(value.value);
    } else if constexpr (std::is_integral_v<T>) {
      if constexpr (sizeof(T) == 1) value = static_cast<T>(in_.u8());
      if constexpr (sizeof(T) == 2) value = static_cast<T>(in_.u16());
      if constexpr (sizeof(T) == 4) value = static_cast<T>(in_.u32());
      if constexpr (sizeof(T) == 8) value = static_cast<T>(in_.u64());
    } else {
      fields(*this, value);
    }
  }

  Reader in_;
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

// --- Variants: one kind byte, the place of the alternative counted from 1.
template <typename Variant>
void write_kind(Bytes& out, const Variant& value) {
  out.push_back(static_cast<char>(value.index() + 1));
  FieldWriter io(out);
  std::visit([&io](const auto& x) { fields(io, x); }, value);
}

// Nothing when the kind is unknown or `bytes` is not exactly the kind byte and its fields.
template <typename Variant>
std::optional<Variant> read_kind(ByteView bytes) {
  std::optional<Variant> value;
  if (bytes.empty()) return value;
  const auto kind = static_cast<std::uint8_t>(bytes.front());
  FieldReader io(bytes.substr(1));
  const auto try_kind = [&]<std::size_t place>(std::integral_constant<std::size_t, place>) {
    if (kind != place + 1) return;
    value.emplace(std::in_place_index<place>);
    fields(io, std::get<place>(*value));
  };
  [&]<std::size_t... places>(std::index_sequence<places...>) {
    (try_kind(std::integral_constant<std::size_t, places>{}), ...);
  }(std::make_index_sequence<std::variant_size_v<Variant>>{});
  if (!io.done()) value.reset();
  return value;
}

}  // namespace oki::core
