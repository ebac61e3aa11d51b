// Orders and trades of an account as bitbank writes them. A value that bitbank calls undefined is
// absent here, never null; decimals are strings with all the digits of their pair.
#pragma once

#include "base/json.h"
#include "core/types.h"
#include "history/projection.h"

namespace oki::edge {

ByteView name(core::Side side);
ByteView name(core::OrderType type);
ByteView name(core::OrderStatus status);
ByteView name(core::PositionSide side);  // "" for none.

// Words that are ours.
ByteView name(core::TimeInForce time_in_force);
ByteView name(core::SelfTrade self_trade);
ByteView name(core::Reason reason);

// What a price and a size of a market need to be written.
struct MarketText {
  const core::MarketSpec& market;
  const core::AssetSpec& base;
  const core::AssetSpec& quote;

  std::string price(core::Price price) const;
  std::string lots(core::Lots lots) const;
};

MarketText text_of(const history::Projection& projection, core::MarketId market);

// The price per unit at which the order was executed so far, rounded to the nearest tick; zero
// before the first trade.
core::Price average_price(const core::OrderView& order, const MarketText& text);

// With bitbank's fields and, behind them, ours where they say something: client_order_id,
// time_in_force, self_trade_prevention, display_amount, cancel_reason.
void write_order(JsonWriter& json, const core::OrderView& order, const MarketText& text);
void write_trade(JsonWriter& json, const history::AccountTrade& trade, const MarketText& text);

}  // namespace oki::edge
