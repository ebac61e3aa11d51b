// What the direct ways share: who may act, and the ends of events and replies.
#pragma once

#include "core/fast/admission.h"
#include "core/fast/decode.h"
#include "core/fast/direct.h"
#include "core/fast/market.h"

namespace oki::core::fast {

constexpr std::size_t direct_fills_max = 16;
// Events and reply of the longest: per fill Traded, OrderChanged, LevelChanged and two balances.
constexpr std::size_t direct_bytes_max = 16'384;

template <typename T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Admission (rules 3) that refuses nothing, and what it changes.
struct Entry {
  Row account = 0;
  Row nonce_key = 0;               // 0: no nonce is used up.
  bool limited = false;            // The account has a rate limit,
  std::uint64_t tokens_milli = 0;  // and this is left of it.
};

// False: refused.
inline bool may_enter(const State& state, AccountId id, const Signed& auth, MarketId market,
                      Entry& entry) {
  entry.account = state.account(id);
  if (entry.account == 0 || market.value >= state.markets_count()) return false;
  if (auth.key.value != 0) {
    const Row key = key_of(state, entry.account, auth.key);
    if (key == 0) return false;
    if (auth.nonce != 0) {
      if (auth.nonce <= state.keys[key].nonce) return false;
      entry.nonce_key = key;
    }
  }
  const Account& account = state.accounts[entry.account];
  entry.limited = account.updates_per_second != 0;
  if (!entry.limited) return true;
  const std::uint64_t tokens = tokens_milli(account, state.time);
  entry.tokens_milli = tokens - token_milli;
  return tokens >= token_milli;
}

// Makes it so; tells NonceUsed at `at`, gives its end.
inline char* enter(State& state, const Entry& entry, const Signed& auth, char* at) {
  if (entry.limited) {
    Account& account = state.accounts.settled(entry.account);
    account.filled_at = state.time;
    account.tokens_milli = entry.tokens_milli;
  }
  if (entry.nonce_key == 0) return at;
  state.keys.settled(entry.nonce_key).nonce = auth.nonce;
  return put_event_at<NonceUsed>(at, [&](Put& put) { put(auth.key, auth.nonce); });
}

// The lots of a price as they are now, with the next number of its market.
inline char* put_level_changed(State& state, MarketId market, Side side, Price price, char* at) {
  const Lots lots = state.books[market.value].lots_at(side, price);
  Sequence& sequence = state.flows.settled(State::market(market)).sequence;
  ++sequence.value;
  return put_event_at<LevelChanged>(at,
                                    [&](Put& put) { put(market, side, price, lots, sequence); });
}

inline char* put_balance_changed(const State& state, AccountId account, AssetId asset,
                                 Pocket pocket, char* at) {
  const Funds funds = state.purses.funds(pocket);
  return put_event_at<BalanceChanged>(
      at, [&](Put& put) { put(account, asset, funds.free, funds.held, funds.withdrawing); });
}

// Ends the events at `end` and writes a reply of one row behind them, where nobody looks.
// `put_row` puts the row behind its refusal.
template <typename PutRow>
inline void put_reply(State& state, char* end, Refusal refusal, Bytes& reply, PutRow&& put_row) {
  state.out.end(end);
  Put put(end);
  put(Refusal::ok, std::uint8_t{1}, refusal);
  put_row(put);
  put(std::uint64_t{0});
  add_to(reply, end, static_cast<std::size_t>(put.at() - end));
}

// A closed order, which is in no book, leaves the tables.
inline void forget_for_good(State& state, Row row, const Order& order) {
  Seat& seat = state.seats.settled(order.seat);
  --seat.open;
  --state.counters_table.settled(1).open_orders;
  const OrderLinks& links = state.links[row];
  if (links.previous != 0) {
    state.links.settled(links.previous).next = links.next;
  } else {
    seat.first_order = links.next;
  }
  if (links.next != 0) state.links.settled(links.next).previous = links.previous;
  state.order_ids.erase_for_good(order.id.value, row);
  state.pool.free<Undo::none>(row);
}

}  // namespace oki::core::fast
