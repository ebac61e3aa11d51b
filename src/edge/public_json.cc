#include "edge/public_json.h"

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

// Margin trading is not offered: bitbank writes null for every such value.
constexpr ByteView margin_fields[] = {"margin_open_maker_fee_rate_quote",
                                      "margin_open_taker_fee_rate_quote",
                                      "margin_close_maker_fee_rate_quote",
                                      "margin_close_taker_fee_rate_quote",
                                      "margin_long_interest",
                                      "margin_short_interest",
                                      "margin_current_individual_ratio",
                                      "margin_current_individual_until",
                                      "margin_current_company_ratio",
                                      "margin_current_company_until",
                                      "margin_next_individual_ratio",
                                      "margin_next_individual_until",
                                      "margin_next_company_ratio",
                                      "margin_next_company_until"};

constexpr ByteView circuit_break_fields[] = {"estimated_itayose_price", "estimated_itayose_amount",
                                             "itayose_upper_price",     "itayose_lower_price",
                                             "upper_trigger_price",     "lower_trigger_price"};

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

void write_pair(JsonWriter& json, const MarketText& text) {
  const core::MarketSpec& market = text.market;
  json.begin_object().field("name", market.name);
  json.field("base_asset", text.base.name).field("quote_asset", text.quote.name);
  json.field("maker_fee_rate_base", "0").field("taker_fee_rate_base", "0");
  json.field("maker_fee_rate_quote", rate(market.maker_fee_ppm));
  json.field("taker_fee_rate_quote", rate(market.taker_fee_ppm));
  for (const ByteView field : margin_fields) json.key(field).null();
  json.field("unit_amount", text.lots(market.amount_min));
  json.field("limit_max_amount", text.lots(market.limit_amount_max));
  json.field("market_max_amount", text.lots(market.market_amount_max));
  json.field("market_allowance_rate", "0");
  json.field("price_digits", int{market.price_digits});
  json.field("amount_digits", int{market.amount_digits});
  json.field("is_enabled", true).field("stop_order", false);
  json.field("stop_order_and_cancel", false).field("stop_market_order", false);
  json.field("stop_stop_order", true).field("stop_stop_limit_order", true);
  json.field("stop_margin_long_order", true).field("stop_margin_short_order", true);
  json.field("stop_buy_order", false).field("stop_sell_order", false).end_object();
}

void write_circuit_break_info(JsonWriter& json, WallTimeMs now) {
  json.begin_object().field("mode", "NONE");
  for (const ByteView field : circuit_break_fields) json.key(field).null();
  json.field("fee_type", "NORMAL").key("reopen_timestamp").null();
  json.field("timestamp", now.value).end_object();
}

}  // namespace oki::edge
