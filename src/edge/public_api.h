// The answers anyone may have: markets, prices, books, trades, candles. Markets that are not listed
// do not exist here.
#pragma once

#include <vector>

#include "base/clock.h"
#include "edge/answers.h"
#include "edge/books.h"
#include "edge/routes.h"
#include "history/projection.h"

namespace oki::edge {

constexpr std::size_t newest_transactions = 60;

class PublicApi {
 public:
  // All must outlive this.
  PublicApi(const Clock& clock, const history::Projection& projection, Books& books)
      : clock_(clock), projection_(projection), books_(books) {}

  // `can_trade`: whether orders are taken right now, as far as this edge knows.
  // REQUIRES: the endpoint is one of everyone's, other than health.
  net::HttpResponse answer(Endpoint endpoint, const PathArgs& args, bool can_trade);

 private:
  net::HttpResponse pairs() const;
  net::HttpResponse statuses(bool can_trade) const;
  net::HttpResponse tickers(bool jpy_only) const;
  net::HttpResponse of_market(Endpoint endpoint, core::MarketId market, const PathArgs& args);
  net::HttpResponse ticker(core::MarketId market) const;
  net::HttpResponse transactions(const std::vector<history::PublicTrade>& trades,
                                 core::MarketId market) const;
  net::HttpResponse transactions_of_day(core::MarketId market, ByteView day) const;
  net::HttpResponse candlestick(core::MarketId market, ByteView type, ByteView date) const;

  const Clock& clock_;
  const history::Projection& projection_;
  Books& books_;
};

// The market of this name, if it is listed.
std::optional<core::MarketId> listed_market(const history::Projection& projection, ByteView name);

// What a candlestick path's date covers: a UTC day (YYYYMMDD) for candles up to an hour, a year for
// longer ones. For those bitbank wants YYYY, and ccxt sends YYYYMMDD: the year is what counts.
struct Span {
  WallTimeMs from;
  WallTimeMs to;
};
std::optional<Span> candle_span(history::CandleType type, ByteView date);

}  // namespace oki::edge
