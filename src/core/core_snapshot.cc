// The state as bytes: docs/formats/core-snapshot.md.
//
// Reading trusts nothing: each item is checked against what was read before it, and the whole
// against the invariants of the core, before anything is used.
#include <string>
#include <utility>

#include "base/hash64.h"
#include "core/fields.h"
#include "core/state.h"

namespace oki::core {

void fields(auto& io, Like<ApiKey> auto& x) {
  io(x.account);
  io.text(x.key, api_key_bytes_max);
  io.text(x.sealed_secret, sealed_secret_bytes_max);
  io(x.nonce);
}

void fields(auto& io, Like<Deposit> auto& x) {
  io(x.account, x.asset, x.amount);
  io.text(x.reference, reference_bytes_max);
}

void fields(auto& io, Like<Account> auto& x) {
  io(x.id, x.updates_per_second, x.queries_per_second, x.updates.tokens_milli, x.updates.filled_at);
}

void fields(auto& io, Like<Ledger::Entry> auto& x) {
  io(x.account, x.asset, x.holding.free, x.holding.held);
}

namespace {

constexpr ByteView magic = "OKICORE1";

// No exchange counts this far; a counter above it could wrap around.
constexpr std::uint64_t counter_max = std::uint64_t{1} << 63;

template <typename Items, typename Write>
void write_all(FieldWriter& io, const Items& items, Write write) {
  io(static_cast<std::uint64_t>(items.size()));
  for (const auto& item : items) write(item);
}

// Reads a counted list; `take` returns null or what is wrong with the item. Nothing is reserved
// from the count, so that a damaged one costs no memory.
template <typename Item, typename Take>
const char* read_all(FieldReader& io, std::size_t items_max, Take take) {
  std::uint64_t count = 0;
  io(count);
  if (!io.ok()) return "truncated";
  if (count > items_max) return "more than the limits allow";
  for (std::uint64_t i = 0; i < count; ++i) {
    Item item{};
    io(item);
    if (!io.ok()) return "truncated or out of range";
    if (const char* fault = take(item)) return fault;
  }
  return nullptr;
}

// The parts of a snapshot in their order, each with the state read so far.
const char* read_assets(FieldReader& io, CoreState& state) {
  return read_all<AssetSpec>(io, state.limits.assets_max, [&](const AssetSpec& spec) {
    if (!valid(spec)) return "an asset that is not valid";
    for (const AssetSpec& other : state.assets) {
      if (other.name == spec.name) return "an asset twice";
    }
    Amount paid_in;
    io(paid_in);
    state.add_asset(spec);
    state.ledger.force_paid_in(AssetId{static_cast<std::uint16_t>(state.assets.size() - 1)},
                               paid_in);
    return static_cast<const char*>(nullptr);
  });
}

const char* read_markets(FieldReader& io, CoreState& state) {
  return read_all<MarketSpec>(io, state.limits.markets_max, [&](const MarketSpec& spec) {
    const std::size_t assets = state.assets.size();
    if (spec.base.value >= assets || spec.quote.value >= assets) return "a market without assets";
    if (!valid(spec, state.assets[spec.base.value], state.assets[spec.quote.value])) {
      return "a market that is not valid";
    }
    for (const Market& other : state.markets) {
      if (other.spec.name == spec.name) return "a market twice";
    }
    state.add_market(spec);
    io(state.markets.back().sequence);
    if (state.markets.back().sequence.value > counter_max) return "a sequence that cannot be";
    return static_cast<const char*>(nullptr);
  });
}

const char* read_accounts(FieldReader& io, CoreState& state) {
  AccountId last;
  return read_all<Account>(io, state.limits.accounts_max, [&](const Account& account) {
    if (account.id <= last || account.id > customer_account_max) return "an account out of order";
    if (account.updates.tokens_milli > TokenBucket::full(account.updates_per_second)) {
      return "an account with too many tokens";
    }
    if (account.updates.filled_at > state.time) return "an account from the future";
    last = account.id;
    state.accounts.add(account);
    return static_cast<const char*>(nullptr);
  });
}

const char* read_balances(FieldReader& io, CoreState& state) {
  Ledger::Entry last{};
  const std::size_t all = (state.limits.accounts_max + 1) * state.limits.assets_max;
  return read_all<Ledger::Entry>(io, all, [&](const Ledger::Entry& entry) {
    const bool in_order =
        entry.account > last.account || (entry.account == last.account && entry.asset > last.asset);
    if (!in_order) return "a balance out of order";
    if (entry.asset.value >= state.assets.size()) return "a balance of an unknown asset";
    if (entry.holding == Holding{}) return "a balance of nothing";
    last = entry;
    state.ledger.force_holding(entry.account, entry.asset, entry.holding);
    return static_cast<const char*>(nullptr);
  });
}

const char* read_keys(FieldReader& io, CoreState& state) {
  return read_all<ApiKey>(io, state.limits.api_keys_max, [&](const ApiKey& key) {
    if (state.accounts.find(key.account) == nullptr) return "a key without an account";
    if (key.key.empty() || state.accounts.find_key(key.key) != nullptr) return "a key twice";
    state.accounts.add_key(key);
    return static_cast<const char*>(nullptr);
  });
}

// An order that can rest in a book: what no sequence of commands makes is refused here.
const char* order_fault(const CoreState& state, const OrderView& order) {
  if (order.market.value >= state.markets.size()) return "an order without a market";
  if (state.accounts.find(order.account) == nullptr) return "an order without an account";
  const MarketSpec& spec = state.markets[order.market.value].spec;
  const bool fits = order.type == OrderType::limit && order.price >= spec.price_min &&
                    order.price <= spec.price_max && order.amount >= spec.amount_min &&
                    order.amount <= spec.limit_amount_max && order.executed < order.amount;
  if (!fits) return "an order outside its market's limits";
  const bool is_new = order.executed.value == 0;
  const OrderStatus status = is_new ? OrderStatus::unfilled : OrderStatus::partially_filled;
  const bool agrees =
      order.status == status && order.canceled_at.value == 0 &&
      (!is_new || (order.executed_at.value == 0 && order.executed_quote.value == 0));
  if (!agrees || order.executed_quote.value >> 63 != 0) return "an order that contradicts itself";
  if (order.ordered_at > state.time || order.executed_at > state.time) return "a future order";
  return nullptr;
}

const char* read_orders(FieldReader& io, CoreState& state) {
  OrderId last;
  return read_all<OrderView>(io, state.limits.open_orders_max, [&](const OrderView& order) {
    if (order.id <= last || order.id > state.last_order) return "an order out of order";
    last = order.id;
    if (const char* fault = order_fault(state, order)) return fault;
    PlainBook& book = state.markets[order.market.value].book;
    const auto other = book.best(opposite(order.side));
    if (other && crosses(order.side, order.price, *other)) return "a crossed book";
    if (open_lots(order).value > ~book.lots(order.side).value) return "a side that overflows";
    Account* account = state.accounts.find(order.account);
    std::uint32_t& open = account->open_orders_in(order.market);
    if (++open > state.limits.open_orders_per_account_and_market_max) {
      return "more open orders of an account than allowed";
    }
    book.add(order.side, order.price, order.id, open_lots(order));
    state.orders.emplace(order.id.value, order);
    return static_cast<const char*>(nullptr);
  });
}

const char* read_deposits(FieldReader& io, CoreState& state) {
  const std::size_t deposits_max = state.limits.deposit_references_max;
  return read_all<Deposit>(io, deposits_max, [&](const Deposit& deposit) {
    if (state.accounts.find(deposit.account) == nullptr) return "a deposit without an account";
    if (deposit.asset.value >= state.assets.size()) return "a deposit of an unknown asset";
    const bool fits = deposit.amount.value > 0 && !deposit.reference.empty() &&
                      deposit.amount <= state.ledger.paid_in(deposit.asset);
    if (!fits) return "a deposit that is not valid";
    if (state.deposits.find(deposit.reference) != nullptr) return "a deposit twice";
    state.deposits.add(deposit, deposits_max);
    return static_cast<const char*>(nullptr);
  });
}

const char* read_state(FieldReader& io, CoreState& state) {
  io(state.time, state.last_order, state.last_trade);
  if (state.last_order.value > counter_max || state.last_trade.value > counter_max) {
    return "a counter that cannot be";
  }
  for (const auto read : {read_assets, read_markets, read_accounts, read_balances, read_keys,
                          read_orders, read_deposits}) {
    if (const char* fault = read(io, state)) return fault;
  }
  if (!io.done()) return "bytes after the end";
  return state.fault();
}

}  // namespace

Bytes write_snapshot(const CoreState& state) {
  Bytes out(magic);
  FieldWriter io(out);
  io(state.time, state.last_order, state.last_trade);
  std::uint16_t asset = 0;
  write_all(io, state.assets,
            [&](const AssetSpec& spec) { io(spec, state.ledger.paid_in(AssetId{asset++})); });
  write_all(io, state.markets, [&](const Market& market) { io(market.spec, market.sequence); });
  write_all(io, state.accounts.sorted(), [&](const Account* account) { io(*account); });
  write_all(io, state.ledger.entries(), [&](const Ledger::Entry& entry) { io(entry); });
  write_all(io, state.accounts.keys(), [&](const ApiKey& key) { io(key); });
  write_all(io, state.sorted_orders(), [&](const OrderView* order) { io(*order); });
  write_all(io, state.deposits.all(), [&](const Deposit& deposit) { io(deposit); });
  io(hash64(out));
  return out;
}

Result<void> read_snapshot(ByteView snapshot, CoreState& state) {
  const auto damaged = [](Errc code, const char* what) {
    return error(code, std::string("The core snapshot cannot be used: ") + what + '.');
  };
  if (snapshot.size() < magic.size() + 8 || snapshot.substr(0, magic.size()) != magic) {
    return damaged(Errc::invalid, "it does not start as one");
  }
  const ByteView hashed = snapshot.substr(0, snapshot.size() - 8);
  if (Reader(snapshot.substr(hashed.size())).u64() != hash64(hashed)) {
    return damaged(Errc::corrupt, "its hash does not match");
  }
  FieldReader io(hashed.substr(magic.size()));
  if (const char* fault = read_state(io, state)) return damaged(Errc::invalid, fault);
  return {};
}

}  // namespace oki::core
