// What an account may read about itself. Nothing here ever looks past the account given: an order
// of another account is not found.
#pragma once

#include "edge/answers.h"
#include "edge/params.h"
#include "edge/routes.h"
#include "history/projection.h"

namespace oki::edge {

constexpr std::int64_t trades_per_answer_max = 1'000;
constexpr std::int64_t active_orders_per_answer_max = 1'000;
constexpr std::size_t orders_info_max = 100;

// What trade_history asks for. An empty range (since after end) is no mistake: it holds nothing.
struct TradesFilter {
  std::optional<core::MarketId> market;
  std::optional<core::OrderId> order;
  std::int64_t count = trades_per_answer_max;
  WallTimeMs since;
  WallTimeMs end;
  bool newest_first = true;
};
Checked<TradesFilter> read_trades_filter(const history::Projection& projection,
                                         const Params& params);

// Answers of lists. REQUIRES: the markets of the rows exist.
net::HttpResponse orders_answer(const history::Projection& projection,
                                const std::vector<const core::OrderView*>& orders);
net::HttpResponse trades_answer(const history::Projection& projection,
                                const std::vector<history::AccountTrade>& trades);

class AccountApi {
 public:
  // Must outlive this.
  explicit AccountApi(const history::Projection& projection) : projection_(projection) {}

  // REQUIRES: the endpoint is a query.
  net::HttpResponse answer(Endpoint endpoint, core::AccountId account, const Params& params) const;

 private:
  net::HttpResponse assets(core::AccountId account) const;
  net::HttpResponse order(core::AccountId account, const Params& params) const;
  net::HttpResponse orders_info(core::AccountId account, const Params& params) const;
  net::HttpResponse active_orders(core::AccountId account, const Params& params) const;
  net::HttpResponse trade_history(core::AccountId account, const Params& params) const;

  const history::Projection& projection_;
};

// The order of this account on this market, or nullptr.
const core::OrderView* own_order(const history::Projection& projection, core::AccountId account,
                                 core::MarketId market, core::OrderId order);

// The owner's name for an order; nothing when it is absent.
Checked<std::optional<ByteView>> client_order_id(const Params& params);

// The market named by `pair`. Error: its codes.
Checked<core::MarketId> required_market(const history::Projection& projection,
                                        const Params& params);

}  // namespace oki::edge
