#include "edge/order_params.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "edge/account_api.h"
#include "edge/order_json.h"

namespace oki::edge {
namespace {

using core::OrderType;

// Reads one parameter after the other; what comes after the first fault is read for nothing.
class Reading {
 public:
  template <typename T, typename Into>
  void take(const Checked<T>& value, const Into& into) {
    if (fault_) return;
    if (value) return into(*value);
    fault_ = value.error();
  }
  void refuse(const Fault& fault) {
    if (!fault_) fault_ = fault;
  }
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  std::optional<Fault> fault_;
};

template <typename T, std::size_t count>
Checked<std::optional<T>> read_word(const Params& params, const Field& field,
                                    const std::array<T, count>& values) {
  const auto word = params.text(field);
  if (!word) return tl::unexpected(word.error());
  if (!*word) return std::optional<T>();
  const auto found =
      std::find_if(values.begin(), values.end(), [&](T value) { return name(value) == **word; });
  if (found == values.end()) return tl::unexpected(field.invalid);
  return std::optional<T>(*found);
}

template <typename T, std::size_t count>
Checked<T> required_word(const Params& params, const Field& field,
                         const std::array<T, count>& values) {
  const auto word = read_word(params, field, values);
  if (!word) return tl::unexpected(word.error());
  if (!*word) return tl::unexpected(field.missing);
  return **word;
}

constexpr std::array sides{core::Side::buy, core::Side::sell};
constexpr std::array types{OrderType::limit,      OrderType::market,      OrderType::stop,
                           OrderType::stop_limit, OrderType::take_profit, OrderType::stop_loss};
constexpr std::array position_sides{core::PositionSide::long_side, core::PositionSide::short_side};
constexpr std::array times_in_force{core::TimeInForce::gtc, core::TimeInForce::ioc,
                                    core::TimeInForce::fok, core::TimeInForce::gtd};
constexpr std::array self_trades{core::SelfTrade::allow, core::SelfTrade::cancel_newest,
                                 core::SelfTrade::cancel_oldest, core::SelfTrade::cancel_both,
                                 core::SelfTrade::decrement};

bool has_price(OrderType type) { return type == OrderType::limit || type == OrderType::stop_limit; }

// Of these an amount that is absent means all of the position.
bool may_close_everything(OrderType type) {
  return type == OrderType::take_profit || type == OrderType::stop_loss;
}

// The market of this request, where the caller may trade.
Checked<core::MarketId> tradable_market(const Params& params, const UpdateContext& context) {
  const auto market = required_market(context.projection, params);
  if (!market) return market;
  const bool listed = context.projection.markets()[market->value].listed;
  if (!listed && !context.of_the_house) return tl::unexpected(Code::invalid_pair);
  return market;
}

void read_size(Reading& reading, const Params& params, const core::MarketSpec& spec,
               core::PlaceOrder& order) {
  const auto lots = params.optional_decimal(field::amount, spec.amount_digits);
  reading.take(lots, [&](std::optional<std::uint64_t> given) {
    if (!given && !may_close_everything(order.type)) return reading.refuse(field::amount.missing);
    order.amount = {given.value_or(0)};
  });
  // A price where none belongs is passed over: clients that always send one exist.
  if (has_price(order.type)) {
    reading.take(params.required_decimal(field::price, spec.price_digits),
                 [&](std::uint64_t price) { order.price = {price}; });
  }
  const auto trigger = params.optional_decimal(field::trigger_price, spec.price_digits);
  reading.take(trigger, [&](std::optional<std::uint64_t> given) {
    if (!given && has_trigger(order.type)) return reading.refuse(field::trigger_price.missing);
    order.trigger = {given.value_or(0)};
  });
}

void read_additions(Reading& reading, const Params& params, const core::MarketSpec& spec,
                    core::PlaceOrder& order) {
  reading.take(client_order_id(params), [&](std::optional<ByteView> id) {
    order.client_order_id = std::string(id.value_or(""));
  });
  reading.take(read_word(params, field::time_in_force, times_in_force),
               [&](auto word) { order.time_in_force = word.value_or(core::TimeInForce::gtc); });
  reading.take(params.whole(field::expire_at),
               [&](std::optional<std::int64_t> time) { order.expire_at = {time.value_or(0)}; });
  reading.take(read_word(params, field::self_trade_prevention, self_trades),
               [&](auto word) { order.self_trade = word.value_or(core::SelfTrade::allow); });
  reading.take(params.optional_decimal(field::display_amount, spec.amount_digits),
               [&](std::optional<std::uint64_t> lots) { order.display = {lots.value_or(0)}; });
}

// true: with this connection; a text: with the stream of that sid.
Checked<core::SessionId> read_session(const Params& params, const FindSession& find_session) {
  const Field& field = field::cancel_on_disconnect;
  if (params.is_boolean(field)) {
    const auto wanted = params.boolean_or_false(field);
    return wanted.value_or(false) ? find_session("") : Checked<core::SessionId>(core::SessionId{});
  }
  const auto sid = params.text(field);
  if (!sid) return tl::unexpected(sid.error());
  if (!*sid) return core::SessionId{};
  if ((*sid)->empty()) return tl::unexpected(field.invalid);
  return find_session(**sid);
}

Checked<core::PlaceOrder> read_order(const Params& params, const UpdateContext& context) {
  core::PlaceOrder order;
  order.account = context.caller.account;
  order.auth = context.caller.signed_by;
  const auto market = tradable_market(params, context);
  if (!market) return tl::unexpected(market.error());
  order.market = *market;
  const core::MarketSpec& spec = context.projection.markets()[market->value];
  Reading reading;
  reading.take(required_word(params, field::side, sides),
               [&](core::Side side) { order.side = side; });
  reading.take(required_word(params, field::type, types),
               [&](OrderType type) { order.type = type; });
  reading.take(read_word(params, field::position_side, position_sides),
               [&](auto side) { order.position = side.value_or(core::PositionSide::none); });
  read_size(reading, params, spec, order);
  reading.take(params.boolean_or_false(field::post_only), [&](bool post_only) {
    order.post_only = post_only;
    if (post_only && order.type != OrderType::limit) reading.refuse(Code::post_only_with_market);
  });
  read_additions(reading, params, spec, order);
  if (reading.fault()) return tl::unexpected(*reading.fault());
  const auto session = read_session(params, context.find_session);
  if (!session) return tl::unexpected(session.error());
  order.session = *session;
  return order;
}

Asked::Placed placed_of(const core::PlaceOrder& order) {
  return {order.side, order.type, {}, order.market, order.amount};
}

Checked<Update> read_place(const Params& params, const UpdateContext& context) {
  auto order = read_order(params, context);
  if (!order) return tl::unexpected(order.error());
  Update update;
  update.asked.session = order->session;
  update.asked.placed.push_back(placed_of(*order));
  update.command = std::move(*order);
  return update;
}

Checked<Update> read_batch(const Params& params, const UpdateContext& context) {
  const auto rows = params.required_objects(field::orders, core::place_orders_max);
  if (!rows) return tl::unexpected(rows.error());
  Update update;
  core::PlaceOrders batch{context.caller.account, context.caller.signed_by, {}};
  for (const Params& row : *rows) {
    auto order = read_order(row, context);
    if (!order) {
      update.asked.placed.push_back({{}, {}, order.error(), {}, {}});
      continue;
    }
    const bool second_session = order->session.value != 0 && update.asked.session.value != 0 &&
                                order->session != update.asked.session;
    if (second_session) return tl::unexpected(field::cancel_on_disconnect.invalid);
    if (order->session.value != 0) update.asked.session = order->session;
    update.asked.placed.push_back(placed_of(*order));
    batch.orders.push_back(std::move(*order));
  }
  if (!batch.orders.empty()) update.command = std::move(batch);
  return update;
}

Checked<Update> read_amend(const Params& params, const UpdateContext& context) {
  core::AmendOrder amend;
  amend.account = context.caller.account;
  amend.auth = context.caller.signed_by;
  const auto market = tradable_market(params, context);
  if (!market) return tl::unexpected(market.error());
  amend.market = *market;
  const core::MarketSpec& spec = context.projection.markets()[market->value];
  Reading reading;
  reading.take(params.required_id(field::order_id), [&](std::uint64_t id) { amend.order = {id}; });
  reading.take(params.optional_decimal(field::amount, spec.amount_digits),
               [&](std::optional<std::uint64_t> lots) { amend.amount = {lots.value_or(0)}; });
  reading.take(params.optional_decimal(field::price, spec.price_digits),
               [&](std::optional<std::uint64_t> price) { amend.price = {price.value_or(0)}; });
  reading.take(params.optional_decimal(field::trigger_price, spec.price_digits),
               [&](std::optional<std::uint64_t> price) { amend.trigger = {price.value_or(0)}; });
  if (reading.fault()) return tl::unexpected(*reading.fault());
  Update update;
  update.asked.market = amend.market;
  update.command = amend;
  return update;
}

Checked<Update> read_cancel(Endpoint endpoint, const Params& params, const UpdateContext& context) {
  core::CancelOrders cancel{context.caller.account, context.caller.signed_by, {}, {}};
  const auto market = tradable_market(params, context);
  if (!market) return tl::unexpected(market.error());
  cancel.market = *market;
  Reading reading;
  if (endpoint == Endpoint::cancel_order) {
    reading.take(params.required_id(field::order_id),
                 [&](std::uint64_t id) { cancel.orders.push_back({id}); });
  } else {
    reading.take(params.required_ids(field::order_ids, core::cancel_orders_max),
                 [&](const std::vector<std::uint64_t>& ids) {
                   for (const std::uint64_t id : ids) cancel.orders.push_back({id});
                 });
  }
  if (reading.fault()) return tl::unexpected(*reading.fault());
  Update update;
  update.asked.market = cancel.market;
  update.asked.orders = cancel.orders;
  update.command = std::move(cancel);
  return update;
}

Checked<Update> read_cancel_all(const Params& params, const UpdateContext& context) {
  core::CancelAll cancel{context.caller.account, context.caller.signed_by, true, {}};
  const auto pair = params.text(field::pair);
  if (!pair) return tl::unexpected(pair.error());
  if (*pair) {
    const auto market = tradable_market(params, context);
    if (!market) return tl::unexpected(market.error());
    cancel.all_markets = false;
    cancel.market = *market;
  }
  Update update;
  update.asked.market = cancel.market;
  update.asked.all_markets = cancel.all_markets;
  update.command = cancel;
  return update;
}

Checked<Update> read_cancel_all_after(const Params& params, const UpdateContext& context) {
  const Field& field = field::timeout_ms;
  const auto timeout = params.whole(field);
  if (!timeout) return tl::unexpected(timeout.error());
  if (!*timeout) return tl::unexpected(field.missing);
  if (**timeout > core::dead_man_ms_max) return tl::unexpected(field.invalid);
  Update update;
  update.asked.timeout_ms = static_cast<std::uint32_t>(**timeout);
  update.command = core::CancelAllAfter{context.caller.account, context.caller.signed_by,
                                        update.asked.timeout_ms};
  return update;
}

Checked<Update> read(Endpoint endpoint, const Params& params, const UpdateContext& context) {
  switch (endpoint) {
    case Endpoint::place_order:
      return read_place(params, context);
    case Endpoint::place_orders:
      return read_batch(params, context);
    case Endpoint::amend_order:
      return read_amend(params, context);
    case Endpoint::cancel_order:
    case Endpoint::cancel_orders:
      return read_cancel(endpoint, params, context);
    case Endpoint::cancel_all:
      return read_cancel_all(params, context);
    case Endpoint::cancel_all_after:
      return read_cancel_all_after(params, context);
    default:
      ASSERT(false);
      return tl::unexpected(Code::system_error);
  }
}

}  // namespace

Checked<Update> read_update(Endpoint endpoint, const Params& params, const UpdateContext& context) {
  auto update = read(endpoint, params, context);
  if (!update) return update;
  update->asked.endpoint = endpoint;
  update->asked.account = context.caller.account;
  return update;
}

}  // namespace oki::edge
