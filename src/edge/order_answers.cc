#include "edge/order_answers.h"

#include "edge/account_api.h"
#include "edge/order_json.h"

namespace oki::edge {
namespace {

// An edge that has lost its copy since cannot write what was done.
net::HttpResponse cannot_say() {
  return outcome_unknown("This edge cannot say what was done, look before you repeat it");
}

bool can_write(const history::Projection& projection, const core::OrderView& order) {
  return order.market.value < projection.markets().size();
}

net::HttpResponse one_order(const core::OrderView& order, const history::Projection& projection) {
  if (!can_write(projection, order)) return cannot_say();
  return success(
      [&](JsonWriter& json) { write_order(json, order, text_of(projection, order.market)); });
}

// The order that has the client order id which was used again: as it stands, or as it was closed.
const core::OrderView* first_order(const Asked& asked, const core::Reply::Row& row,
                                   const history::Projection& projection) {
  const core::OrderView* known = projection.order(row.order.id);
  if (known != nullptr && known->account == asked.account) return known;
  return row.order.account == asked.account ? &row.order : nullptr;
}

constexpr Fault first_order_is_gone{
    Code::order_not_found, "This client_order_id was used, its order is closed and not kept here"};

// One row of placing: the order, or why there is none. A client_order_id that is used again is
// answered with the order that has it.
const core::OrderView* placed_order(const Asked& asked, const core::Reply::Row& row,
                                    const Asked::Placed& placed,
                                    const history::Projection& projection,
                                    std::optional<Fault>& fault) {
  if (row.refusal == core::Refusal::ok) return &row.order;
  if (row.refusal != core::Refusal::client_order_id_used) {
    fault = fault_of(row.refusal, placed.side, placed.type);
    return nullptr;
  }
  const core::OrderView* first = first_order(asked, row, projection);
  if (first == nullptr) fault = first_order_is_gone;
  return first;
}

net::HttpResponse placed(const Asked& asked, const core::Reply& reply,
                         const history::Projection& projection) {
  const Asked::Placed& how = asked.placed.front();
  const bool used = reply.refusal == core::Refusal::client_order_id_used;
  if (reply.refusal != core::Refusal::ok && !used) {
    return refused(fault_of(reply.refusal, how.side, how.type));
  }
  if (reply.rows.size() != 1) return refused(Code::system_error);
  std::optional<Fault> fault;
  const core::OrderView* order = placed_order(asked, reply.rows.front(), how, projection, fault);
  return order == nullptr ? refused(*fault) : one_order(*order, projection);
}

void write_row(JsonWriter& json, const Asked& asked, const core::Reply::Row& row,
               const Asked::Placed& how, const history::Projection& projection) {
  std::optional<Fault> fault;
  const core::OrderView* order = placed_order(asked, row, how, projection, fault);
  if (order == nullptr) return write_refused(json, *fault);
  if (!can_write(projection, *order)) return write_refused(json, Code::system_error);
  json.begin_object().field("success", 1).key("data");
  write_order(json, *order, text_of(projection, order->market));
  json.end_object();
}

net::HttpResponse batch(const Asked& asked, const core::Reply& reply,
                        const history::Projection& projection) {
  if (reply.refusal == core::Refusal::malformed) {
    return refused({Code::order_restricted, "Batches of orders are not switched on yet"});
  }
  if (reply.refusal != core::Refusal::ok) return refused(fault_of(reply.refusal));
  std::size_t taken = 0;
  for (const Asked::Placed& how : asked.placed) taken += how.fault ? 0 : 1;
  if (reply.rows.size() != taken) return refused(Code::system_error);
  return success([&](JsonWriter& json) {
    auto row = reply.rows.begin();
    json.begin_object().key("orders").begin_array();
    for (const Asked::Placed& how : asked.placed) {
      how.fault ? write_refused(json, *how.fault) : write_row(json, asked, *row++, how, projection);
    }
    json.end_array().end_object();
  });
}

net::HttpResponse amended(const core::Reply& reply, const history::Projection& projection) {
  if (reply.refusal != core::Refusal::ok) return refused(fault_of(reply.refusal));
  if (reply.rows.size() != 1) return refused(Code::system_error);
  const core::Reply::Row& row = reply.rows.front();
  if (row.refusal != core::Refusal::ok) return refused(fault_of(row.refusal));
  return one_order(row.order, projection);
}

// The core only says that the order is not open; what it was is in the projection.
Fault why_not_canceled(const Asked& asked, core::OrderId id,
                       const history::Projection& projection) {
  const core::OrderView* order = own_order(projection, asked.account, asked.market, id);
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

net::HttpResponse orders_of(const core::Reply& reply, const history::Projection& projection) {
  return success([&](JsonWriter& json) {
    json.begin_object().key("orders").begin_array();
    for (const core::Reply::Row& row : reply.rows) {
      if (row.refusal != core::Refusal::ok || !can_write(projection, row.order)) continue;
      write_order(json, row.order, text_of(projection, row.order.market));
    }
    json.end_array().end_object();
  });
}

// Of many, those that were canceled are answered; when none was, the reason of the first.
net::HttpResponse canceled(const Asked& asked, const core::Reply& reply,
                           const history::Projection& projection) {
  if (reply.refusal != core::Refusal::ok) return refused(fault_of(reply.refusal));
  if (reply.rows.size() != asked.orders.size()) return refused(Code::system_error);
  const core::Reply::Row* first = nullptr;
  for (const core::Reply::Row& row : reply.rows) {
    if (first == nullptr && row.refusal == core::Refusal::ok) first = &row;
  }
  if (first == nullptr) {
    const core::Refusal why = reply.rows.front().refusal;
    return refused(why == core::Refusal::order_not_found
                       ? why_not_canceled(asked, asked.orders.front(), projection)
                       : fault_of(why));
  }
  if (asked.endpoint == Endpoint::cancel_order) return one_order(first->order, projection);
  return orders_of(reply, projection);
}

net::HttpResponse canceled_all(const core::Reply& reply, const history::Projection& projection) {
  if (reply.refusal != core::Refusal::ok) return refused(fault_of(reply.refusal));
  return orders_of(reply, projection);
}

net::HttpResponse dead_man_set(const Asked& asked, const core::Reply& reply,
                               const history::Projection& projection) {
  if (reply.refusal != core::Refusal::ok) return refused(fault_of(reply.refusal));
  return success([&](JsonWriter& json) {
    json.begin_object().field("timeout_ms", std::int64_t{asked.timeout_ms}).key("cancel_at");
    const WallTimeMs at = projection.dead_man_at(asked.account);
    asked.timeout_ms != 0 && at.value != 0 ? json.number(at.value) : json.null();
    json.end_object();
  });
}

}  // namespace

net::HttpResponse answer_of(const Asked& asked, const core::Reply& reply,
                            const history::Projection& projection) {
  if (projection.markets().empty()) return cannot_say();
  if (reply.refusal == core::Refusal::too_many_updates) {
    return throttled("Too many orders and cancels per second", 1);
  }
  switch (asked.endpoint) {
    case Endpoint::place_order:
      return placed(asked, reply, projection);
    case Endpoint::place_orders:
      return batch(asked, reply, projection);
    case Endpoint::amend_order:
      return amended(reply, projection);
    case Endpoint::cancel_all:
      return canceled_all(reply, projection);
    case Endpoint::cancel_all_after:
      return dead_man_set(asked, reply, projection);
    default:
      return canceled(asked, reply, projection);
  }
}

}  // namespace oki::edge
