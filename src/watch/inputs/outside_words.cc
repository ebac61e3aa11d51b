#include "watch/inputs/outside_words.h"

#include <algorithm>
#include <limits>

#include "base/calendar.h"
#include "base/utf8.h"
#include "crypto/crypto.h"

namespace oki::watch::inputs {
namespace {

constexpr std::size_t digest_digits = 32;  // 128 bits: nobody finds two texts with the same.
constexpr std::int64_t minute_ms = 60'000;
constexpr int exponent_max = 400;  // Beyond every double.

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// U+0080 to U+009F, U+200E to U+200F, U+2028 to U+202E, U+2066 to U+2069.
bool is_unseen(ByteView c) {
  if (c.size() == 1) return static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7f;
  if (c.size() == 2) return c[0] == '\xc2' && static_cast<unsigned char>(c[1]) < 0xa0;
  if (c.size() != 3 || c[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(c[2]);
  if (c[1] == '\x80') return last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae);
  return c[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
}

bool is_harmless(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '.' || c == ':';
}

// `count` digits off the front.
std::optional<std::int64_t> take_digits(ByteView& text, std::size_t count) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_digit)) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : text.substr(0, count)) value = value * 10 + (c - '0');
  text.remove_prefix(count);
  return value;
}

bool take(ByteView& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// "04:00:00.123" in milliseconds; a leap second is the last one again.
std::optional<std::int64_t> take_clock(ByteView& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !take(text, ':')) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  std::int64_t ms = 0;
  if (take(text, '.')) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (digits == 0 || digits > 9) return std::nullopt;
    Bytes fraction(text.substr(0, std::min<std::size_t>(digits, 3)));
    fraction.resize(3, '0');
    ByteView view = fraction;
    ms = *take_digits(view, 3);
    text.remove_prefix(digits);
  }
  return ((*hours * 60 + *minutes) * 60 + std::min<std::int64_t>(*seconds, 59)) * 1'000 + ms;
}

// "Z", "+09:00", in milliseconds.
std::optional<std::int64_t> take_offset(ByteView& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t ms = (*hours * 60 + *minutes) * minute_ms;
  return west ? -ms : ms;
}

// The digits of a number and where its point stands.
struct Decimal {
  Bytes digits;
  int exponent = 0;  // The value is 0.digits times ten to this.
  bool negative = false;
};

std::optional<int> take_exponent(ByteView& text) {
  if (!take(text, 'e') && !take(text, 'E')) return 0;
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  if (text.empty()) return std::nullopt;
  int value = 0;
  while (!text.empty() && is_digit(text.front())) {
    value = std::min(value * 10 + (text.front() - '0'), exponent_max);
    text.remove_prefix(1);
  }
  return negative ? -value : value;
}

std::optional<Decimal> parse_decimal_number(ByteView text) {
  Decimal decimal;
  decimal.negative = take(text, '-');
  std::size_t whole = 0;
  bool has_digit = false;
  for (bool behind_point = false; !text.empty(); text.remove_prefix(1)) {
    const char c = text.front();
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    has_digit = true;
    decimal.digits.push_back(c);
    if (!behind_point) ++whole;
  }
  const auto exponent = take_exponent(text);
  if (!has_digit || !exponent || !text.empty()) return std::nullopt;
  decimal.exponent = static_cast<int>(whole) + *exponent;
  return decimal;
}

}  // namespace

std::string clean_line(ByteView text, std::size_t bytes_max) {
  std::string line;
  bool blank = false;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const ByteView c = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(c.size());
    if (size == 0 || c == " " || is_unseen(c)) {
      blank = true;
      continue;
    }
    const std::size_t gap = blank && !line.empty() ? 1 : 0;
    if (line.size() + gap + c.size() > bytes_max) break;
    line.append(gap, ' ');
    line += c;
    blank = false;
  }
  return line;
}

std::string key_part(ByteView text) {
  // What looks like a digest is digested again, so that nobody can name another one's key.
  const bool like_digest = text.size() == digest_digits + 1 && text.front() == ':';
  if (!text.empty() && text.size() <= key_part_bytes_max && !like_digest &&
      std::ranges::all_of(text, is_harmless)) {
    return std::string(text);
  }
  return ":" + crypto::hex(crypto::sha256(text)).substr(0, digest_digits);
}

std::optional<WallTimeMs> parse_rfc3339(ByteView text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  const auto date = parse_yyyymmdd(Bytes(text.substr(0, 4)) + Bytes(text.substr(5, 2)) +
                                   Bytes(text.substr(8, 2)));
  text.remove_prefix(11);
  const auto clock = take_clock(text);
  if (!date || date->year < 1 || !clock) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return WallTimeMs{start_of_day(*date).value + *clock - *offset};
}

std::optional<WallTimeMs> parse_unix_nanos(ByteView text) {
  constexpr std::size_t digits_max = 18;
  constexpr std::size_t digits_below_ms = 6;
  if (text.empty() || text.size() > digits_max + 1 || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  if (text.size() <= digits_below_ms) return std::nullopt;
  ByteView ms = text.substr(0, text.size() - digits_below_ms);
  const auto value = take_digits(ms, ms.size());
  if (!value || *value == 0) return std::nullopt;
  return WallTimeMs{*value};
}

std::optional<std::int64_t> parse_milli(ByteView text) {
  if (text == "Infinity") return milli_max;
  if (text == "-Infinity") return -milli_max;
  constexpr std::size_t number_bytes_max = 400;
  if (text.size() > number_bytes_max) return std::nullopt;
  const auto decimal = parse_decimal_number(text);
  if (!decimal) return std::nullopt;
  std::int64_t value = 0;
  const int places = decimal->exponent + 3;
  for (int i = 0; i < places; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (at >= decimal->digits.size() && value == 0) break;
    value = value * 10 + (at < decimal->digits.size() ? decimal->digits[at] - '0' : 0);
    if (value > milli_max / 10) {
      value = milli_max;
      break;
    }
  }
  return decimal->negative ? -value : value;
}

}  // namespace oki::watch::inputs
