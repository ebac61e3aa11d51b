// A customer of one market in a drill: orders, books and trades in ticks and lots, and every order
// written down for the audit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drill/itayose.h"
#include "drill/steps.h"

namespace oki::drill {

struct DeskOrder {
  core::Side side = core::Side::buy;
  std::uint64_t price = 0;  // In ticks; 0: a market order.
  std::uint64_t lots = 0;
  std::string more{};  // Further members of the body, from a comma on.
};

struct DeskTrade {
  std::uint64_t id = 0;
  std::uint64_t order = 0;  // Of the account; 0 in public trades.
  std::string side{};
  std::string maker_taker{};  // Empty in public trades.
  std::uint64_t price = 0;
  std::uint64_t lots = 0;
  std::string fee{};  // fee_amount_quote, as written.
  std::int64_t executed_at = 0;
};

struct PublicBook {
  std::vector<BookLevel> asks;  // Best first.
  std::vector<BookLevel> bids;
  std::string sequence;
};

class MarketDesk {
 public:
  // Both outlive this.
  MarketDesk(Steps& steps, const Session::Market& market) : steps_(steps), market_(market) {}

  // The answer; its order is written down as acknowledged, or as unknown.
  ApiAnswer place(const DrillAccount& account, const DeskOrder& order);
  ApiAnswer cancel(const DrillAccount& account, std::int64_t order);

  net::Json info();      // Of circuit_break_info.
  std::string status();  // Of /v1/spot/status.
  PublicBook book();
  std::vector<DeskTrade> public_trades(std::uint64_t after);  // Newer than this id, oldest first.
  std::vector<DeskTrade> own_trades(const DrillAccount& account, std::uint64_t after);

  std::string price(std::uint64_t ticks) const;
  std::string lots(std::uint64_t lots) const;

  // What a trade's fee must be written as.
  std::string fee(const DeskTrade& trade, std::int32_t ppm) const;

 private:
  const DrillAccount& anyone() const { return steps_.session().accounts().traders.front(); }
  std::vector<BookLevel> levels(const net::Json& depth, ByteView side) const;
  DeskTrade trade(const net::Json& json, ByteView id) const;
  void note(const DrillAccount& account, const DeskOrder& order, const ApiAnswer& answer);

  Steps& steps_;
  const Session::Market& market_;
};

}  // namespace oki::drill
