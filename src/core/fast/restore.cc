// The state from bytes. Reading trusts nothing: each item is checked against what was read before
// it, and the whole against the invariants (fast/verify.cc), before anything is used.
#include <algorithm>

#include "base/hash64.h"
#include "core/core.h"
#include "core/fast/admission.h"
#include "core/fast/margin.h"
#include "core/fast/market.h"
#include "core/fast/sessions.h"
#include "core/fast/snapshot_fields.h"
#include "core/fast/timers.h"
#include "core/fast/trade.h"
#include "core/fast/triggers.h"
#include "core/fast/verify.h"

namespace oki::core {
namespace fast {
namespace {

using Fault = const char*;  // What is wrong, or null.

// No exchange counts this far; a counter above it could wrap around.
constexpr std::uint64_t counter_max = std::uint64_t{1} << 62;

bool is_time(WallTimeMs time) { return time.value >= 0 && time.value < std::int64_t{1} << 60; }

class Loader {
 public:
  Loader(ByteView bytes, State& state) : io_(bytes), state_(state) {}

  Fault load() {
    for (const auto part :
         {&Loader::head, &Loader::assets, &Loader::markets, &Loader::accounts, &Loader::balances,
          &Loader::keys, &Loader::orders, &Loader::positions, &Loader::edges, &Loader::client_ids,
          &Loader::references, &Loader::withdrawals, &Loader::credits, &Loader::nodes}) {
      if (const Fault fault = (this->*part)()) return fault;
    }
    if (!io_.done()) return "bytes after the end";
    for (Row row = lender_row + 1; row <= state_.accounts.last(); ++row) watch_margin(state_, row);
    return nullptr;
  }

 private:
  // Nothing is reserved from a count, so that a damaged one costs no memory.
  template <typename Item, typename Take>
  Fault all(std::uint64_t items_max, Take take) {
    std::uint64_t count = 0;
    io_(count);
    if (!io_.ok()) return "truncated";
    if (count > items_max) return "more than the limits allow";
    for (std::uint64_t i = 0; i < count; ++i) {
      Item item{};
      io_(item);
      if (!io_.ok()) return "truncated or out of range";
      if (const Fault fault = take(item)) return fault;
    }
    return nullptr;
  }

  Fault head();
  Fault assets();
  Fault markets();
  Fault accounts();
  Fault balances();
  Fault keys();
  Fault orders();
  Fault positions();
  Fault edges();
  Fault client_ids();
  Fault references();
  Fault withdrawals();
  Fault credits();
  Fault nodes();

  // Bounds what is kept for undo.
  void commit() {
    state_.rare_touched = true;
    state_.commit();
  }

  Fault check_order(const SavedOrder& saved) const;
  Row make_order(const SavedOrder& saved, Row account);
  void make_extra(const SavedOrder& saved, Row row);
  Row any_account(AccountId id) const {
    if (id == fee_account) return fee_row;
    return state_.deposit_account(id);
  }

