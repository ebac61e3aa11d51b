// Writing and reading all of the state, in the order of its tables: no format but for the oracle.
#include "core/plain/snapshot.h"

#include <map>
#include <string>

#include "base/hash64.h"
#include "core/fields.h"
#include "core/plain/derive.h"
#include "core/plain/row_faults.h"

namespace oki {
template <>
inline constexpr std::uint8_t numbers_of<core::plain::Direction> = 3;
}  // namespace oki

namespace oki::core::plain {

void fields(auto& io, Like<Counters> auto& x) {
  io(x.last_order, x.last_trade, x.last_credit, x.last_withdrawal, x.last_priority,
     x.last_reference, x.last_client_id, x.release, x.sweep_at, x.sweep_cursor);
}
void fields(auto& io, Like<Asset> auto& x) {
  io(x.spec, x.liabilities, x.holdings, x.frozen, x.collateral_ppm);
}
void fields(auto& io, Like<Market> auto& x) {
  io(x.halted, x.stops, x.load, x.load_second, x.load_count, x.mode, x.fee_type, x.reference,
     x.reference_at, x.last, x.width_down, x.width_up, x.last_break, x.widened_until,
     x.lower_itayose, x.upper_itayose, x.reopen_at, x.cancel_only_at, x.auction_at,
     x.withdrawals_at, x.low, x.high, x.uncrossing, x.cross_price, x.cross_lots, x.chunk_at,
     x.told_price, x.told_lots, x.estimate_at, x.sequence);
}
void fields(auto& io, Like<Account> auto& x) {
  io(x.updates_per_second, x.queries_per_second, x.tokens_milli, x.filled_at, x.no_orders,
     x.no_withdrawals, x.margin_allowed, x.margin_status, x.debt, x.dead_man_at);
}
void fields(auto& io, Like<ApiKey> auto& x) {
  io(x.account);
  io.text(x.key, api_key_bytes_max);
  io.text(x.sealed_secret, sealed_secret_bytes_max);
  io(x.nonce);
}
void fields(auto& io, Like<Pockets> auto& x) { io(x.free, x.held, x.withdrawing); }
void fields(auto& io, Like<Order> auto& x) {
  io(x.view, x.resting, x.visible, x.priority, x.expiry_dropped, x.trigger_dropped);
}
void fields(auto& io, Like<Edge> auto& x) { io(x.heard_at, x.silence_dropped); }
void fields(auto& io, Like<Wish> auto& x) { io(x.by, x.at); }

namespace {

constexpr ByteView magic = "OKIPLAIN";
constexpr std::size_t command_bytes_max = 256;  // Of those with a reference.

void withdrawal_fields(auto& io, auto& x) {
  io(x.id, x.state, x.account, x.asset, x.amount, x.fee, x.by, x.requested_at);
  io.text(x.destination, destination_bytes_max);
}

template <typename Rows, typename Write>
void write_all(FieldWriter& io, const Rows& rows, Write write) {
  io(static_cast<std::uint64_t>(rows.size()));
  for (const auto& row : rows) write(row.first, row.second);
}

void write_reference(FieldWriter& io, const Reference& reference) {
  io.text(std::visit([](const auto& x) { return encode(Command{x}); }, reference.use),
          command_bytes_max);
}

void write_people(FieldWriter& io, const State& state) {
  write_all(io, state.accounts.rows(), [&](AccountId id, const Account& x) { io(id, x); });
  write_all(io, state.keys.rows(), [&](KeyId, const ApiKey& x) { io(x); });
  std::map<BalanceKey, Pockets> balances;
  for (const auto& [key, own] : state.balances.rows()) {
    if (own != Pockets{}) balances.emplace(key, own);
  }
  write_all(io, balances,
            [&](const BalanceKey& key, const Pockets& x) { io(key.first, key.second, x); });
}

void write_trading(FieldWriter& io, const State& state) {
  write_all(io, state.orders.rows(), [&](OrderId, const Order& x) { io(x); });
  write_all(io, state.edges.rows(), [&](std::uint32_t id, const Edge& x) { io(id, x); });
  write_all(io, state.positions.rows(), [&](const PositionKey&, const Position& x) { io(x); });
  write_all(io, state.client_ids_by_place.rows(), [&](std::uint64_t, const ClientIdKey& key) {
    io(key.first);
    io.text(key.second, client_order_id_bytes_max);
    io(state.client_ids.at(key).order);
  });
}

void write_money(FieldWriter& io, const State& state) {
  write_all(io, state.references_by_place.rows(), [&](std::uint64_t, const std::string& text) {
    write_reference(io, state.references.at(text));
  });
  write_all(io, state.credits.rows(), [&](CreditId id, const Credit& x) {
    io(id);
    io.text(encode(x.proposal), command_bytes_max);
    io(x.proposed_at, x.lapse_dropped);
  });
  write_all(io, state.withdrawals.rows(),
            [&](WithdrawalId, const WithdrawalChanged& x) { withdrawal_fields(io, x); });
  write_all(io, state.wishes.rows(),
            [&](const WishKey& key, const Wish& x) { io(key.first, key.second, x); });
  write_all(io, state.node_releases.rows(),
            [&](std::uint64_t node, std::uint32_t release) { io(node, release); });
}

// --- Reading trusts nothing: each row is checked against what was read before it, and the whole
// against the invariants of the core, before anything is used.

// Reads a counted list; `take` returns null or what is wrong with the next row. Nothing is reserved
// from the count, so that a damaged one costs no memory.
const char* read_all(FieldReader& io, std::size_t rows_max, auto take) {
  std::uint64_t count = 0;
  io(count);
  if (!io.ok()) return "truncated";
  if (count > rows_max) return "more than the limits allow";
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* const fault = take();
    if (!io.ok()) return "truncated or out of range";
    if (fault != nullptr) return fault;
  }
  return nullptr;
}

// Adds a row behind all others.
template <typename Key, typename Value>
const char* append_row(Table<Key, Value>& table, const Key& key, Value value) {
  if (!table.empty() && !(table.rows().rbegin()->first < key)) return "rows out of order";
  table.add(key, std::move(value));
  return nullptr;
}

const char* read_assets(FieldReader& io, State& state) {
  return read_all(io, state.limits.assets_max, [&]() -> const char* {
    Asset asset;
    io(asset);
    if (const char* fault = row_fault(state, asset)) return fault;
    return append_row(state.assets, AssetId{static_cast<std::uint16_t>(state.assets.size())},
                      asset);
  });
}

const char* read_markets(FieldReader& io, State& state) {
  return read_all(io, state.limits.markets_max, [&]() -> const char* {
    MarketSpec spec;
    Market market;
    io(spec, market);
    if (!io.ok()) return nullptr;
    if (const char* fault = row_fault(state, spec, market)) return fault;
    const MarketId id{static_cast<std::uint16_t>(state.infos.size())};
    const Scale scale =
        scale_of(spec, state.assets.at(spec.base).spec, state.assets.at(spec.quote).spec);
    state.infos.add(id, {spec, scale});
    return append_row(state.markets, id, market);
  });
}

const char* read_accounts(FieldReader& io, State& state) {
  return read_all(io, state.limits.accounts_max, [&]() -> const char* {
    AccountId id;
    Account account;
    io(id, account);
    if (const char* fault = row_fault(state, id, account)) return fault;
    return append_row(state.accounts, id, account);
  });
}

const char* read_keys(FieldReader& io, State& state) {
  return read_all(io, state.limits.api_keys_max, [&]() -> const char* {
    ApiKey key;
    io(key);
    if (!state.accounts.has(key.account) || key.key.empty()) return "a key that is not valid";
    return append_row(state.keys, KeyId{state.keys.size() + 1}, key);
  });
}

const char* read_balances(FieldReader& io, State& state) {
  const std::size_t all = (state.limits.accounts_max + 2) * state.limits.assets_max;
  return read_all(io, all, [&]() -> const char* {
    BalanceKey key;
    Pockets own;
    io(key.first, key.second, own);
    if (own == Pockets{}) return "a balance of nothing";
    return append_row(state.balances, key, own);
  });
}

const char* read_orders(FieldReader& io, State& state) {
  std::map<std::pair<AccountId, MarketId>, std::size_t> open;
  return read_all(io, state.limits.open_orders_max, [&]() -> const char* {
    Order order;
    io(order);
    if (!io.ok()) return nullptr;
    if (const char* fault = row_fault(state, order)) return fault;
    std::size_t& count = open[{order.view.account, order.view.market}];
    if (++count > state.limits.open_orders_per_account_and_market_max) {
      return "more open orders of an account than allowed";
    }
    return append_row(state.orders, order.view.id, order);
  });
}

const char* read_edges(FieldReader& io, State& state) {
  return read_all(io, state.limits.open_orders_max, [&]() -> const char* {
    std::uint32_t id = 0;
    Edge edge;
    io(id, edge);
    if (edge.heard_at.value < 0 || edge.heard_at > state.time) return "an edge of the future";
    return append_row(state.edges, id, edge);
  });
}

const char* read_positions(FieldReader& io, State& state) {
  const std::size_t all = state.limits.accounts_max * state.limits.markets_max * 2;
  return read_all(io, all, [&]() -> const char* {
    Position position;
    io(position);
    if (!io.ok()) return nullptr;
    if (const char* fault = row_fault(state, position)) return fault;
    return append_row(state.positions,
                      PositionKey{position.account, position.market, position.side}, position);
  });
}

const char* read_client_ids(FieldReader& io, State& state) {
  std::uint64_t place = 0;
  const char* const fault = read_all(io, state.limits.client_order_ids_max, [&]() -> const char* {
    ClientIdKey key;
    ClientId used;
    io(key.first);
    io.text(key.second, client_order_id_bytes_max);
    io(used.order);
    used.place = ++place;
    const bool fits = state.accounts.has(key.first) && !key.second.empty() &&
                      used.order.value > 0 && used.order <= state.counters.last_order &&
                      !state.client_ids.has(key);
    if (!fits) return "a client order id that is not valid";
    state.client_ids.add(key, used);
    return nullptr;
  });
  // Places are counted anew, to the last one.
  if (fault != nullptr || place > state.counters.last_client_id) {
    return fault != nullptr ? fault : "client order ids without a count";
  }
  const std::uint64_t before = state.counters.last_client_id - place;
  for (const auto& [key, used] : state.client_ids.rows()) {
    state.client_ids.edit(key).place += before;
  }
  return nullptr;
}

const char* read_reference(FieldReader& io, State& state, std::uint64_t place) {
  std::string text;
  io.text(text, command_bytes_max);
  const std::optional<Command> command = decode_command(text);
  if (!command) return "a reference that is not valid";
  const auto add = [&](const auto& x) -> const char* {
    if constexpr (requires { Reference{place, x}; }) {
      if (x.reference.empty() || state.references.has(x.reference)) return "a reference twice";
      state.references.add(x.reference, {place, x});
      return nullptr;
    }
    return "a reference of another command";
  };
  return std::visit(add, *command);
}

const char* read_references(FieldReader& io, State& state) {
  std::uint64_t place = 0;
  const char* const fault = read_all(io, state.limits.deposit_references_max, [&]() -> const char* {
    return read_reference(io, state, ++place);
  });
  if (fault != nullptr || place > state.counters.last_reference) {
    return fault != nullptr ? fault : "references without a count";
  }
  const std::uint64_t before = state.counters.last_reference - place;
  for (const auto& [text, reference] : state.references.rows()) {
    state.references.edit(text).place += before;
  }
  return nullptr;
}

const char* read_credits(FieldReader& io, State& state) {
  return read_all(io, state.limits.credits_open_max, [&]() -> const char* {
    CreditId id;
    Credit credit;
    std::string text;
    io(id);
    io.text(text, command_bytes_max);
    io(credit.proposed_at, credit.lapse_dropped);
    const std::optional<Command> command = decode_command(text);
    const auto* proposal = command ? std::get_if<ProposeCredit>(&*command) : nullptr;
    if (proposal == nullptr) return "a credit that is not valid";
    credit.proposal = *proposal;
    if (const char* fault = row_fault(state, id, credit)) return fault;
    return append_row(state.credits, id, credit);
  });
}

const char* read_withdrawals(FieldReader& io, State& state) {
  return read_all(io, state.limits.withdrawals_open_max, [&]() -> const char* {
    WithdrawalChanged withdrawal;
    withdrawal_fields(io, withdrawal);
    if (const char* fault = row_fault(state, withdrawal)) return fault;
    return append_row(state.withdrawals, withdrawal.id, withdrawal);
  });
}

const char* read_wishes(FieldReader& io, State& state) {
  return read_all(io, state.limits.assets_max + 1, [&]() -> const char* {
    WishKey key;
    Wish wish;
    io(key.first, key.second, wish);
    const bool fits = (key.first ? key.second.value == 0 : state.assets.has(key.second)) &&
                      wish.by.value > 0 && wish.at.value >= 0 && wish.at <= state.time;
    if (!fits) return "a wish that is not valid";
    return append_row(state.wishes, key, wish);
  });
}

const char* read_releases(FieldReader& io, State& state) {
  return read_all(io, state.limits.node_releases_max, [&]() -> const char* {
    std::uint64_t node = 0;
    std::uint32_t release = 0;
    io(node, release);
    if (node == 0 || release == 0) return "a release of no node";
    return append_row(state.node_releases, node, release);
  });
}

const char* read_state(FieldReader& io, State& state) {
  io(state.time, state.number, state.counters);
  if (!io.ok()) return "truncated";
  if (const char* fault = row_fault(state, state.counters)) return fault;
  for (const auto read : {read_assets, read_markets, read_accounts, read_keys, read_balances,
                          read_orders, read_edges, read_positions, read_client_ids, read_references,
                          read_credits, read_withdrawals, read_wishes, read_releases}) {
    if (const char* fault = read(io, state)) return fault;
  }
  if (!io.done()) return "bytes after the end";
  derive(state);
  return state_fault(state);
}

const char* try_read(FieldReader& io, State& state) {
  try {
    return read_state(io, state);
  } catch (const Fault& fault) {
    return fault.what;
  }
}

}  // namespace

Bytes write_snapshot(const State& state) {
  Bytes out(magic);
  FieldWriter io(out);
  io(state.time, state.number, state.counters);
  write_all(io, state.assets.rows(), [&](AssetId, const Asset& x) { io(x); });
  write_all(io, state.markets.rows(),
            [&](MarketId id, const Market& x) { io(state.infos.at(id).spec, x); });
  write_people(io, state);
  write_trading(io, state);
  write_money(io, state);
  io(hash64(out));
  return out;
}

Result<void> read_snapshot(ByteView snapshot, State& state) {
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
  if (const char* fault = try_read(io, state)) return damaged(Errc::invalid, fault);
  return {};
}

}  // namespace oki::core::plain
