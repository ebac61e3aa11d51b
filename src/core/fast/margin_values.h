// What the margin of an account is worth and what it needs: rules 9.4. Only asks; allocates
// nothing.
#pragma once

#include <optional>

#include "core/fast/state.h"

namespace oki::core::fast {

__extension__ using SignedWide = __int128;

// Nothing before the first margin market.
std::optional<AssetId> margin_asset(const State& state);

// A balance that is about to go: counts as gone from `free`, as far as that goes.
struct Leaving {
  AssetId asset;
  Wide amount = 0;
};

struct MarginValues {
  SignedWide balance = 0;
  Wide required = 0;
  Wide positions = 0;  // What all positions are worth,
  bool has_position = false;
  bool has_order = false;  // An opening one that rests.
};
MarginValues margin_values(const State& state, Row account, const Leaving* leaving = nullptr);

// up(value * ppm / a million). REQUIRES: value < 2^100.
inline Wide share_up(Wide value, std::uint32_t ppm) {
  return (value * ppm + (million - 1)) / million;
}

}  // namespace oki::core::fast
