// The frequent commands read in place, without an allocation: the format is that of
// core/commands.h. What these refuse, decode_command refuses, and the other way round.
#pragma once

#include <optional>

#include "core/commands.h"
#include "core/fields.h"

namespace oki::core::fast {

constexpr std::uint8_t place_kind = 6;
constexpr std::uint8_t cancel_kind = 7;
constexpr std::uint8_t amend_kind = 9;
constexpr std::uint8_t batch_kind = 31;

struct PlaceView {
  AccountId account;
  Signed auth;
  MarketId market;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  bool post_only = false;
  TimeInForce time_in_force = TimeInForce::gtc;
  SelfTrade self_trade = SelfTrade::allow;
  PositionSide position = PositionSide::none;
  Price price, trigger;
  Lots amount, display;
  WallTimeMs expire_at;
  SessionId session;
  std::string_view client_order_id;
};

// Takes one order off `bytes`. False when it does not decode.
bool take_place(ByteView& bytes, PlaceView& order);

struct CancelView {
  AccountId account;
  Signed auth;
  MarketId market;
  ByteView orders;  // Eight bytes each.

  std::size_t count() const { return orders.size() / 8; }
  OrderId order(std::size_t i) const;
};
bool read_cancel(ByteView fields, CancelView& cancel);
bool read_amend(ByteView fields, AmendOrder& amend);

// The orders of a PlaceOrders follow each other in `orders`; the first take of each was checked.
struct BatchView {
  AccountId account;
  Signed auth;
  std::size_t count = 0;
  ByteView orders;
};
bool read_batch(ByteView fields, BatchView& batch);

}  // namespace oki::core::fast
