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
void write_pair(JsonWriter& json, const MarketText& text, const core::MarketState& state);

// `market` exists. Null is what bitbank says of a value that its mode does not have. Ours:
// reopen_timestamp also before the mode changes, when a reopening is announced, and the times of
// its other stages as long as they are to come.
void write_circuit_break_info(JsonWriter& json, const history::Projection& projection,
                              core::MarketId market, WallTimeMs now);

// "NORMAL"; "CIRCUIT_BREAK"; "SELL_MAKER".
ByteView name(core::MarketStatus status);
ByteView name(core::MarketMode mode);
ByteView name(core::FeeType fee_type);

// The smallest order that is taken with this load.
core::Lots amount_min_now(const core::MarketSpec& market, core::MarketStatus status);

// "-0.0002" for -200 millionths: no zeros at the end.
std::string rate(std::int32_t ppm);

}  // namespace oki::edge
