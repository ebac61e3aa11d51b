#include "edge/public_json.h"

#include <algorithm>
#include <iterator>

#include "base/decimal.h"

namespace oki::edge {
namespace {

constexpr unsigned ppm_digits = 6;

void write_optional_price(JsonWriter& json, ByteView name, std::optional<core::Price> price,
                          const core::MarketSpec& market) {
  json.key(name);
  if (price) {
    json.string(decimal(price->value, market.price_digits));
  } else {
    json.null();
  }
}

constexpr ByteView margin_fee_fields[] = {"margin_open_maker_fee_rate_quote",
                                          "margin_open_taker_fee_rate_quote",
                                          "margin_close_maker_fee_rate_quote",
                                          "margin_close_taker_fee_rate_quote",
                                          "margin_long_interest",
                                          "margin_short_interest"};

// No change of a ratio is ever announced here, so that nothing has an end.
constexpr ByteView margin_next_fields[] = {
    "margin_next_individual_ratio", "margin_next_individual_until", "margin_next_company_ratio",
    "margin_next_company_until"};

std::string ratio(std::uint32_t ppm) { return rate(static_cast<std::int32_t>(ppm)); }

void write_margin(JsonWriter& json, const core::MarginSpec& margin) {
  const std::string rates[] = {rate(margin.open_maker_fee_ppm),  rate(margin.open_taker_fee_ppm),
                               rate(margin.close_maker_fee_ppm), rate(margin.close_taker_fee_ppm),
                               ratio(margin.long_interest_ppm),  ratio(margin.short_interest_ppm)};
  for (std::size_t i = 0; i < std::size(rates); ++i) {
    json.key(margin_fee_fields[i]);
    margin.enabled ? json.string(rates[i]) : json.null();
  }
  for (const ByteView who : {"individual", "company"}) {
    const std::string current = "margin_current_" + std::string(who);
    json.key(current + "_ratio");
    margin.enabled ? json.string(ratio(margin.ratio_ppm)) : json.null();
    json.key(current + "_until").null();
  }
  for (const ByteView field : margin_next_fields) json.key(field).null();
}

// In an auction whose end has a range.
bool has_range(core::MarketMode mode) {
  return mode == core::MarketMode::circuit_break || mode == core::MarketMode::resumption;
}

void write_price_or_null(JsonWriter& json, ByteView name, core::Price price,
                         const core::MarketSpec& market) {
  write_optional_price(json, name,
                       price.value == 0 ? std::nullopt : std::optional<core::Price>(price), market);
}

void write_time_or_nothing(JsonWriter& json, ByteView name, WallTimeMs time) {
  if (time.value != 0) json.field(name, time.value);
}

}  // namespace

std::string rate(std::int32_t ppm) {
  std::string text = decimal(std::int64_t{ppm}, ppm_digits);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

void write_ticker(JsonWriter& json, const history::Ticker& ticker, const core::MarketSpec& market,
                  bool with_pair) {
  json.begin_object();
  if (with_pair) json.field("pair", market.name);
  write_optional_price(json, "sell", ticker.sell, market);
  write_optional_price(json, "buy", ticker.buy, market);
  write_optional_price(json, "high", ticker.high, market);
  write_optional_price(json, "low", ticker.low, market);
  write_optional_price(json, "open", ticker.open, market);
  write_optional_price(json, "last", ticker.last, market);
  json.field("vol", decimal(ticker.volume.value, market.amount_digits));
  json.field("timestamp", ticker.timestamp.value).end_object();
}

void write_transaction(JsonWriter& json, const history::PublicTrade& trade,
                       const core::MarketSpec& market) {
  json.begin_object().field("transaction_id", trade.id.value);
  json.field("side", name(trade.taker_side));
  json.field("price", decimal(trade.price.value, market.price_digits));
  json.field("amount", decimal(trade.amount.value, market.amount_digits));
  json.field("executed_at", trade.executed_at.value).end_object();
}

void write_candles(JsonWriter& json, const std::vector<history::Candle>& candles,
                   history::CandleType type, const core::MarketSpec& market) {
  json.begin_object().field("type", history::name(type)).key("ohlcv").begin_array();
  for (const history::Candle& candle : candles) {
    json.begin_array();
    for (const core::Price price : {candle.open, candle.high, candle.low, candle.close}) {
      json.string(decimal(price.value, market.price_digits));
    }
    json.string(decimal(candle.volume.value, market.amount_digits));
    json.number(candle.start.value).end_array();
  }
  json.end_array().end_object();
}

void write_pair(JsonWriter& json, const MarketText& text, const core::MarketState& state) {
  const core::MarketSpec& market = text.market;
  const auto is = [&](core::Stop what) { return stopped(state.stops, what); };
  const bool margin = market.margin.enabled;
  json.begin_object().field("name", market.name);
  json.field("base_asset", text.base.name).field("quote_asset", text.quote.name);
  json.field("maker_fee_rate_base", "0").field("taker_fee_rate_base", "0");
  json.field("maker_fee_rate_quote", rate(market.maker_fee_ppm));
  json.field("taker_fee_rate_quote", rate(market.taker_fee_ppm));
  write_margin(json, market.margin);
  json.field("unit_amount", text.lots(market.amount_min));
  json.field("limit_max_amount", text.lots(market.limit_amount_max));
  json.field("market_max_amount", text.lots(market.market_amount_max));
  json.field("market_allowance_rate", ratio(market.market_allowance_ppm));
  json.field("price_digits", int{market.price_digits});
  json.field("amount_digits", int{market.amount_digits});
  json.field("is_enabled", !is(core::Stop::disabled)).field("stop_order", is(core::Stop::order));
  json.field("stop_order_and_cancel", is(core::Stop::order_and_cancel));
  json.field("stop_market_order", is(core::Stop::market_order));
  json.field("stop_stop_order", is(core::Stop::stop_order));
  json.field("stop_stop_limit_order", is(core::Stop::stop_limit_order));
  json.field("stop_margin_long_order", !margin || is(core::Stop::margin_long_order));
  json.field("stop_margin_short_order", !margin || is(core::Stop::margin_short_order));
  json.field("stop_buy_order", is(core::Stop::buy_order));
  json.field("stop_sell_order", is(core::Stop::sell_order)).end_object();
}

ByteView name(core::MarketStatus status) {
  switch (status) {
    case core::MarketStatus::normal:
      return "NORMAL";
    case core::MarketStatus::busy:
      return "BUSY";
    case core::MarketStatus::very_busy:
      return "VERY_BUSY";
    case core::MarketStatus::halt:
      return "HALT";
  }
  return "HALT";
}

ByteView name(core::MarketMode mode) {
  switch (mode) {
    case core::MarketMode::none:
      return "NONE";
    case core::MarketMode::circuit_break:
      return "CIRCUIT_BREAK";
    case core::MarketMode::full_range_circuit_break:
      return "FULL_RANGE_CIRCUIT_BREAK";
    case core::MarketMode::resumption:
      return "RESUMPTION";
    case core::MarketMode::listing:
      return "LISTING";
  }
  return "NONE";
}

ByteView name(core::FeeType fee_type) {
  switch (fee_type) {
    case core::FeeType::normal:
      return "NORMAL";
    case core::FeeType::sell_maker:
      return "SELL_MAKER";
    case core::FeeType::buy_maker:
      return "BUY_MAKER";
    case core::FeeType::dynamic:
      return "DYNAMIC";
  }
  return "NORMAL";
}

core::Lots amount_min_now(const core::MarketSpec& market, core::MarketStatus status) {
  core::Lots least = market.amount_min;
  if (status == core::MarketStatus::busy) least = std::max(least, market.busy_amount_min);
  if (status == core::MarketStatus::very_busy) least = std::max(least, market.very_busy_amount_min);
  return least;
}

void write_circuit_break_info(JsonWriter& json, const history::Projection& projection,
                              core::MarketId market, WallTimeMs now) {
  const core::MarketSpec& spec = projection.markets()[market.value];
  const core::MarketState state = projection.market_state(market);
  const history::AuctionEstimate estimate = projection.auction_estimate(market);
  const bool collects = state.mode != core::MarketMode::none;
  const bool ranged = has_range(state.mode);
  const auto price_if = [&](bool there, ByteView field, core::Price price) {
    write_price_or_null(json, field, there ? price : core::Price{}, spec);
  };
  json.begin_object().field("mode", name(state.mode));
  price_if(collects, "estimated_itayose_price", estimate.price);
  json.key("estimated_itayose_amount");
  collects ? json.string(decimal(estimate.lots.value, spec.amount_digits)) : json.null();
  price_if(ranged, "itayose_upper_price", state.upper_itayose);
  price_if(ranged, "itayose_lower_price", state.lower_itayose);
  price_if(!collects, "upper_trigger_price", state.upper_trigger);
  price_if(!collects, "lower_trigger_price", state.lower_trigger);
  json.field("fee_type", name(state.fee_type)).key("reopen_timestamp");
  state.reopen_at.value != 0 ? json.number(state.reopen_at.value) : json.null();
  write_time_or_nothing(json, "cancel_only_timestamp", state.cancel_only_at);
  write_time_or_nothing(json, "auction_timestamp", state.auction_at);
  write_time_or_nothing(json, "withdrawals_timestamp", state.withdrawals_at);
  json.field("timestamp", now.value).end_object();
}

}  // namespace oki::edge
