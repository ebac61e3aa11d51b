#include "edge/account_api.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "base/decimal.h"
#include "edge/margin_figures.h"
#include "edge/order_json.h"
#include "edge/public_json.h"

namespace oki::edge {
namespace {

constexpr std::int64_t time_max = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t id_max = std::numeric_limits<std::uint64_t>::max();

// The filters that lists share. An empty range (since after end) is no mistake: it holds nothing.
struct Filter {
  std::optional<core::MarketId> market;
  std::int64_t count = 0;
  std::int64_t since = 0;
  std::int64_t end = time_max;

  bool holds(core::MarketId of_market, WallTimeMs time) const {
    return (!market || *market == of_market) && time.value >= since && time.value <= end;
  }
};

Checked<std::optional<core::MarketId>> optional_market(const history::Projection& projection,
                                                       const Params& params) {
  const auto name = params.text(field::pair);
  if (!name) return tl::unexpected(name.error());
  if (!*name) return std::optional<core::MarketId>();
  const auto market = projection.market(**name);
  if (!market) return tl::unexpected(Code::invalid_pair);
  return market;
}

Checked<Filter> read_filter(const history::Projection& projection, const Params& params,
                            std::int64_t count_max) {
  const auto market = optional_market(projection, params);
  if (!market) return tl::unexpected(market.error());
  const auto count = params.whole(field::count);
  if (!count) return tl::unexpected(count.error());
  if (count->value_or(1) < 1 || count->value_or(1) > count_max) {
    return tl::unexpected(Code::invalid_count);
  }
  const auto since = params.whole(field::since);
  if (!since) return tl::unexpected(since.error());
  const auto end = params.whole(field::end);
  if (!end) return tl::unexpected(end.error());
  return Filter{*market, count->value_or(count_max), since->value_or(0), end->value_or(time_max)};
}

bool in_listed_market(const history::Projection& projection, core::AssetId asset) {
  return std::any_of(projection.markets().begin(), projection.markets().end(),
                     [asset](const core::MarketSpec& market) {
                       return market.listed && (market.base == asset || market.quote == asset);
                     });
}

// Deposits and withdrawals are not offered through this API: both are stopped, and free of charge.
void write_asset(JsonWriter& json, const core::AssetSpec& asset, const history::Balance& balance,
                 std::uint32_t collateral_ppm) {
  const std::string zero = decimal(std::uint64_t{0}, asset.decimals);
  const auto text = [&](std::uint64_t units) { return decimal(units, asset.decimals); };
  json.begin_object().field("asset", asset.name);
  json.field("free_amount", text(balance.free.value));
  json.field("amount_precision", int{asset.decimals});
  const std::uint64_t locked = balance.held.value + balance.withdrawing.value;
  json.field("onhand_amount", text(balance.free.value + locked));
  json.field("locked_amount", text(locked));
  json.field("withdrawing_amount", text(balance.withdrawing.value));
  json.key("withdrawal_fee").begin_object();
  if (asset.name == "jpy") {
    json.field("under", zero).field("over", zero).field("threshold", zero);
  } else {
    json.field("min", zero).field("max", zero);
  }
  json.end_object().field("stop_deposit", true).field("stop_withdrawal", true);
  if (asset.name != "jpy") json.key("network_list").begin_array().end_array();
  json.field("collateral_ratio", rate(static_cast<std::int32_t>(collateral_ppm))).end_object();
}

}  // namespace

Checked<TradesFilter> read_trades_filter(const history::Projection& projection,
                                         const Params& params) {
  const auto filter = read_filter(projection, params, trades_per_answer_max);
  if (!filter) return tl::unexpected(filter.error());
  const auto order_id = params.id(field::order_id);
  if (!order_id) return tl::unexpected(order_id.error());
  const auto direction = params.text(field::order);
  if (!direction) return tl::unexpected(direction.error());
  const ByteView order = direction->value_or("desc");
  if (order != "asc" && order != "desc") return tl::unexpected(field::order.invalid);
  TradesFilter trades{filter->market, {}, filter->count, {filter->since}, {filter->end},
                      order == "desc"};
  if (*order_id) trades.order = core::OrderId{**order_id};
  return trades;
}

net::HttpResponse orders_answer(const history::Projection& projection,
                                const std::vector<const core::OrderView*>& orders) {
  return success([&](JsonWriter& json) {
    json.begin_object().key("orders").begin_array();
    for (const core::OrderView* order : orders) {
      write_order(json, *order, text_of(projection, order->market));
    }
    json.end_array().end_object();
  });
}

net::HttpResponse trades_answer(const history::Projection& projection,
                                const std::vector<history::AccountTrade>& trades) {
  return success([&](JsonWriter& json) {
    json.begin_object().key("trades").begin_array();
    for (const history::AccountTrade& trade : trades) {
      write_trade(json, trade, text_of(projection, trade.market));
    }
    json.end_array().end_object();
  });
}

const core::OrderView* own_order(const history::Projection& projection, core::AccountId account,
                                 core::MarketId market, core::OrderId order) {
  const core::OrderView* found = projection.order(order);
  const bool own = found != nullptr && found->account == account && found->market == market;
  return own ? found : nullptr;
}

Checked<std::optional<ByteView>> client_order_id(const Params& params) {
  constexpr ByteView allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
  const Field& field = field::client_order_id;
  const auto id = params.text(field);
  if (!id || !*id) return id;
  const bool valid = !(*id)->empty() && (*id)->size() <= core::client_order_id_bytes_max &&
                     (*id)->find_first_not_of(allowed) == ByteView::npos;
  if (!valid) return tl::unexpected(field.invalid);
  return id;
}

Checked<core::MarketId> required_market(const history::Projection& projection,
                                        const Params& params) {
  const auto market = optional_market(projection, params);
  if (!market) return tl::unexpected(market.error());
  if (!*market) return tl::unexpected(Code::pair_missing);
  return **market;
}

net::HttpResponse AccountApi::answer(Endpoint endpoint, core::AccountId account,
                                     const Params& params) const {
  switch (endpoint) {
    case Endpoint::assets:
      return assets(account);
    case Endpoint::order:
      return order(account, params);
    case Endpoint::orders_info:
      return orders_info(account, params);
    case Endpoint::active_orders:
      return active_orders(account, params);
    case Endpoint::trade_history:
      return trade_history(account, params);
    case Endpoint::margin_status:
      return success([&](JsonWriter& json) { write_margin_status(json, projection_, account); });
    case Endpoint::margin_positions:
      return success([&](JsonWriter& json) { write_margin_positions(json, projection_, account); });
    default:
      ASSERT(false);
      return refused(Code::system_error);
  }
}

net::HttpResponse AccountApi::assets(core::AccountId account) const {
  return success([&](JsonWriter& json) {
    json.begin_object().key("assets").begin_array();
    for (std::size_t i = 0; i < projection_.assets().size(); ++i) {
      const core::AssetId id{static_cast<std::uint16_t>(i)};
      const history::Balance balance = projection_.balance(account, id);
      const bool empty = balance == history::Balance{};
      if (empty && !in_listed_market(projection_, id)) continue;
      write_asset(json, projection_.assets()[i], balance, projection_.collateral_ppm(id));
    }
    json.end_array().end_object();
  });
}

// By bitbank's order_id, or by the owner's own name for the order.
net::HttpResponse AccountApi::order(core::AccountId account, const Params& params) const {
  const auto market = required_market(projection_, params);
  if (!market) return refused(market.error());
  const auto id = params.id(field::order_id);
  if (!id) return refused(id.error());
  const auto client_id = client_order_id(params);
  if (!client_id) return refused(client_id.error());
  if (!*id && !*client_id) return refused(field::order_id.missing);
  const core::OrderView* found = *id ? own_order(projection_, account, *market, {**id})
                                     : projection_.order(account, **client_id);
  if (found == nullptr || found->market != *market) return refused(Code::order_not_found);
  return success(
      [&](JsonWriter& json) { write_order(json, *found, text_of(projection_, *market)); });
}

net::HttpResponse AccountApi::orders_info(core::AccountId account, const Params& params) const {
  const auto market = required_market(projection_, params);
  if (!market) return refused(market.error());
  const auto ids = params.required_ids(field::order_ids, orders_info_max);
  if (!ids) return refused(ids.error());
  std::vector<const core::OrderView*> found;
  for (const std::uint64_t id : *ids) {
    const core::OrderView* own = own_order(projection_, account, *market, {id});
    if (own != nullptr) found.push_back(own);
  }
  return orders_answer(projection_, found);
}

net::HttpResponse AccountApi::active_orders(core::AccountId account, const Params& params) const {
  const auto filter = read_filter(projection_, params, active_orders_per_answer_max);
  if (!filter) return refused(filter.error());
  const auto from_id = params.id(field::from_id);
  if (!from_id) return refused(from_id.error());
  const auto end_id = params.id(field::end_id);
  if (!end_id) return refused(end_id.error());
  std::vector<const core::OrderView*> orders = projection_.active_orders(account);
  std::reverse(orders.begin(), orders.end());  // Newest first.
  std::erase_if(orders, [&](const core::OrderView* order) {
    return !filter->holds(order->market, order->ordered_at) ||
           order->id.value < from_id->value_or(0) || order->id.value > end_id->value_or(id_max);
  });
  if (orders.size() > static_cast<std::size_t>(filter->count)) {
    orders.resize(static_cast<std::size_t>(filter->count));
  }
  return orders_answer(projection_, orders);
}

net::HttpResponse AccountApi::trade_history(core::AccountId account, const Params& params) const {
  const auto filter = read_trades_filter(projection_, params);
  if (!filter) return refused(filter.error());
  std::vector<history::AccountTrade> trades = projection_.account_trades(account);
  if (filter->newest_first) std::reverse(trades.begin(), trades.end());
  std::erase_if(trades, [&](const history::AccountTrade& trade) {
    const bool in_time = trade.executed_at >= filter->since && trade.executed_at <= filter->end;
    return !in_time || trade.market != filter->market.value_or(trade.market) ||
           trade.order != filter->order.value_or(trade.order);
  });
  if (trades.size() > static_cast<std::size_t>(filter->count)) {
    trades.resize(static_cast<std::size_t>(filter->count));
  }
  return trades_answer(projection_, trades);
}

}  // namespace oki::edge
