// Public market data as bitbank writes it.
#pragma once

#include <vector>

#include "base/json.h"
#include "edge/order_json.h"
#include "history/projection.h"

namespace oki::edge {

// `with_pair`: the ticker names its pair, as in the list of all tickers.
void write_ticker(JsonWriter& json, const history::Ticker& ticker, const core::MarketSpec& market,
                  bool with_pair);
void write_transaction(JsonWriter& json, const history::PublicTrade& trade,
                       const core::MarketSpec& market);
void write_candles(JsonWriter& json, const std::vector<history::Candle>& candles,
                   history::CandleType type, const core::MarketSpec& market);
void write_pair(JsonWriter& json, const MarketText& text);

// No circuit breaker is in force: there is none in this exchange yet, and the values say so.
void write_circuit_break_info(JsonWriter& json, WallTimeMs now);

// "-0.0002" for -200 millionths: no zeros at the end.
std::string rate(std::int32_t ppm);

}  // namespace oki::edge
