// What margin trading is worth to an account at this moment, by the formulas of docs/rules.md,
// section Margin, from what this edge has read. The core's own check of an order is the one that
// counts: interest is taken as of its last accrual here as there.
//
// All amounts are of the margin asset, in its smallest unit.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.h"
#include "core/types.h"
#include "history/projection.h"

namespace oki::edge {

__extension__ using SignedWide = __int128;

constexpr unsigned margin_call_percent = 50;  // As the core's margin_call_ppm,
constexpr unsigned losscut_percent = 25;      // and its losscut_ppm.

// Of long or of short positions, or of the open orders that would open them.
struct MarginSide {
  SignedWide value = 0;
  SignedWide required = 0;
};

struct MarginFigures {
  SignedWide collateral = 0;
  SignedWide profit = 0;  // Of the positions at the last price.
  SignedWide cost = 0;    // Fees and interest that are not paid yet.
  SignedWide debt = 0;
  MarginSide positions[2];  // Long, short.
  MarginSide orders[2];

  SignedWide balance() const { return collateral + profit - cost - debt; }
  SignedWide required() const;
  SignedWide position_value() const { return positions[0].value + positions[1].value; }

  // How much may be opened in a market whose positions need ratio_ppm of their value.
  SignedWide available(std::uint32_t ratio_ppm) const;
};

// The quote asset of the markets with margin; nothing when there is none.
std::optional<core::AssetId> margin_asset(const history::Projection& projection);

// REQUIRES: there is a margin asset.
MarginFigures margin_figures(const history::Projection& projection, core::AccountId account);

// The data of bitbank's margin status and margin positions.
void write_margin_status(JsonWriter& json, const history::Projection& projection,
                         core::AccountId account);
void write_margin_positions(JsonWriter& json, const history::Projection& projection,
                            core::AccountId account);

}  // namespace oki::edge
