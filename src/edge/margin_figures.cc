#include "edge/margin_figures.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/decimal.h"
#include "core/money.h"
#include "edge/order_json.h"

namespace oki::edge {
namespace {

using core::Wide;

constexpr SignedWide million = 1'000'000;
constexpr unsigned percentage_digits = 2;
constexpr unsigned no_margin_digits = 4;  // bitbank's yen.
constexpr Wide value_max = std::numeric_limits<std::int64_t>::max();

// The product, at most value_max.
Wide times(Wide a, Wide b) {
  if (a != 0 && b > value_max / a) return value_max;
  return std::min(a * b, value_max);
}

SignedWide part_up(SignedWide value, std::uint32_t ppm) {
  return (value * ppm + million - 1) / million;
}

SignedWide part_down(SignedWide value, std::uint32_t ppm) { return value * ppm / million; }

core::Scale scale(const history::Projection& projection, core::MarketId market) {
  const core::MarketSpec& spec = projection.markets()[market.value];
  return core::scale_of(spec, projection.assets()[spec.base.value],
                        projection.assets()[spec.quote.value]);
}

// Like core::quote_up and quote_down, but for sizes that no single order has: at most value_max.
Wide worth(const core::Scale& scale, core::Price price, core::Lots lots, bool up) {
  const Wide ticks = Wide{price.value} * lots.value;
  const Wide whole = (up ? ticks + scale.quote_down - 1 : ticks) / scale.quote_down;
  return times(whole, scale.quote_up);
}

core::Price last_price(const history::Projection& projection, core::MarketId market) {
  return projection.ticker(market, projection.time()).last.value_or(core::Price{});
}

std::optional<core::MarketId> market_of(const history::Projection& projection, core::AssetId base,
                                        core::AssetId quote) {
  for (std::size_t i = 0; i < projection.markets().size(); ++i) {
    const core::MarketSpec& spec = projection.markets()[i];
    if (spec.base == base && spec.quote == quote) {
      return core::MarketId{static_cast<std::uint16_t>(i)};
    }
  }
  return std::nullopt;
}

Wide value_of(const history::Projection& projection, core::AssetId asset, Wide units,
              core::AssetId quote) {
  if (asset == quote) return std::min(units, value_max);
  const auto market = market_of(projection, asset, quote);
  if (!market) return 0;
  const core::Scale of = scale(projection, *market);
  const Wide ticks = units * last_price(projection, *market).value;
  return times(ticks / (of.quote_down * of.lot), of.quote_up);
}

SignedWide collateral_of(const history::Projection& projection, core::AccountId account,
                         core::AssetId quote) {
  SignedWide sum = 0;
  for (std::size_t i = 0; i < projection.assets().size(); ++i) {
    const core::AssetId asset{static_cast<std::uint16_t>(i)};
    const std::uint32_t ppm = projection.collateral_ppm(asset);
    if (ppm == 0) continue;
    const history::Balance balance = projection.balance(account, asset);
    const Wide units = Wide{balance.free.value} + balance.held.value;
    sum += part_down(static_cast<SignedWide>(value_of(projection, asset, units, quote)), ppm);
  }
  return sum;
}

std::size_t position_of(core::PositionSide side) {
  return side == core::PositionSide::long_side ? 0 : 1;
}

void add_position(MarginFigures& figures, const history::Projection& projection,
                  const core::Position& position) {
  const core::Scale of = scale(projection, position.market);
  const core::Price mark = last_price(projection, position.market);
  const auto value = static_cast<SignedWide>(worth(of, mark, position.open, true));
  const SignedWide cost{position.cost.value};
  if (position.side == core::PositionSide::long_side) {
    figures.profit += static_cast<SignedWide>(worth(of, mark, position.open, false)) - cost;
  } else {
    figures.profit += cost - value;
  }
  figures.cost += SignedWide{position.fees.value} + position.interest.value;
  MarginSide& side = figures.positions[position_of(position.side)];
  side.value += value;
  side.required += part_up(value, projection.markets()[position.market.value].margin.ratio_ppm);
}

void add_order(MarginFigures& figures, const history::Projection& projection,
               const core::OrderView& order) {
  const bool opening =
      order.position != core::PositionSide::none && opens(order.side, order.position);
  if (!opening || order.status == core::OrderStatus::inactive) return;
  const core::Lots open{order.amount.value - order.executed.value};
  const core::Scale of = scale(projection, order.market);
  const auto value = static_cast<SignedWide>(worth(of, order.price, open, true));
  MarginSide& side = figures.orders[position_of(order.position)];
  side.value += value;
  side.required += part_up(value, projection.markets()[order.market.value].margin.ratio_ppm);
}

std::string text(SignedWide units, unsigned digits) {
  constexpr SignedWide low = std::numeric_limits<std::int64_t>::min();
  constexpr SignedWide high = std::numeric_limits<std::int64_t>::max();
  return decimal(static_cast<std::int64_t>(std::clamp(units, low, high)), digits);
}

ByteView name(core::MarginStatus status) {
  switch (status) {
    case core::MarginStatus::normal:
      return "NORMAL";
    case core::MarginStatus::call:
      return "CALL";
    case core::MarginStatus::losscut:
      return "LOSSCUT";
    case core::MarginStatus::debt:
      return "DEBT";
  }
  return "NORMAL";
}

void write_amounts(JsonWriter& json, const MarginFigures& figures, unsigned digits) {
  const auto amount = [&](ByteView field, SignedWide units) {
    json.field(field, text(units, digits));
  };
  const MarginSide& longs = figures.positions[0];
  const MarginSide& shorts = figures.positions[1];
  const MarginSide& long_orders = figures.orders[0];
  const MarginSide& short_orders = figures.orders[1];
  const SignedWide orders = long_orders.value + short_orders.value;
  amount("total_margin_balance", figures.balance());
  amount("margin_position_profit_loss", figures.profit);
  amount("unrealized_cost", figures.cost);
  amount("total_margin_position_product", figures.position_value() + orders);
  amount("open_margin_position_product", figures.position_value());
  amount("open_margin_order_product", orders);
  amount("total_position_maintenance_margin", longs.required + shorts.required);
  amount("total_long_position_maintenance_margin", longs.required);
  amount("total_short_position_maintenance_margin", shorts.required);
  amount("total_open_order_maintenance_margin", long_orders.required + short_orders.required);
  amount("total_long_open_order_maintenance_margin", long_orders.required);
  amount("total_short_open_order_maintenance_margin", short_orders.required);
}

// Positions of the same side all lean on one balance: what is available to one market is available
// to another, not to both.
void write_available(JsonWriter& json, const history::Projection& projection,
                     const MarginFigures& figures, bool allowed, unsigned digits) {
  SignedWide most = 0;
  Bytes balances;
  JsonWriter rows(balances);
  rows.begin_array();
  for (const core::MarketSpec& market : projection.markets()) {
    if (!market.margin.enabled || !market.listed) continue;
    const SignedWide available = allowed ? figures.available(market.margin.ratio_ppm) : 0;
    most = std::max(most, available);
    rows.begin_object().field("pair", market.name).field("long", text(available, digits));
    rows.field("short", text(available, digits)).end_object();
  }
  rows.end_array();
  json.field("buy_credit", text(most, digits)).field("sell_credit", text(most, digits));
  json.key("available_balances").raw(balances);
}

void write_notice(JsonWriter& json, const history::Margin& margin, unsigned digits) {
  const bool owes = margin.status == core::MarginStatus::debt;
  const bool called =
      margin.status == core::MarginStatus::call || margin.status == core::MarginStatus::losscut;
  json.key("notice").begin_object().key("what");
  owes ? json.string("debt") : called ? json.string("margin_call") : json.null();
  json.key("occurred_at");
  owes || called ? json.number(margin.changed_at.value) : json.null();
  json.key("amount");
  owes ? json.string(decimal(margin.debt.value, digits)) : json.null();
  json.key("due_date_at").null().end_object();
}

void write_position(JsonWriter& json, const history::Projection& projection,
                    const core::Position& position) {
  const MarketText market = text_of(projection, position.market);
  const auto quote = [&](core::Amount amount) {
    return decimal(amount.value, market.quote.decimals);
  };
  core::OrderView as_order;  // A position has the average price of an order that is its size.
  as_order.executed = position.open;
  as_order.executed_quote = position.cost;
  json.begin_object().field("pair", market.market.name);
  json.field("position_side", edge::name(position.side));
  json.field("open_amount", market.lots(position.open)).field("product", quote(position.cost));
  json.field("average_price", market.price(average_price(as_order, market)));
  json.field("unrealized_fee_amount", quote(position.fees));
  json.field("unrealized_interest_amount", quote(position.interest)).end_object();
}

unsigned margin_digits(const history::Projection& projection) {
  const auto asset = margin_asset(projection);
  return asset ? projection.assets()[asset->value].decimals : no_margin_digits;
}

}  // namespace

SignedWide MarginFigures::required() const {
  SignedWide sum = 0;
  for (const MarginSide& side : positions) sum += side.required;
  for (const MarginSide& side : orders) sum += side.required;
  return sum;
}

SignedWide MarginFigures::available(std::uint32_t ratio_ppm) const {
  const SignedWide left = balance() - required();
  return left <= 0 ? 0 : left * million / ratio_ppm;
}

std::optional<core::AssetId> margin_asset(const history::Projection& projection) {
  for (const core::MarketSpec& market : projection.markets()) {
    if (market.margin.enabled) return market.quote;
  }
  return std::nullopt;
}

MarginFigures margin_figures(const history::Projection& projection, core::AccountId account) {
  MarginFigures figures;
  const auto asset = margin_asset(projection);
  if (!asset) return figures;
  figures.collateral = collateral_of(projection, account, *asset);
  figures.debt = projection.margin(account).debt.value;
  for (const core::Position& position : projection.positions(account)) {
    add_position(figures, projection, position);
  }
  for (const core::OrderView* order : projection.active_orders(account)) {
    add_order(figures, projection, *order);
  }
  return figures;
}

void write_margin_status(JsonWriter& json, const history::Projection& projection,
                         core::AccountId account) {
  const MarginFigures figures = margin_figures(projection, account);
  const history::Margin margin = projection.margin(account);
  const unsigned digits = margin_digits(projection);
  const SignedWide value = figures.position_value();
  const bool positions = value > 0;
  json.begin_object().field("status", name(margin.status));
  json.key("total_margin_balance_percentage");
  positions ? json.string(text(figures.balance() * 10'000 / value, percentage_digits))
            : json.null();
  write_amounts(json, figures, digits);
  json.key("margin_call_percentage");
  positions ? json.string(std::to_string(margin_call_percent)) : json.null();
  json.key("losscut_percentage");
  positions ? json.string(std::to_string(losscut_percent)) : json.null();
  write_available(json, projection, figures, margin.allowed, digits);
  json.end_object();
}

void write_margin_positions(JsonWriter& json, const history::Projection& projection,
                            core::AccountId account) {
  const history::Margin margin = projection.margin(account);
  const unsigned digits = margin_digits(projection);
  const std::string threshold = std::to_string(losscut_percent);
  json.begin_object();
  write_notice(json, margin, digits);
  json.key("payables").begin_object();
  json.field("amount", decimal(margin.debt.value, digits)).end_object();
  json.key("positions").begin_array();
  for (const core::Position& position : projection.positions(account)) {
    write_position(json, projection, position);
  }
  json.end_array().key("losscut_threshold").begin_object();
  json.field("individual", threshold).field("company", threshold).end_object().end_object();
}

}  // namespace oki::edge
