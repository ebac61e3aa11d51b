#include "edge/order_json.h"

#include <iterator>

#include "base/decimal.h"

namespace oki::edge {
namespace {

__extension__ using Wide = unsigned __int128;

Wide power_of_ten(unsigned exponent) {
  Wide power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

}  // namespace

ByteView name(core::Side side) { return side == core::Side::buy ? "buy" : "sell"; }

ByteView name(core::OrderType type) {
  switch (type) {
    case core::OrderType::limit:
      return "limit";
    case core::OrderType::market:
      return "market";
    case core::OrderType::stop:
      return "stop";
    case core::OrderType::stop_limit:
      return "stop_limit";
    case core::OrderType::take_profit:
      return "take_profit";
    case core::OrderType::stop_loss:
      return "stop_loss";
    case core::OrderType::losscut:
      return "losscut";
  }
  return "limit";
}

ByteView name(core::OrderStatus status) {
  switch (status) {
    case core::OrderStatus::unfilled:
      return "UNFILLED";
    case core::OrderStatus::partially_filled:
      return "PARTIALLY_FILLED";
    case core::OrderStatus::fully_filled:
      return "FULLY_FILLED";
    case core::OrderStatus::canceled_unfilled:
      return "CANCELED_UNFILLED";
    case core::OrderStatus::canceled_partially_filled:
      return "CANCELED_PARTIALLY_FILLED";
    case core::OrderStatus::rejected:
      return "REJECTED";
    case core::OrderStatus::inactive:
      return "INACTIVE";
  }
  return "REJECTED";
}

ByteView name(core::PositionSide side) {
  switch (side) {
    case core::PositionSide::none:
      return "";
    case core::PositionSide::long_side:
      return "long";
    case core::PositionSide::short_side:
      return "short";
  }
  return "";
}

ByteView name(core::TimeInForce time_in_force) {
  switch (time_in_force) {
    case core::TimeInForce::gtc:
      return "gtc";
    case core::TimeInForce::ioc:
      return "ioc";
    case core::TimeInForce::fok:
      return "fok";
    case core::TimeInForce::gtd:
      return "gtd";
  }
  return "gtc";
}

ByteView name(core::SelfTrade self_trade) {
  constexpr ByteView names[] = {"allow", "cancel_newest", "cancel_oldest", "cancel_both",
                                "decrement"};
  const auto position = static_cast<std::size_t>(self_trade);
  return position < std::size(names) ? names[position] : "allow";
}

ByteView name(core::Reason reason) {
  constexpr ByteView names[] = {"none",
                                "by_owner",
                                "would_cross",
                                "not_filled",
                                "self_trade",
                                "expired",
                                "dead_man",
                                "session_closed",
                                "circuit_break",
                                "insufficient_amount",
                                "nothing_to_close",
                                "losscut",
                                "fills_limit",
                                "by_operator",
                                "market_stopped"};
  const auto position = static_cast<std::size_t>(reason);
  return position < std::size(names) ? names[position] : "none";
}

std::string MarketText::price(core::Price price) const {
  return decimal(price.value, market.price_digits);
}

std::string MarketText::lots(core::Lots lots) const {
  return decimal(lots.value, market.amount_digits);
}

MarketText text_of(const history::Projection& projection, core::MarketId market) {
  const core::MarketSpec& spec = projection.markets()[market.value];
  return {spec, projection.assets()[spec.base.value], projection.assets()[spec.quote.value]};
}

// executed_quote counts 10^-quote decimals and executed 10^-amount digits, so that ticks are
// quote * 10^(price digits + amount digits - quote decimals) / executed.
core::Price average_price(const core::OrderView& order, const MarketText& text) {
  if (order.executed.value == 0) return {};
  const unsigned up = unsigned{text.market.price_digits} + text.market.amount_digits;
  const unsigned down = text.quote.decimals;
  const Wide numerator = Wide{order.executed_quote.value} * power_of_ten(up > down ? up - down : 0);
  const Wide denominator = Wide{order.executed.value} * power_of_ten(down > up ? down - up : 0);
  return {static_cast<std::uint64_t>((numerator + denominator / 2) / denominator)};
}

namespace {

void write_amounts(JsonWriter& json, const core::OrderView& order, const MarketText& text) {
  // What closes all of a position has no amount before its trigger.
  if (order.amount.value == 0) {
    json.key("start_amount").null().key("remaining_amount").null();
  } else {
    json.field("start_amount", text.lots(order.amount));
    json.field("remaining_amount", text.lots({order.amount.value - order.executed.value}));
  }
  json.field("executed_amount", text.lots(order.executed));
}

void write_times(JsonWriter& json, const core::OrderView& order) {
  json.field("ordered_at", order.ordered_at.value).key("expire_at");
  order.expire_at.value != 0 ? json.number(order.expire_at.value) : json.null();
  if (order.triggered_at.value != 0) json.field("triggered_at", order.triggered_at.value);
  if (order.canceled_at.value != 0) json.field("canceled_at", order.canceled_at.value);
  if (order.executed_at.value != 0) json.field("executed_at", order.executed_at.value);
}

void write_additions(JsonWriter& json, const core::OrderView& order, const MarketText& text) {
  if (!order.client_order_id.empty()) json.field("client_order_id", order.client_order_id);
  if (order.time_in_force != core::TimeInForce::gtc) {
    json.field("time_in_force", name(order.time_in_force));
  }
  if (order.self_trade != core::SelfTrade::allow) {
    json.field("self_trade_prevention", name(order.self_trade));
  }
  if (order.display.value != 0) json.field("display_amount", text.lots(order.display));
  if (order.reason != core::Reason::none) json.field("cancel_reason", name(order.reason));
}

}  // namespace

void write_order(JsonWriter& json, const core::OrderView& order, const MarketText& text) {
  json.begin_object().field("order_id", order.id.value).field("pair", text.market.name);
  json.field("side", name(order.side));
  if (order.position != core::PositionSide::none) {
    json.field("position_side", name(order.position));
  }
  json.field("type", name(order.type));
  write_amounts(json, order, text);
  const bool limit = order.type == core::OrderType::limit;
  if (limit || order.type == core::OrderType::stop_limit) {
    json.field("price", text.price(order.price));
  }
  if (limit) json.field("post_only", order.post_only);
  json.field("user_cancelable", order.type != core::OrderType::losscut);
  json.field("average_price", text.price(average_price(order, text)));
  write_times(json, order);
  if (has_trigger(order.type)) json.field("trigger_price", text.price(order.trigger));
  json.field("status", name(order.status));
  write_additions(json, order, text);
  json.end_object();
}

void write_trade(JsonWriter& json, const history::AccountTrade& trade, const MarketText& text) {
  const auto quote = [&](std::int64_t units) { return decimal(units, text.quote.decimals); };
  const bool margin = trade.position != core::PositionSide::none;
  json.begin_object().field("trade_id", trade.id.value).field("pair", text.market.name);
  json.field("order_id", trade.order.value).field("side", name(trade.side));
  if (margin) json.field("position_side", name(trade.position));
  json.field("type", name(trade.type));
  json.field("amount", text.lots(trade.amount)).field("price", text.price(trade.price));
  json.field("maker_taker", trade.maker ? "maker" : "taker");
  json.field("fee_amount_base", decimal(std::uint64_t{0}, text.base.decimals));
  json.field("fee_amount_quote", quote(trade.fee_quote));
  json.field("fee_occurred_amount_quote", quote(trade.fee_occurred));
  if (margin && !opens(trade.side, trade.position)) {
    json.field("profit_loss", quote(trade.profit));
    json.field("interest", decimal(trade.interest.value, text.quote.decimals));
  }
  json.field("executed_at", trade.executed_at.value).end_object();
}

}  // namespace oki::edge
