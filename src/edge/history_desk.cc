#include "edge/history_desk.h"

#include <algorithm>

#include "edge/order_json.h"

namespace oki::edge {
namespace {

constexpr ByteView behind = "The history on this edge is behind, ask again";
constexpr ByteView unreadable = "The history on this edge cannot be read now";

WallTimeMs closed_at(const core::OrderView& order) {
  return std::max({order.ordered_at, order.canceled_at, order.executed_at});
}

}  // namespace

HistoryDesk::HistoryDesk(const Parts& parts, const HistoryDeskOptions& options)
    : parts_(parts), written_(parts.timers, parts.clock, options.wait_ms, options.waiting_max) {}

bool HistoryDesk::takes(Endpoint endpoint, core::AccountId account, const Params& params,
                        LogIndex index, const Respond& respond) {
  switch (endpoint) {
    case Endpoint::order:
      return takes_order(account, params, index, respond);
    case Endpoint::orders_info:
      return takes_orders_info(account, params, index, respond);
    case Endpoint::trade_history:
      return takes_trades(account, params, index, respond);
    default:
      return false;
  }
}

bool HistoryDesk::is_shown(const core::OrderView& order, core::MarketId market) const {
  // The projection may have been dropped since the question was asked.
  if (order.market != market || market.value >= parts_.projection.markets().size()) return false;
  const std::int64_t age_ms = parts_.clock.wall_now().value - closed_at(order).value;
  return !core::is_final(order.status) || age_ms <= closed_order_shown_ms;
}

bool HistoryDesk::takes_order(core::AccountId account, const Params& params, LogIndex index,
                              const Respond& respond) {
  const auto market = required_market(parts_.projection, params);
  const auto id = params.required_id(field::order_id);
  if (!market || !id || parts_.projection.order(core::OrderId{*id}) != nullptr) return false;
  ask_orders(account, *market, {{*id}}, index, respond, [this](const Orders& found) {
    if (found.empty()) return refused(Code::order_not_found);
    return success([&](JsonWriter& json) {
      write_order(json, found[0], text_of(parts_.projection, found[0].market));
    });
  });
  return true;
}

bool HistoryDesk::takes_orders_info(core::AccountId account, const Params& params, LogIndex index,
                                    const Respond& respond) {
  const auto market = required_market(parts_.projection, params);
  const auto asked = params.required_ids(field::order_ids, orders_info_max);
  if (!market || !asked) return false;
  std::vector<core::OrderId> ids;
  std::vector<core::OrderId> forgotten;
  Orders kept;
  for (const std::uint64_t id : *asked) {
    ids.push_back({id});
    const core::OrderView* own = own_order(parts_.projection, account, *market, {id});
    if (own != nullptr) kept.push_back(*own);
    if (parts_.projection.order({id}) == nullptr) forgotten.push_back({id});
  }
  if (forgotten.empty()) return false;
  ask_orders(account, *market, std::move(forgotten), index, respond,
             [this, ids = std::move(ids), kept = std::move(kept)](const Orders& found) {
               std::vector<const core::OrderView*> rows;
               for (const core::OrderId id : ids) {
                 for (const Orders* orders : {&kept, &found}) {
                   const auto row = std::ranges::find(*orders, id, &core::OrderView::id);
                   if (row == orders->end()) continue;
                   rows.push_back(&*row);
                   break;
                 }
               }
               return orders_answer(parts_.projection, rows);
             });
  return true;
}

void HistoryDesk::ask_orders(core::AccountId account, core::MarketId market,
                             std::vector<core::OrderId> ids, LogIndex index, Respond respond,
                             Show show) {
  auto answer = [this, market, respond, show = std::move(show)](Result<Orders> found) {
    const bool dropped = market.value >= parts_.projection.markets().size();
    if (!found || dropped) return respond(not_taken(unreadable));
    std::erase_if(*found, [&](const core::OrderView& order) { return !is_shown(order, market); });
    respond(show(*found));
  };
  written_.when(index, [this, account, ids = std::move(ids), respond = std::move(respond),
                        answer = std::move(answer)](bool reached) {
    if (!reached) return respond(not_taken(behind));
    parts_.history.orders(account, ids, answer);
  });
}

bool HistoryDesk::takes_trades(core::AccountId account, const Params& params, LogIndex index,
                               const Respond& respond) {
  if (parts_.projection.has_all_trades(account)) return false;
  const auto filter = read_trades_filter(parts_.projection, params);
  if (!filter) return false;
  const history::TradesQuery query{{account, filter->since, filter->end, filter->newest_first,
                                    static_cast<std::size_t>(filter->count)},
                                   filter->market,
                                   filter->order};
  auto answer = [this, respond](const Result<std::vector<history::AccountTrade>>& trades) {
    const auto is_of_market = [this](const history::AccountTrade& trade) {
      return trade.market.value < parts_.projection.markets().size();
    };
    if (!trades || !std::ranges::all_of(*trades, is_of_market)) {
      return respond(not_taken(unreadable));
    }
    respond(trades_answer(parts_.projection, *trades));
  };
  written_.when(index, [this, query, respond, answer = std::move(answer)](bool reached) {
    if (!reached) return respond(not_taken(behind));
    parts_.history.trades(query, answer);
  });
  return true;
}

}  // namespace oki::edge
