#include "app/operator_words.h"

#include <array>
#include <charconv>

#include "app/command_table.h"
#include "app/process.h"
#include "base/calendar.h"
#include "base/decimal.h"

namespace oki::app {
namespace {

struct StopName {
  core::Stop stop;
  const char* name;
};

constexpr std::array<StopName, 11> stop_names = {{
    {core::Stop::order, "order"},
    {core::Stop::order_and_cancel, "order_and_cancel"},
    {core::Stop::market_order, "market_order"},
    {core::Stop::stop_order, "stop_order"},
    {core::Stop::stop_limit_order, "stop_limit_order"},
    {core::Stop::margin_long_order, "margin_long_order"},
    {core::Stop::margin_short_order, "margin_short_order"},
    {core::Stop::buy_order, "buy_order"},
    {core::Stop::sell_order, "sell_order"},
    {core::Stop::not_post_only, "not_post_only"},
    {core::Stop::disabled, "disabled"},
}};

// Takes `digits` digits off the text; nothing when they are not there.
std::optional<std::int64_t> take_digits(std::string_view& text, std::size_t digits) {
  std::int64_t value = 0;
  if (text.size() < digits) return std::nullopt;
  const char* end = text.data() + digits;
  const auto [at, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || at != end || text.front() == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char letter) {
  if (text.empty() || text.front() != letter) return false;
  text.remove_prefix(1);
  return true;
}

// "18:26" or "18:26:05", in milliseconds.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  std::int64_t seconds = 0;
  if (take(text, ':')) {
    const auto given = take_digits(text, 2);
    if (!given || *given > 59) return std::nullopt;
    seconds = *given;
  }
  return ((*hours * 60 + *minutes) * 60 + seconds) * 1000;
}

// "Z", "+09:00" or "-05:00", in milliseconds.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool behind = text.starts_with('-');
  if (!take(text, '-') && !take(text, '+')) return std::nullopt;
  const auto offset = take_clock(text);
  if (!offset) return std::nullopt;
  return behind ? -*offset : *offset;
}

std::optional<WallTimeMs> parse_rfc3339(std::string_view text) {
  std::string day;
  for (const std::size_t digits : {4u, 2u, 2u}) {
    if (!day.empty() && !take(text, '-')) return std::nullopt;
    if (!take_digits(text, digits)) return std::nullopt;
    day.append(text.data() - digits, digits);
  }
  const std::optional<Date> date = parse_yyyymmdd(day);
  if (!date || !take(text, 'T')) return std::nullopt;
  const auto clock = take_clock(text);
  const auto zone = clock ? take_zone(text) : std::nullopt;
  if (!zone || !text.empty()) return std::nullopt;
  return WallTimeMs{start_of_day(*date).value + *clock - *zone};
}

}  // namespace

Result<WallTimeMs> parse_time(std::string_view text, WallTimeMs now) {
  if (text.starts_with('+')) {
    const auto later = parse_duration_ms(text.substr(1));
    if (later) return WallTimeMs{now.value + *later};
  } else if (const auto time = parse_rfc3339(text)) {
    return *time;
  }
  return error(Errc::invalid,
               "'" + std::string(text) + "' is no time: give +30s, +10m or 2026-11-21T18:26:00Z");
}

Result<std::uint16_t> parse_stops(std::string_view text) {
  std::uint16_t stops = 0;
  for (const std::string& word : split(text, ',')) {
    std::uint16_t bits = word == "all" ? core::stops_mask : std::uint16_t{0};
    for (const StopName& one : stop_names) {
      if (word == one.name) bits = static_cast<std::uint16_t>(one.stop);
    }
    if (bits == 0) return error(Errc::invalid, "there is no stop '" + word + "'");
    stops |= bits;
  }
  if (stops == 0) return error(Errc::invalid, "no stop is named");
  return stops;
}

std::string stops_text(std::uint16_t stops) {
  std::string text;
  for (const StopName& one : stop_names) {
    if (!core::stopped(stops, one.stop)) continue;
    if (!text.empty()) text += ',';
    text += one.name;
  }
  return text.empty() ? "none" : text;
}

const char* name(core::MarketMode mode) {
  switch (mode) {
    case core::MarketMode::none:
      return "none";
    case core::MarketMode::circuit_break:
      return "circuit_break";
    case core::MarketMode::full_range_circuit_break:
      return "full_range_circuit_break";
    case core::MarketMode::resumption:
      return "resumption";
    case core::MarketMode::listing:
      return "listing";
  }
  return "unknown";
}

const char* name(core::MarketStatus status) {
  switch (status) {
    case core::MarketStatus::normal:
      return "normal";
    case core::MarketStatus::busy:
      return "busy";
    case core::MarketStatus::very_busy:
      return "very_busy";
    case core::MarketStatus::halt:
      return "halt";
  }
  return "unknown";
}

Result<core::MarketMode> parse_mode(std::string_view text) {
  using Mode = core::MarketMode;
  for (const Mode mode : {Mode::resumption, Mode::listing, Mode::full_range_circuit_break}) {
    if (text == name(mode)) return mode;
  }
  return error(Errc::invalid, "an auction is resumption, listing or full_range_circuit_break");
}

Result<std::uint64_t> parse_units(std::string_view text, unsigned digits, const char* what) {
  const std::optional<std::uint64_t> units = parse_decimal(text, digits);
  if (units && *units > 0) return *units;
  return error(Errc::invalid, std::string(what) + " must be a positive decimal with at most " +
                                  std::to_string(digits) + " digits after the point");
}

Result<std::uint32_t> parse_ratio_ppm(std::string_view text) {
  const std::optional<std::uint64_t> ppm = parse_decimal(text, 6);
  if (ppm && *ppm <= 1'000'000) return static_cast<std::uint32_t>(*ppm);
  return error(Errc::invalid, "a ratio is a decimal from 0 to 1 with at most 6 digits");
}

}  // namespace oki::app
