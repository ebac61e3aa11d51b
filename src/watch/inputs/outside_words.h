// What strangers write, made fit to be kept: texts as one clean line, times, numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/strong.h"

namespace oki::watch::inputs {

// One line of well-formed UTF-8 of at most `bytes_max` bytes, cut at a character. Control
// characters, what is no UTF-8, and the marks that turn the direction of a text become blanks;
// blanks in a row become one, those at the ends go.
std::string clean_line(ByteView text, std::size_t bytes_max);

// The text itself when it is short and of harmless characters, else the beginning of its SHA-256:
// what a stranger names, fit to be part of a key. Different texts give different keys.
std::string key_part(ByteView text);
constexpr std::size_t key_part_bytes_max = 64;

// "2026-11-22T04:00:00.123456789Z", with an offset instead of the Z, with a blank instead of the T;
// cut to milliseconds. Years 0001 to 9999; the former is how Go says "never".
std::optional<WallTimeMs> parse_rfc3339(ByteView text);

// Nanoseconds since 1970 in decimal digits, as OTLP spells them. Nothing for 0.
std::optional<WallTimeMs> parse_unix_nanos(ByteView text);

// A JSON number, or "Infinity", in thousandths: cut, not rounded, and held at most milli_max away
// from zero. Nothing for "NaN" and for what is no number.
std::optional<std::int64_t> parse_milli(ByteView text);
constexpr std::int64_t milli_max = 4'000'000'000'000'000'000;

}  // namespace oki::watch::inputs
