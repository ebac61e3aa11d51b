// The words of operators: times, stops, modes and amounts as text, both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "core/types.h"

namespace oki::app {

// "+30s" and "+10m" count from `now`; "2026-11-21T18:26:00Z" and "2026-11-22T03:26+09:00" are
// times of their own. Seconds may be left out. Errc::invalid with a sentence otherwise.
Result<WallTimeMs> parse_time(std::string_view text, WallTimeMs now);

// "order,market_order": names of core::Stop, with "all" for every one.
Result<std::uint16_t> parse_stops(std::string_view text);
std::string stops_text(std::uint16_t stops);  // "none" when there is none.

Result<core::MarketMode> parse_mode(std::string_view text);
const char* name(core::MarketMode mode);
const char* name(core::MarketStatus status);

// A positive decimal with at most `digits` digits after the point; `what` stands in the error.
Result<std::uint64_t> parse_units(std::string_view text, unsigned digits, const char* what);

// "0.5" is 500,000 millionths; at most 1.
Result<std::uint32_t> parse_ratio_ppm(std::string_view text);

}  // namespace oki::app
