#include "edge/order_desk.h"

#include "base/assert.h"
#include "edge/account_api.h"
#include "edge/order_json.h"

namespace oki::edge {
namespace {

constexpr std::size_t lagging_max = 100'000;

Checked<core::Side> read_side(const Params& params) {
  const auto side = params.required_text(field::side);
  if (!side) return tl::unexpected(side.error());
  if (*side == "buy") return core::Side::buy;
  if (*side == "sell") return core::Side::sell;
  return tl::unexpected(Code::invalid_side);
}

// The types that bitbank has and this exchange has not are refused as restricted, as its pairs say.
Checked<core::OrderType> read_type(const Params& params) {
  const auto type = params.required_text(field::type);
  if (!type) return tl::unexpected(type.error());
  if (*type == "limit") return core::OrderType::limit;
  if (*type == "market") return core::OrderType::market;
  if (*type == "stop") return tl::unexpected(Code::stop_restricted);
  if (*type == "stop_limit") return tl::unexpected(Code::stop_limit_restricted);
  const bool known = *type == "take_profit" || *type == "stop_loss";
  return tl::unexpected(known ? Code::order_restricted : Code::invalid_type);
}

Checked<void> check_no_margin(const Params& params) {
  const auto side = params.text(field::position_side);
  if (!side) return tl::unexpected(side.error());
  if (!*side) return {};
  const bool known = **side == "long" || **side == "short";
  return tl::unexpected(known ? Code::no_margin_with_pair : Code::invalid_position_side);
}

net::HttpResponse order_answer(const core::OrderView& order, const MarketText& text) {
  return success([&](JsonWriter& json) { write_order(json, order, text); });
}

}  // namespace

Checked<core::PlaceOrder> read_place_order(const history::Projection& projection,
                                           const Params& params) {
  core::PlaceOrder order;
  const auto market = required_market(projection, params);
  if (!market) return tl::unexpected(market.error());
  order.market = *market;
  const core::MarketSpec& spec = projection.markets()[market->value];

  const auto side = read_side(params);
  if (!side) return tl::unexpected(side.error());
  order.side = *side;
  const auto type = read_type(params);
  if (!type) return tl::unexpected(type.error());
  order.type = *type;
  const auto no_margin = check_no_margin(params);
  if (!no_margin) return tl::unexpected(no_margin.error());

  const auto amount = params.required_decimal(field::amount, spec.amount_digits);
  if (!amount) return tl::unexpected(amount.error());
  order.amount = {*amount};
  if (order.type == core::OrderType::limit) {
    const auto price = params.required_decimal(field::price, spec.price_digits);
    if (!price) return tl::unexpected(price.error());
    order.price = {*price};
  }
  const auto post_only = params.boolean_or_false(field::post_only);
  if (!post_only) return tl::unexpected(post_only.error());
  if (*post_only && order.type == core::OrderType::market) {
    return tl::unexpected(Code::post_only_with_market);
  }
  order.post_only = *post_only;
  return order;
}

Checked<core::CancelOrders> read_cancel(const history::Projection& projection, const Params& params,
                                        Endpoint endpoint) {
  core::CancelOrders cancel;
  const auto market = required_market(projection, params);
  if (!market) return tl::unexpected(market.error());
  cancel.market = *market;
  if (endpoint == Endpoint::cancel_order) {
    const auto id = params.required_id(field::order_id);
    if (!id) return tl::unexpected(id.error());
    cancel.orders.push_back({*id});
    return cancel;
  }
  const auto ids = params.required_ids(field::order_ids, core::cancel_orders_max);
  if (!ids) return tl::unexpected(ids.error());
  for (const std::uint64_t id : *ids) cancel.orders.push_back({id});
  return cancel;
}

OrderDesk::OrderDesk(const Parts& parts, const EdgeOptions& options)
    : parts_(parts),
      options_(options),
      alive_(std::make_shared<OrderDesk*>(this)),
      not_taken_(parts.metrics.counter("okiagari_edge_commands_not_taken_total",
                                       "Commands that surely had no effect")),
      unknown_(parts.metrics.counter("okiagari_edge_commands_unknown_total",
                                     "Commands whose outcome was not known in time")),
      lagged_(parts.metrics.counter("okiagari_edge_answers_lagged_total",
                                    "Answers sent before this edge had read their effect")),
      duration_(parts.metrics.histogram("okiagari_edge_command_seconds",
                                        "From the request to the answer of a command")) {
  for (const core::AccountId account : options.house_accounts) house_.insert(account.value);
}

void OrderDesk::take(Endpoint endpoint, const Caller& caller, const Params& params,
                     Respond respond) {
  Pending pending;
  pending.endpoint = endpoint;
  pending.account = caller.account;
  pending.started = parts_.clock.mono_now();
  core::Command command;
  if (endpoint == Endpoint::place_order) {
    auto order = read_place_order(parts_.projection, params);
    if (!order) return respond(refused(order.error()));
    order->account = caller.account;
    order->auth = caller.signed_by;
    pending.market = order->market;
    pending.side = order->side;
    pending.type = order->type;
    command = std::move(*order);
  } else {
    auto cancel = read_cancel(parts_.projection, params, endpoint);
    if (!cancel) return respond(refused(cancel.error()));
    cancel->account = caller.account;
    cancel->auth = caller.signed_by;
    pending.market = cancel->market;
    pending.orders = cancel->orders;
    command = std::move(*cancel);
  }
  const bool listed = parts_.projection.markets()[pending.market.value].listed;
  if (!listed && !house_.contains(caller.account.value)) {
    return respond(refused(Code::invalid_pair));
  }
  pending.respond = std::move(respond);
  submit(command, std::move(pending));
}

void OrderDesk::submit(const core::Command& command, Pending pending) {
  if (in_flight_ >= options_.in_flight_max) {
    not_taken_.add();
    return pending.respond(not_taken("Too many orders are in flight, nothing was done"));
  }
  std::size_t& own = in_flight_of_[pending.account.value];
  if (own >= options_.in_flight_per_account_max) {
    return pending.respond(throttled("Too many of your orders are in flight", 1));
  }
  ++own;
  ++in_flight_;
  auto shared = std::make_shared<Pending>(std::move(pending));
  parts_.cluster.submit(core::encode(command),
                        [alive = std::weak_ptr(alive_), shared](const replica::Answer& answer) {
                          if (const auto desk = alive.lock()) (*desk)->answered(*shared, answer);
                        });
}

void OrderDesk::release(core::AccountId account) {
  const auto found = in_flight_of_.find(account.value);
  ASSERT(found != in_flight_of_.end() && found->second > 0 && in_flight_ > 0);
  if (--found->second == 0) in_flight_of_.erase(found);
  --in_flight_;
}

void OrderDesk::answered(Pending& pending, const replica::Answer& answer) {
  release(pending.account);
  if (answer.outcome == replica::Outcome::not_taken) {
    not_taken_.add();
    return pending.respond(
        not_taken("The exchange did not take it, nothing was done: " + answer.why));
  }
  auto reply = answer.outcome == replica::Outcome::answered ? core::decode_reply(answer.reply)
                                                            : std::nullopt;
  if (!reply) {
    unknown_.add();
    return pending.respond(
        outcome_unknown("It is not known whether this was done, look before you repeat it"));
  }
  const LogIndex index = answer.index;
  parts_.applied.when(index,
                      [this, alive = std::weak_ptr(alive_), index, pending = std::move(pending),
                       reply = std::move(*reply)](bool reached) {
                        if (alive.expired()) return;
                        if (!reached) {
                          lagged_.add();
                          if (lagging_.size() < lagging_max)
                            lagging_[pending.account.value] = index;
                        }
                        duration_.record_ns(parts_.clock.mono_now() - pending.started);
                        pending.respond(committed(pending, reply));
                      });
}

net::HttpResponse OrderDesk::committed(const Pending& pending, const core::Reply& reply) const {
  // This edge may have lost its copy meanwhile, and with it what an order is written with.
  if (pending.market.value >= parts_.projection.markets().size()) {
    return outcome_unknown("This edge cannot say what was done, look before you repeat it");
  }
  if (reply.refusal == core::Refusal::too_many_updates) {
    return throttled("Too many orders and cancels per second", 1);
  }
  if (reply.refusal != core::Refusal::ok) {
    return refused(code_of(reply.refusal, pending.side, pending.type));
  }
  if (pending.endpoint != Endpoint::place_order) return canceled(pending, reply);
  if (reply.rows.size() != 1) return refused(Code::system_error);
  const core::Reply::Row& row = reply.rows.front();
  if (row.refusal != core::Refusal::ok) {
    return refused(code_of(row.refusal, pending.side, pending.type));
  }
  return order_answer(row.order, text_of(parts_.projection, pending.market));
}

// Of many, those that were canceled are answered; when none was, the reason of the first.
net::HttpResponse OrderDesk::canceled(const Pending& pending, const core::Reply& reply) const {
  if (reply.rows.size() != pending.orders.size()) return refused(Code::system_error);
  const MarketText text = text_of(parts_.projection, pending.market);
  std::vector<const core::OrderView*> orders;
  for (const core::Reply::Row& row : reply.rows) {
    if (row.refusal == core::Refusal::ok) orders.push_back(&row.order);
  }
  if (orders.empty()) {
    const core::Refusal why = reply.rows.front().refusal;
    return refused(why == core::Refusal::order_not_found
                       ? why_not_canceled(pending, pending.orders.front())
                       : code_of(why));
  }
  if (pending.endpoint == Endpoint::cancel_order) return order_answer(*orders.front(), text);
  return success([&](JsonWriter& json) {
    json.begin_object().key("orders").begin_array();
    for (const core::OrderView* order : orders) write_order(json, *order, text);
    json.end_array().end_object();
  });
}

// The core only says that the order is not open; what it was is in the projection.
Code OrderDesk::why_not_canceled(const Pending& pending, core::OrderId id) const {
  const core::OrderView* order = own_order(parts_.projection, pending.account, pending.market, id);
  if (order == nullptr) return Code::order_not_found;
  switch (order->status) {
    case core::OrderStatus::fully_filled:
      return Code::already_executed;
    case core::OrderStatus::canceled_unfilled:
    case core::OrderStatus::canceled_partially_filled:
      return Code::already_canceled;
    default:
      return Code::order_not_cancelable;
  }
}

LogIndex OrderDesk::lagging(core::AccountId account) {
  if (lagging_.empty()) return {};
  const auto found = lagging_.find(account.value);
  if (found == lagging_.end()) return {};
  const LogIndex index = found->second;
  if (index <= parts_.applied.index()) {
    lagging_.erase(found);
    return {};
  }
  return index;
}

}  // namespace oki::edge
