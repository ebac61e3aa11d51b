#include "edge/order_json.h"

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

void write_order(JsonWriter& json, const core::OrderView& order, const MarketText& text) {
  const bool limit = order.type == core::OrderType::limit;
  json.begin_object().field("order_id", order.id.value).field("pair", text.market.name);
  json.field("side", name(order.side)).field("type", name(order.type));
  json.field("start_amount", text.lots(order.amount));
  json.field("remaining_amount", text.lots({order.amount.value - order.executed.value}));
  json.field("executed_amount", text.lots(order.executed));
  if (limit) {
    json.field("price", text.price(order.price)).field("post_only", order.post_only);
  }
  json.field("user_cancelable", true);
  json.field("average_price", text.price(average_price(order, text)));
  json.field("ordered_at", order.ordered_at.value).key("expire_at");
  if (limit) {
    json.number(order.ordered_at.value + limit_order_lifetime_ms);
  } else {
    json.null();
  }
  if (order.canceled_at.value != 0) json.field("canceled_at", order.canceled_at.value);
  if (order.executed_at.value != 0) json.field("executed_at", order.executed_at.value);
  json.field("status", name(order.status)).end_object();
}

void write_trade(JsonWriter& json, const history::AccountTrade& trade, const MarketText& text) {
  const std::string fee = decimal(trade.fee_quote, text.quote.decimals);
  json.begin_object().field("trade_id", trade.id.value).field("pair", text.market.name);
  json.field("order_id", trade.order.value);
  json.field("side", name(trade.side)).field("type", name(trade.type));
  json.field("amount", text.lots(trade.amount)).field("price", text.price(trade.price));
  json.field("maker_taker", trade.maker ? "maker" : "taker");
  json.field("fee_amount_base", decimal(std::uint64_t{0}, text.base.decimals));
  json.field("fee_amount_quote", fee).field("fee_occurred_amount_quote", fee);
  json.field("executed_at", trade.executed_at.value).end_object();
}

}  // namespace oki::edge