  FieldReader io_;
  State& state_;
};

Fault Loader::head() {
  SavedHead x;
  io_(x);
  if (!io_.ok()) return "truncated";
  if (x.release < 1 || x.release > core_release_max) return "rules of a newer program are in it";
  const std::uint64_t counters[] = {x.number, x.last_order.value, x.last_trade.value,
                                    x.last_withdrawal.value, x.last_credit.value};
  for (const std::uint64_t counter : counters) {
    if (counter > counter_max) return "a counter that cannot be";
  }
  if (!is_time(x.time) || !is_time(x.sweep_due)) return "a time that cannot be";
  state_.time = x.time;
  state_.number = x.number;
  state_.events_hash = x.events_hash;
  Counters& counters_row = state_.change_counters();
  counters_row.last_order = x.last_order;
  counters_row.last_trade = x.last_trade;
  House& house = state_.change_house();
  house.release = x.release;
  house.last_withdrawal = x.last_withdrawal;
  house.last_credit = x.last_credit;
  house.sweep_due = x.sweep_due;
  house.sweep_cursor = x.sweep_cursor;
  house.resume_all_by = x.resume_all_by;
  house.resume_all_until = x.resume_all_until;
  set_timer(state_, TimerKind::margin_sweep, 0, {}, x.sweep_due);
  return nullptr;
}

Fault Loader::assets() {
  return all<SavedAsset>(state_.limits().assets_max, [&](const SavedAsset& x) -> Fault {
    if (!valid(x.spec)) return "an asset that is not valid";
    for (Row row = 1; row <= state_.assets_count(); ++row) {
      if (state_.assets[row].name.view() == x.spec.name) return "an asset twice";
    }
    const Row row = state_.assets.create();
    const AssetId id{static_cast<std::uint16_t>(row - 1)};
    Asset& asset = state_.assets.change(row);
    asset.name.set(x.spec.name);
    asset.decimals = x.spec.decimals;
    asset.frozen = x.frozen;
    asset.collateral_ppm = x.collateral_ppm;
    asset.paid_in = x.paid_in;
    asset.holdings = x.holdings;
    asset.approved = Wide{x.approved[1]} << 64 | x.approved[0];
    asset.settled = Wide{x.settled[1]} << 64 | x.settled[0];
    asset.resume_by = x.resume_by;
    asset.resume_until = x.resume_until;
    asset.fee_pocket = state_.pocket(fee_row, id);
    asset.lender_pocket = state_.pocket(lender_row, id);
    return nullptr;
  });
}

void set_market_timers(State& state, MarketId market) {
  const MarketRules& rules = state.rules[State::market(market)];
  set_timer(state, TimerKind::stage, market.value, {}, rules.stage_due);
  set_timer(state, TimerKind::load, market.value, {}, rules.load_due);
  if (!rules.uncrossing) {
    set_timer(state, TimerKind::estimate, market.value, {}, rules.estimate_due);
  }
}

Fault Loader::markets() {
  return all<SavedMarket>(state_.limits().markets_max, [&](const SavedMarket& x) -> Fault {
    const Row base = state_.asset(x.spec.base);
    const Row quote = state_.asset(x.spec.quote);
    if (base == 0 || quote == 0) return "a market without assets";
    const auto spec_of = [&](Row row) {
      return AssetSpec{state_.assets[row].name.string(), state_.assets[row].decimals};
    };
    if (!valid(x.spec, spec_of(base), spec_of(quote))) return "a market that is not valid";
    for (const MarketFacts& other : state_.facts) {
      if (other.spec.name == x.spec.name) return "a market twice";
    }
    const MarketRules& r = x.rules;
    for (const WallTimeMs time :
         {r.reference_at, r.widened_until, r.reopen_at, r.cancel_only_at, r.auction_at,
          r.withdrawals_at, r.chunk_at, r.stage_due, r.load_due, r.estimate_due}) {
      if (!is_time(time)) return "a time that cannot be";
    }
    if (x.flow.sequence.value > counter_max || (r.stops & ~stops_mask) != 0 ||
        r.width_up >= million || r.width_down >= million || x.flow.low > x.flow.high ||
        (x.flow.low.value == 0) != (x.flow.high.value == 0)) {
      return "a market in a state that cannot be";
    }
    add_market(state_, x.spec);
    const MarketId id{static_cast<std::uint16_t>(state_.markets_count() - 1)};
    const Row row = State::market(id);
    MarketRules& rules = state_.rules.change(row);
    const std::uint32_t rules_mark = rules.mark;
    rules = r;
    rules.mark = rules_mark;
    rules.auction_lots = Wide{x.auction_lots[1]} << 64 | x.auction_lots[0];
    set_bands(state_.facts[id.value], rules);
    MarketFlow& flow = state_.flows.change(row);
    const std::uint32_t flow_mark = flow.mark;
    flow = x.flow;
    flow.mark = flow_mark;
    if (flow.high.value != 0) state_.fired_markets.push_back(row);
    set_market_timers(state_, id);
    return nullptr;
  });
}

Fault Loader::accounts() {
  AccountId last;
  return all<SavedAccount>(state_.limits().accounts_max, [&](const SavedAccount& x) -> Fault {
    if (x.id <= last || x.id > customer_account_max) return "an account out of order";
    last = x.id;
    if (x.tokens_milli > std::uint64_t{x.updates_per_second} * 1'000) {
      return "an account with too many tokens";
    }
    if (x.filled_at > state_.time || !is_time(x.filled_at) || !is_time(x.dead_man_at)) {
      return "an account from the future";
    }
    const Row row = state_.accounts.create();
    Account& account = state_.accounts.change(row);
    account.id = x.id;
    account.updates_per_second = x.updates_per_second;
    account.queries_per_second = x.queries_per_second;
    account.tokens_milli = x.tokens_milli;
    account.filled_at = x.filled_at;
    account.dead_man_at = x.dead_man_at;
    account.debt = x.debt;
    account.margin_allowed = x.margin_allowed;
    account.margin_status = x.margin_status;
    account.no_orders = x.no_orders;
    account.no_withdrawals = x.no_withdrawals;
    state_.account_ids.reserve_for(state_.account_ids.size() + 1);
    state_.account_ids.insert(x.id.value, row);
    set_timer(state_, TimerKind::dead_man, x.id.value, {}, x.dead_man_at);
    return nullptr;
  });
}

Fault Loader::balances() {
  SavedBalance last;  // Of account 0, which nobody has.
  const std::uint64_t most = (state_.limits().accounts_max + 2) * state_.limits().assets_max;
  return all<SavedBalance>(most, [&](const SavedBalance& x) -> Fault {
    const bool in_order =
        x.account > last.account || (x.account == last.account && x.asset > last.asset);
    if (!in_order) return "a balance out of order";
    const Row row = any_account(x.account);
    if (row == 0 || state_.asset(x.asset) == 0) return "a balance of nobody or of nothing known";
    if (x.free == 0 && x.held == 0 && x.withdrawing == 0) return "a balance of nothing";
    last = x;
    const Pocket pocket = state_.pocket(row, x.asset);
    state_.purses.add_free(pocket, x.free);
    state_.purses.add_held(pocket, x.held);
    state_.purses.add_withdrawing(pocket, x.withdrawing);
    return nullptr;
  });
}

Fault Loader::keys() {
  return all<SavedKey>(state_.limits().api_keys_max, [&](const SavedKey& x) -> Fault {
    const Row account = state_.account(x.account);
    if (account == 0) return "a key without an account";
    const std::uint64_t hash = text_hash(0, x.key);
    const Row known = state_.key_texts.find(
        hash, [&](Slot at) { return state_.keys[at].key.view() == x.key ? hash : ~hash; });
    if (x.key.empty() || known != 0) return "a key twice";
    const Row row = state_.keys.create();
    ApiKey& key = state_.keys.change(row);
    key.account = account;
    key.nonce = x.nonce;
    key.key.set(x.key);
    key.sealed_secret.set(x.sealed_secret);
    state_.key_texts.reserve_for(state_.key_texts.size() + 1);
    state_.key_texts.insert(hash, row);
    return nullptr;
  });
}

// An order that can be open: what no sequence of commands makes is refused here.
Fault Loader::check_order(const SavedOrder& saved) const {
  const OrderView& x = saved.view;
  if (x.market.value >= state_.markets_count()) return "an order without a market";
  if (x.id.value == 0 || x.id > state_.counters().last_order) return "an order with a wrong id";
  if (state_.open_order(x.id) != 0) return "an order twice";
  const std::uint64_t open = x.amount.value - x.executed.value;
  const bool rests = saved.visible.value != 0;
  const bool limit = x.type == OrderType::limit || x.type == OrderType::stop_limit;
  if (x.executed > x.amount || x.canceled_at.value != 0 || x.reason != Reason::none ||
      !is_time(x.ordered_at) || !is_time(x.expire_at) || x.ordered_at > state_.time) {
    return "an order that contradicts itself";
  }
  if ((x.trigger.value != 0) != has_trigger(x.type) || (x.price.value != 0) != limit) {
    return "an order without its price";
  }
  if (!rests) {
    return x.status == OrderStatus::inactive && has_trigger(x.type) && x.executed.value == 0
               ? nullptr
               : "an order that waits for nothing";
  }
  const OrderStatus status =
      x.executed.value == 0 ? OrderStatus::unfilled : OrderStatus::partially_filled;
  const bool shows =
      saved.visible.value <= open && (x.display.value != 0 || saved.visible.value == open);
  return limit && x.status == status && shows ? nullptr : "an order that cannot rest";
}

void Loader::make_extra(const SavedOrder& saved, Row row) {
  const OrderView& x = saved.view;
  const bool gtd = x.time_in_force == TimeInForce::gtd;
  if (x.trigger.value == 0 && x.display.value == 0 && x.session.value == 0 && !gtd &&
      x.client_order_id.empty()) {
    return;
  }
  const Row extra_row = state_.extras.create();
  Extra& extra = state_.extras.change(extra_row);
  extra.trigger = x.trigger;
  extra.display = x.display;
  extra.session = x.session;
  extra.triggered_at = x.triggered_at;
  extra.trigger_dead = saved.trigger_dead;
  extra.client_order_id.set(x.client_order_id);
  state_.orders.change(row).extra = extra_row;
  if (gtd) {
    extra.expire_at = x.expire_at;
    if (!saved.never_expires) set_timer(state_, TimerKind::expiry, x.id.value, {}, x.expire_at);
  }
  if (x.session.value != 0) join_session(state_, row);
}

Row Loader::make_order(const SavedOrder& saved, Row account) {
  const OrderView& x = saved.view;
  const Row row = state_.pool.allocate();
  Order& order = state_.orders.create_at(row);
  order.id = x.id;
  order.account = account;
  order.seat = state_.sit(account, x.market);
  order.market = x.market;
  order.side = x.side;
  order.type = x.type;
  order.post_only = x.post_only;
  order.time_in_force = x.time_in_force;
  order.self_trade = x.self_trade;
  order.position = x.position;
  order.status = x.status;
  order.price = x.price;
  order.amount = x.amount;
  order.executed = x.executed;
  order.executed_quote = x.executed_quote;
  order.ordered_at = x.ordered_at;
  order.executed_at = x.executed_at;
  order.never_expires = saved.never_expires;
  state_.order_ids.reserve_for(state_.order_ids.size() + 1, state_.id_of_order());
  state_.order_ids.insert(x.id.value, row, state_.id_of_order());
  link_seat(state_, row);
  ++state_.change_counters().open_orders;
  make_extra(saved, row);
  return row;
}

Fault Loader::orders() {
  return all<SavedOrder>(state_.limits().open_orders_max, [&](const SavedOrder& x) -> Fault {
    if (const Fault fault = check_order(x)) return fault;
    const Row account = state_.account(x.view.account);
    if (account == 0) return "an order without an account";
    const Row row = make_order(x, account);
    Order& order = state_.orders.change(row);
    if (order.inactive()) {
      if (!x.trigger_dead) add_trigger(state_, row);
    } else {
      const Book& book = state_.books[order.market.value];
      if (order.open().value > ~book.lots(order.side).value) return "a side that overflows";
      rest_in_book(state_, row, x.visible);
      order.hold = hold_need(state_, order, order.open());
    }
    if (state_.orders.changes().size() > 4'096) commit();
    state_.levels.clear();
    return nullptr;
  });
}

Fault Loader::positions() {
  return all<core::Position>(state_.positions.rows_max(), [&](const core::Position& x) -> Fault {
    const Row account = state_.account(x.account);
    if (account == 0 || x.market.value >= state_.markets_count() || x.open.value == 0 ||
        x.side == PositionSide::none || !is_time(x.interest_until)) {
      return "a position that cannot be";
    }
    const Row seat = state_.sit(account, x.market);
    Row& place = state_.seats.change(seat).positions[x.side == PositionSide::long_side ? 0 : 1];
    if (place != 0) return "a position twice";
    place = state_.positions.create();
    Position& position = state_.positions.change(place);
    position.account = account;
    position.market = x.market;
    position.side = x.side;
    position.open = x.open;
    position.cost = x.cost;
    position.fees = x.fees;
    position.interest = x.interest;
    position.interest_until = x.interest_until;
    return nullptr;
  });
}

Fault Loader::edges() {
  return all<SavedEdge>(state_.edges.rows_max(), [&](const SavedEdge& x) -> Fault {
    if (!is_time(x.due)) return "a time that cannot be";
    return set_edge_due(state_, x.edge, x.due) ? nullptr : "an edge without sessions";
  });
}

Fault Loader::client_ids() {
  const std::uint64_t most = state_.client_ids.rows_max();
  return all<SavedClientId>(most, [&](const SavedClientId& x) -> Fault {
    const Row account = state_.account(x.account);
    if (account == 0 || x.text.empty()) return "a client order id of nobody";
    if (x.order.value == 0 || x.order > state_.counters().last_order ||
        remembered(state_, account, x.text).value != 0) {
      return "a client order id that cannot be";
    }
    remember(state_, account, x.text, x.order);
    if (state_.client_ids.changes().size() > 4'096) commit();
    return nullptr;
  });
}

Fault Loader::references() {
  const std::uint64_t most = state_.references.rows_max();
  return all<SavedReference>(most, [&](const SavedReference& x) -> Fault {
    if (x.kind > static_cast<std::uint8_t>(ReferenceKind::credit) || x.text.empty()) {
      return "a reference that cannot be";
    }
    Reference said;
    said.kind = static_cast<ReferenceKind>(x.kind);
    said.less = x.less;
    said.account = x.account;
    said.asset = x.asset;
    said.amount = x.amount;
    said.by = x.by;
    said.text.set(x.text);
    if (known_reference(state_, said) != Refusal::ok) return "a reference twice";
    remember(state_, said);
    if (state_.references.changes().size() > 4'096) commit();
    return nullptr;
  });
}

Fault Loader::withdrawals() {
  WithdrawalId last;
  const std::uint64_t most = state_.withdrawals.rows_max();
  return all<SavedWithdrawal>(most, [&](const SavedWithdrawal& x) -> Fault {
    if (x.id <= last || x.id > state_.house().last_withdrawal) return "a withdrawal out of order";
    last = x.id;
    const Row account = state_.account(x.account);
    if (account == 0 || state_.asset(x.asset) == 0 || x.destination.empty() ||
        x.amount.value > ~x.fee.value) {
      return "a withdrawal that cannot be";
    }
    const Row row = state_.withdrawals.create();
    Withdrawal& withdrawal = state_.withdrawals.change(row);
    withdrawal.id = x.id;
    withdrawal.account = account;
    withdrawal.asset = x.asset;
    withdrawal.amount = x.amount;
    withdrawal.fee = x.fee;
    withdrawal.by = x.by;
    withdrawal.requested_at = x.requested_at;
    withdrawal.approved = x.approved;
    withdrawal.destination.set(x.destination);
    state_.withdrawal_ids.reserve_for(state_.withdrawal_ids.size() + 1);
    state_.withdrawal_ids.insert(x.id.value, row);
    return nullptr;
  });
}

Fault Loader::credits() {
  CreditId last;
  return all<SavedCredit>(state_.credits.rows_max(), [&](const SavedCredit& x) -> Fault {
    if (x.id <= last || x.id > state_.house().last_credit) return "a credit out of order";
    last = x.id;
    if (state_.deposit_account(x.account) == 0 || state_.asset(x.asset) == 0 ||
        x.reference.empty() || !is_time(x.lapses_at)) {
      return "a credit that cannot be";
    }
    const Row row = state_.credits.create();
    Credit& credit = state_.credits.change(row);
    credit.id = x.id;
    credit.by = x.by;
    credit.account = x.account;
    credit.asset = x.asset;
    credit.amount = x.amount;
    credit.lapses_at = x.lapses_at;
    credit.reference.set(x.reference);
    state_.credit_ids.reserve_for(state_.credit_ids.size() + 1);
    state_.credit_ids.insert(x.id.value, row);
    set_timer(state_, TimerKind::credit_lapse, x.id.value, {}, x.lapses_at);
    return nullptr;
  });
}

Fault Loader::nodes() {
  std::uint64_t last = 0;
  return all<SavedNode>(state_.node_releases.rows_max(), [&](const SavedNode& x) -> Fault {
    if (x.node <= last || x.release == 0) return "a node out of order";
    last = x.node;
    NodeRelease& row = state_.node_releases.change(state_.node_releases.create());
    row.node = x.node;
    row.release = x.release;
    return nullptr;
  });
}

Fault load(ByteView bytes, State& state) {
  try {
    Loader loader(bytes, state);
    if (const Fault fault = loader.load()) return fault;
    state.rare_touched = true;
    state.commit();
    state.out.clear();
    find_expiry_cursor(state);
    return state_fault(state);
  } catch (const Broken& broken) {
    return broken.what;
  }
}

}  // namespace
}  // namespace fast

Result<Core> Core::restore(ByteView snapshot, const CoreLimits& limits) {
  const auto damaged = [](Errc code, const char* what) {
    return error(code, std::string("The core snapshot cannot be used: ") + what + '.');
  };
  const ByteView magic = fast::snapshot_magic;
  if (snapshot.size() < magic.size() + 8 || snapshot.substr(0, magic.size()) != magic) {
    return damaged(Errc::invalid, "it does not start as one");
  }
  const ByteView hashed = snapshot.substr(0, snapshot.size() - 8);
  fast::PieceHash hash;
  std::size_t at = 0;
  for (; hashed.size() - at >= fast::snapshot_piece_bytes; at += fast::snapshot_piece_bytes) {
    hash.add(hashed.substr(at, fast::snapshot_piece_bytes));
  }
  hash.add(hashed.substr(at));
  if (Reader(snapshot.substr(hashed.size())).u64() != hash.value()) {
    return damaged(Errc::corrupt, "its hash does not match");
  }
  auto state = std::make_unique<fast::State>(limits);
  if (const char* const fault = fast::load(hashed.substr(magic.size()), *state)) {
    return damaged(Errc::invalid, fault);
  }
  Core core(Restored{}, std::move(state));
  // What a state would not write was not written by one: fields that say a thing twice agree, and
  // nothing was lost while reading.
  if (core.hash() != hash.value()) return damaged(Errc::invalid, "its parts contradict each other");
  return core;
}

}  // namespace oki::core
