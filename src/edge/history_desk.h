// Answers about what this edge's memory has forgotten, from the SQL history: orders that closed
// long ago, trades beyond the newest of an account.
//
// An answer waits until history has reached what memory showed when it was asked, so that nothing
// falls between the two; a history that is behind for longer, or that cannot be read, is a 503.
// As at bitbank, an order that closed more than three months ago is not found.
#pragma once

#include "base/clock.h"
#include "edge/account_api.h"
#include "edge/answers.h"
#include "edge/applied.h"
#include "history/sql_queue.h"

namespace oki::edge {

constexpr std::int64_t closed_order_shown_ms = std::int64_t{92} * 86'400'000;

struct HistoryDeskOptions {
  std::int64_t wait_ms = 1'000;      // For history to come up to what memory has.
  std::size_t waiting_max = 20'000;  // Questions that wait for it.
};

class HistoryDesk {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    const history::Projection& projection;
    history::SqlQueue& history;
  };

  // All parts must outlive this, and the queue ends before it.
  HistoryDesk(const Parts& parts, const HistoryDeskOptions& options);

  // True: `respond` will be called with what memory and history know together. False: memory knows
  // it all, or the request is faulty; nothing was done. `index`: what memory has reached.
  bool takes(Endpoint endpoint, core::AccountId account, const Params& params, LogIndex index,
             const Respond& respond);

  // The SQL history holds everything up to here.
  void written(LogIndex index) { written_.reached(index); }

 private:
  using Orders = std::vector<core::OrderView>;
  // What becomes of the orders that were found, in the order asked.
  using Show = std::function<net::HttpResponse(const Orders& found)>;

  bool takes_order(core::AccountId account, const Params& params, LogIndex index,
                   const Respond& respond);
  bool takes_orders_info(core::AccountId account, const Params& params, LogIndex index,
                         const Respond& respond);
  bool takes_trades(core::AccountId account, const Params& params, LogIndex index,
                    const Respond& respond);
  void ask_orders(core::AccountId account, core::MarketId market, std::vector<core::OrderId> ids,
                  LogIndex index, Respond respond, Show show);
  bool is_shown(const core::OrderView& order, core::MarketId market) const;

  Parts parts_;
  AppliedQueue written_;
};

}  // namespace oki::edge
