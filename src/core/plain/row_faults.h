// What no sequence of commands makes, row by row: for reading snapshots.
#pragma once

#include "core/plain/state.h"

namespace oki::core::plain {

// Each: null, or what is wrong with the row, given what was read before it.
const char* row_fault(const State& state, const Counters& counters);
const char* row_fault(const State& state, const Asset& asset);
const char* row_fault(const State& state, const MarketSpec& spec, const Market& market);
const char* row_fault(const State& state, AccountId id, const Account& account);
const char* row_fault(const State& state, const Order& order);
const char* row_fault(const State& state, const Position& position);
const char* row_fault(const State& state, CreditId id, const Credit& credit);
const char* row_fault(const State& state, const WithdrawalChanged& withdrawal);

}  // namespace oki::core::plain
