#include "base/decimal.h"

#include <charconv>
#include <limits>

#include "base/assert.h"

namespace oki {
namespace {

constexpr std::uint64_t units_max = std::numeric_limits<std::uint64_t>::max();
constexpr int exponent_max = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint64_t> append_digit(std::uint64_t value, char c) {
  const auto digit = static_cast<std::uint64_t>(c - '0');
  if (value > (units_max - digit) / 10) return std::nullopt;
  return value * 10 + digit;
}

// Splits "1.5e-3" into "1.5" and -3; nothing when the exponent is malformed or absurd.
std::optional<int> take_exponent(ByteView& text) {
  const auto at = text.find_first_of("eE");
  if (at == ByteView::npos) return 0;
  ByteView power = text.substr(at + 1);
  text = text.substr(0, at);
  if (!power.empty() && power.front() == '+') {
    power.remove_prefix(1);
    if (!power.empty() && power.front() == '-') return std::nullopt;
  }
  int value = 0;
  const auto [end, fault] = std::from_chars(power.data(), power.data() + power.size(), value);
  if (fault != std::errc{} || end != power.data() + power.size()) return std::nullopt;
  if (value > exponent_max || value < -exponent_max) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint64_t> parse_decimal(ByteView text, unsigned digits) {
  ASSERT(digits <= 18);
  const std::optional<int> exponent = take_exponent(text);
  if (!exponent || text.empty() || !is_digit(text.front()) || !is_digit(text.back())) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  int after_point = 0;
  bool seen_point = false;
  // Trailing zeros are held back: they are worth nothing unless a digit follows.
  int zeros = 0;
  for (const char c : text) {
    if (c == '.') {
      if (seen_point) return std::nullopt;
      seen_point = true;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    if (seen_point) ++after_point;
    if (c == '0') {
      ++zeros;
      continue;
    }
    for (; zeros > 0 && value != 0; --zeros) {
      const auto next = append_digit(value, '0');
      if (!next) return std::nullopt;
      value = *next;
    }
    zeros = 0;
    const auto next = append_digit(value, c);
    if (!next) return std::nullopt;
    value = *next;
  }
  if (value == 0) return 0;
  // text = value * 10^zeros * 10^-after_point * 10^exponent, and units = text * 10^digits.
  int shift = zeros - after_point + *exponent + static_cast<int>(digits);
  if (shift < 0) return std::nullopt;
  for (; shift > 0; --shift) {
    const auto next = append_digit(value, '0');
    if (!next) return std::nullopt;
    value = *next;
  }
  return value;
}

void append_decimal(Bytes& out, std::uint64_t units, unsigned digits) {
  ASSERT(digits <= 19);
  char text[24];
  const auto [end, fault] = std::to_chars(text, text + sizeof text, units);
  const auto length = static_cast<unsigned>(end - text);
  if (digits == 0) {
    out.append(text, length);
    return;
  }
  if (length <= digits) {
    out += "0.";
    out.append(digits - length, '0');
    out.append(text, length);
    return;
  }
  out.append(text, length - digits);
  out.push_back('.');
  out.append(text + (length - digits), digits);
}

std::string decimal(std::uint64_t units, unsigned digits) {
  std::string out;
  append_decimal(out, units, digits);
  return out;
}

std::string decimal(std::int64_t units, unsigned digits) {
  std::string out;
  if (units < 0) out.push_back('-');
  const auto magnitude =
      units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  append_decimal(out, magnitude, digits);
  return out;
}

}  // namespace oki
