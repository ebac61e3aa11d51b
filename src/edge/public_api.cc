#include "edge/public_api.h"

#include "base/assert.h"
#include "base/calendar.h"
#include "edge/public_json.h"

namespace oki::edge {
namespace {

WallTimeMs start_of_year(std::int32_t year) { return start_of_day({year, 1, 1}); }

bool covers_days(history::CandleType type) { return type <= history::CandleType::hour1; }

std::optional<std::int32_t> leading_year(ByteView date) {
  if (date.size() < 4 || date.size() > 8) return std::nullopt;
  for (const char c : date) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  std::int32_t year = 0;
  for (const char c : date.substr(0, 4)) year = year * 10 + (c - '0');
  return year;
}

}  // namespace

std::optional<core::MarketId> listed_market(const history::Projection& projection, ByteView name) {
  const auto market = projection.market(name);
  if (!market || !projection.markets()[market->value].listed) return std::nullopt;
  return market;
}

std::optional<Span> candle_span(history::CandleType type, ByteView date) {
  if (covers_days(type)) {
    const auto day = parse_yyyymmdd(date);
    if (!day) return std::nullopt;
    const WallTimeMs from = start_of_day(*day);
    return Span{from, {from.value + ms_per_day}};
  }
  const auto year = leading_year(date);
  if (!year) return std::nullopt;
  return Span{start_of_year(*year), start_of_year(*year + 1)};
}

net::HttpResponse PublicApi::answer(Endpoint endpoint, const PathArgs& args, bool can_trade) {
  switch (endpoint) {
    case Endpoint::pairs:
      return pairs();
    case Endpoint::statuses:
      return statuses(can_trade);
    case Endpoint::tickers:
      return tickers(false);
    case Endpoint::tickers_jpy:
      return tickers(true);
    default:
      break;
  }
  const auto market = listed_market(projection_, args[0]);
  if (!market) return refused(Code::url_not_found);
  return of_market(endpoint, *market, args);
}

net::HttpResponse PublicApi::of_market(Endpoint endpoint, core::MarketId market,
                                       const PathArgs& args) {
  switch (endpoint) {
    case Endpoint::ticker:
      return ticker(market);
    case Endpoint::depth: {
      const Bytes& depth = books_.depth(market);
      return success([&](JsonWriter& json) { json.raw(depth); });
    }
    case Endpoint::transactions:
      return transactions(projection_.newest_trades(market, newest_transactions), market);
    case Endpoint::transactions_of_day:
      return transactions_of_day(market, args[1]);
    case Endpoint::candlestick:
      return candlestick(market, args[1], args[2]);
    case Endpoint::circuit_break_info:
      return success([&](JsonWriter& json) {
        write_circuit_break_info(json, projection_, market, clock_.wall_now());
      });
    default:
      ASSERT(false);
      return refused(Code::system_error);
  }
}

net::HttpResponse PublicApi::pairs() const {
  return success([this](JsonWriter& json) {
    json.begin_object().key("pairs").begin_array();
    for (std::size_t i = 0; i < projection_.markets().size(); ++i) {
      if (!projection_.markets()[i].listed) continue;
      const core::MarketId id{static_cast<std::uint16_t>(i)};
      write_pair(json, text_of(projection_, id), projection_.market_state(id));
    }
    json.end_array().end_object();
  });
}

net::HttpResponse PublicApi::statuses(bool can_trade) const {
  return success([&](JsonWriter& json) {
    json.begin_object().key("statuses").begin_array();
    for (std::size_t i = 0; i < projection_.markets().size(); ++i) {
      const core::MarketId id{static_cast<std::uint16_t>(i)};
      const MarketText text = text_of(projection_, id);
      if (!text.market.listed) continue;
      const core::MarketStatus status =
          can_trade ? projection_.market_state(id).status : core::MarketStatus::halt;
      json.begin_object().field("pair", text.market.name).field("status", name(status));
      json.field("min_amount", text.lots(amount_min_now(text.market, status))).end_object();
    }
    json.end_array().end_object();
  });
}

net::HttpResponse PublicApi::tickers(bool jpy_only) const {
  const WallTimeMs now = clock_.wall_now();
  return success([&](JsonWriter& json) {
    json.begin_array();
    for (std::size_t i = 0; i < projection_.markets().size(); ++i) {
      const core::MarketId id{static_cast<std::uint16_t>(i)};
      const MarketText text = text_of(projection_, id);
      if (!text.market.listed || (jpy_only && text.quote.name != "jpy")) continue;
      write_ticker(json, projection_.ticker(id, now), text.market, true);
    }
    json.end_array();
  });
}

net::HttpResponse PublicApi::ticker(core::MarketId market) const {
  return success([&](JsonWriter& json) {
    write_ticker(json, projection_.ticker(market, clock_.wall_now()),
                 projection_.markets()[market.value], false);
  });
}

net::HttpResponse PublicApi::transactions(const std::vector<history::PublicTrade>& trades,
                                          core::MarketId market) const {
  return success([&](JsonWriter& json) {
    json.begin_object().key("transactions").begin_array();
    for (const history::PublicTrade& trade : trades) {
      write_transaction(json, trade, projection_.markets()[market.value]);
    }
    json.end_array().end_object();
  });
}

net::HttpResponse PublicApi::transactions_of_day(core::MarketId market, ByteView day) const {
  const auto date = parse_yyyymmdd(day);
  if (!date) return refused(Code::url_not_found);
  const WallTimeMs from = start_of_day(*date);
  return transactions(projection_.trades_between(market, from, {from.value + ms_per_day}), market);
}

net::HttpResponse PublicApi::candlestick(core::MarketId market, ByteView type,
                                         ByteView date) const {
  const auto candle_type = history::candle_type(type);
  const auto span = candle_type ? candle_span(*candle_type, date) : std::nullopt;
  if (!span) return refused(Code::url_not_found);
  const auto candles = projection_.candles(market, *candle_type, span->from, span->to);
  return success([&](JsonWriter& json) {
    json.begin_object().key("candlestick").begin_array();
    write_candles(json, candles, *candle_type, projection_.markets()[market.value]);
    json.end_array().field("timestamp", clock_.wall_now().value).end_object();
  });
}

}  // namespace oki::edge
