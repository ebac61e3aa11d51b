#include "core/fast/state.h"

#include <algorithm>

#include "base/assert.h"
#include "base/hash64.h"
#include "core/core.h"

namespace oki::core::fast {
namespace {

// Every table below has a row for each thing that the limits allow, so that none is full before a
// command was refused by name: what is not used costs addresses only. Rows and pockets are numbers
// of 32 bits, and there must be fewer.
std::size_t rows_within(std::size_t rows, unsigned bits) {
  ASSERT(rows >> bits == 0);
  return rows;
}

// Orders that are accepted and closed in one step have a slot, and all that belongs to them, until
// its end: a batch of market orders, or the losscut orders of one account.
std::size_t orders_max(const CoreLimits& limits) {
  return rows_within(limits.open_orders_max + place_orders_max + 2 * limits.markets_max, 31);
}
std::size_t seats_max(const CoreLimits& limits) {
  return rows_within((limits.accounts_max + 2) * limits.markets_max, 31);
}
std::size_t purses_max(const CoreLimits& limits) {
  return rows_within((limits.accounts_max + 2) * (limits.assets_max / 4 + 1), 30);
}

// A trigger and an expiry of each order, a switch and a watch of each account, three timers of each
// market, one of each credit and edge, and of the sweep. What a step takes off is free after it:
// each fill may move its accounts' watches.
std::size_t indexes_max(const CoreLimits& limits) {
  const std::size_t at_once = 4 * std::size_t{limits.fills_per_order_max} + 4'096;
  return rows_within(2 * orders_max(limits) + 2 * limits.accounts_max + 3 * limits.markets_max +
                         limits.credits_open_max + limits.edges_max + 1 + at_once,
                     31);
}

}  // namespace

State::State(const CoreLimits& given)
    : accounts(given.accounts_max + 2),
      keys(given.api_keys_max, &rare_touched),
      assets(given.assets_max, &rare_touched),
      seats(seats_max(given)),
      orders(orders_max(given)),
      links(orders_max(given)),
      extras(orders_max(given), &rare_touched),
      positions(seats_max(given) * 2, &rare_touched),
      flows(given.markets_max),
      rules(given.markets_max, &rare_touched),
      sessions(orders_max(given), &rare_touched),
      edges(given.edges_max + place_orders_max, &rare_touched),
      client_ids(given.client_order_ids_max, &rare_touched),
      references(given.deposit_references_max, &rare_touched, Pages::huge),
      withdrawals(given.withdrawals_open_max, &rare_touched),
      credits(given.credits_open_max, &rare_touched),
      node_releases(given.node_releases_max, &rare_touched),
      counters_table(1),
      house_table(1, &rare_touched),
      indexes(indexes_max(given), &rare_touched),
      purses(purses_max(given)),
      pool(static_cast<std::uint32_t>(orders_max(given)), given.markets_max),
      account_ids(1'024),
      seat_ids(1'024),
      session_ids(64),
      edge_ids(64),
      order_ids(1'024),
      key_texts(64),
      client_id_texts(64),
      reference_texts(64),
      withdrawal_ids(64),
      credit_ids(64),
      limits_(given) {
  orders.take_numbers_from_elsewhere();
  counters_table.create();
  house_table.create();
  accounts.change(accounts.create()).id = fee_account;
  accounts.change(accounts.create()).id = lender_account;
  commit();
}

Row State::sit(Row account_row, MarketId id) {
  if (const Row known = seat(account_row, id)) return known;
  const MarketSpec& spec = facts[id.value].spec;
  const Pocket quote = pocket(account_row, spec.quote);
  const Pocket base = pocket(account_row, spec.base);
  const Row row = seats.create();
  Seat& seat = seats.change(row);
  seat.account = account_row;
  seat.market = id;
  seat.base_pocket = base;
  seat.quote_pocket = quote;
  seat.next = accounts[account_row].seat;
  accounts.change(account_row).seat = row;
  seat_ids.reserve_for(seat_ids.size() + 1);
  seat_ids.insert(seat_key(account_row, id), row);
  return row;
}

Pocket State::pocket(Row account_row, AssetId id) {
  const Row first = accounts[account_row].purse;
  if (const Pocket known = purses.find(first, id)) return known;
  Row purse = first;
  const Pocket opened = purses.open(account_row, purse, id);
  if (purse != first) accounts.change(account_row).purse = purse;
  return opened;
}

void State::tell(const Event& event) {
  Bytes bytes;
  append(bytes, event);
  char* const at = out.room(bytes.size());
  std::memcpy(at, bytes.data(), bytes.size());
  out.end(at + bytes.size());
}

void State::commit() {
  const auto all = [](auto&... parts) { (parts.commit(), ...); };
  all(accounts, seats, orders, links, purses, flows, counters_table, order_ids, seat_ids, pool);
  if (!rare_touched) [[likely]]
    return;
  rare_touched = false;
  all(extras, indexes, rules, house_table);
  all(keys, assets, positions, sessions, edges, client_ids, references, withdrawals, credits);
  all(node_releases, account_ids, session_ids, edge_ids, key_texts, client_id_texts);
  all(reference_texts, withdrawal_ids, credit_ids);
  facts_before = facts.size();
}

void State::rollback() {
  const auto all = [](auto&... parts) { (parts.rollback(), ...); };
  all(pool);  // First: it needs the books.
  all(accounts, seats, orders, links, purses, flows, counters_table, order_ids, seat_ids);
  all(extras, indexes, rules, house_table);
  all(keys, assets, positions, sessions, edges, client_ids, references, withdrawals, credits);
  all(node_releases, account_ids, session_ids, edge_ids, key_texts, client_id_texts);
  all(reference_texts, withdrawal_ids, credit_ids);
  while (facts.size() > facts_before) {
    facts.pop_back();
    books.pop_back();
  }
  levels.clear();
  closed.clear();
  answer.clear();
}

std::uint64_t text_hash(std::uint64_t owner, std::string_view text) {
  Hash64 hash(owner);
  hash.add(text);
  return hash.value();
}

}  // namespace oki::core::fast
