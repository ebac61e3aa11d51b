// Lists of rows in the order in which they are shown, saved and compared.
#pragma once

#include <tuple>
#include <vector>

#include "core/fast/state.h"

namespace oki::core::fast {

OrderView view_of(const State& state, Row order);
std::vector<Row> open_orders(const State& state);                 // By id.
std::vector<Row> accounts_by_id(const State& state);              // The house's, too.
std::vector<Pocket> pockets_of(const State& state, Row account);  // Not empty; by asset.
std::vector<Row> positions_by_owner(const State& state);          // By account, market, side.
std::vector<Row> withdrawals_by_id(const State& state);           // Open ones.

std::vector<Row> credits_by_id(const State& state);
std::vector<Row> waiting_orders(const State& state);  // In no book; by id.

}  // namespace oki::core::fast
