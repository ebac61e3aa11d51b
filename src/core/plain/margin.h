// Margin positions, what they are worth, and what an account may still do: docs/rules.md 9.
#pragma once

#include <optional>

#include "core/plain/state.h"

namespace oki::core::plain {

// The quote asset of all margin markets; nothing before the first of them.
std::optional<AssetId> margin_asset(const State& state);

// The last midnight of UTC+9 that is not after `time`.
WallTimeMs last_midnight(WallTimeMs time);

// Adds the interest of all midnights since the last time.
void accrue(const State& state, Position& position);

// The margin side of a trade of `order`, whose money has moved already as of 8.2.
void change_position(State& state, const OrderView& order, const Traded& trade, Amount fee);

// What a closing order may still take of its position: check 35.
Lots closable(const State& state, const OrderView& order);

// 9.4, with `less` taken off the free balance of `asset`.
Signed128 margin_balance(const State& state, AccountId account, AssetId asset = {}, Wide less = 0);
Wide margin_required(const State& state, AccountId account);
Wide margin_of(const MarketSpec& spec, Wide worth);  // up(worth * ratio)

// Open orders that open positions, in the book: what they are worth, by position.
Wide opening_worth(const State& state, const PositionKey& key);
bool has_positions(const State& state, AccountId account);
bool has_opening_orders(const State& state, AccountId account);

// 9.7, without debt; and with it.
MarginStatus status_by_balance(const State& state, AccountId account);
void set_status(State& state, AccountId account);
void pay_debt(State& state, AccountId account);

// Keeps the list of accounts that the sweep visits, and whether it runs.
void note_for_sweep(State& state, AccountId account);

}  // namespace oki::core::plain
