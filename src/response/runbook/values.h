// The values that steps of runbooks are about, as text. Each kind has its own narrow spelling: what
// does not fit is refused before it gets near a command line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::response {

constexpr std::size_t value_bytes_max = 200;

enum class ValueKind : std::uint8_t {
  market,    // "btc_jpy"
  number,    // "3", "0": an edge, a seat, a version
  process,   // "edge1", "node3"
  duration,  // "30m": s, m or h
  time,      // "+5m", from now
  words,     // "order,market_order": names with commas between
  settings,  // "query_percent=50,in_flight_max=100"
  role,      // "operations"
};
constexpr std::uint8_t value_kinds = 8;

bool fits(ValueKind kind, ByteView value);
const char* example(ValueKind kind);

// Nothing but letters, digits and _ . : , + / = - , and not a dash first: safe as one word of a
// command line whatever it is put into.
bool is_safe_word(ByteView value);

// --- Placeholders: "{edge}", "{fact.host}".
using Values = std::map<std::string, std::string>;

// The names of the placeholders in `text`, in order. Errc::invalid: a brace without its partner, or
// a name that is empty or holds anything but a-z, 0-9, '_' and '.'.
Result<std::vector<std::string>> placeholders_of(ByteView text);

// Errc::invalid as above; not_found: there is no value for one of them.
Result<std::string> fill(ByteView text, const Values& values);

// "500ms" is none; "90s", "10m", "2h" in milliseconds. Nothing beyond a day.
Result<std::int64_t> parse_duration(ByteView text);

}  // namespace oki::response
