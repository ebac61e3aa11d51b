// What MarketCommands does with orders that exist: amends, cancels, batches, switches.
#include "core/testing/market_commands.h"

namespace oki::core {

Command MarketCommands::amend() {
  AmendOrder amend;
  amend.account = AccountId{account()};
  amend.market = market_or_none();
  amend.order = OrderId{1 + upto(100)};
  if (orders_.size() > 0) {
    const KnownOrder& order = orders_[upto(orders_.size())];
    amend.account = AccountId{order.account};
    amend.market = MarketId{order.market};
    amend.order = OrderId{order.id};
    if (order.price > 0 && one_in(2)) amend.price = Price{price_near(order.market, order.side)};
    if (one_in(2)) amend.amount = Lots{1 + upto(order.amount + (one_in(3) ? 400 : 1))};
    if (order.trigger > 0 && one_in(2))
      amend.trigger = Price{trigger_near(order.market, one_in(2))};
  }
  if (one_in(40)) amend.price = Price{out_of_bounds()};
  if (one_in(40)) amend.trigger = Price{out_of_bounds()};
  if (one_in(40)) amend.amount = Lots{1 + upto(90'000)};
  if (one_in(60)) amend.market = market_or_none();
  amend.auth = auth(amend.account.value);
  return amend;
}

Command MarketCommands::cancel() {
  CancelOrders cancel;
  cancel.account = AccountId{account()};
  cancel.market = market_or_none();
  if (orders_.size() > 0) {
    const KnownOrder& order = orders_[upto(orders_.size())];
    cancel.account = AccountId{order.account};
    cancel.market = MarketId{order.market};
    cancel.orders.push_back(OrderId{order.id});
  }
  while (cancel.orders.empty() || (one_in(4) && cancel.orders.size() < cancel_orders_max)) {
    const bool known = orders_.size() > 0 && one_in(2);
    cancel.orders.push_back(OrderId{known ? orders_[upto(orders_.size())].id : upto(1'000)});
  }
  cancel.auth = auth(cancel.account.value);
  return cancel;
}

Command MarketCommands::cancel_all() {
  CancelAll all;
  all.account = AccountId{account()};
  all.auth = auth(all.account.value);
  all.all_markets = one_in(2);
  all.market = market_or_none();
  return all;
}

Command MarketCommands::batch() {
  PlaceOrders batch;
  batch.account = AccountId{account()};
  batch.auth = auth(batch.account.value);
  do {
    PlaceOrder order = usual_order(batch.account.value, market());
    if (one_in(25)) spoil(order);
    if (!one_in(30)) order.account = batch.account;
    if (!one_in(30)) order.auth = batch.auth;
    batch.orders.push_back(std::move(order));
  } while (prng_.chance(2, 3) && batch.orders.size() < place_orders_max);
  return batch;
}

Command MarketCommands::dead_man() {
  CancelAllAfter after;
  after.account = AccountId{account()};
  after.auth = auth(after.account.value);
  after.timeout_ms = static_cast<std::uint32_t>(one_in(4) ? 0 : upto(6'000));
  if (one_in(20)) after.timeout_ms = dead_man_ms_max + static_cast<std::uint32_t>(upto(2));
  return after;
}

}  // namespace oki::core
