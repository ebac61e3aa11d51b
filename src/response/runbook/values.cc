#include "response/runbook/values.h"

#include <algorithm>
#include <optional>

#include "base/decimal.h"

namespace oki::response {
namespace {

constexpr std::size_t market_bytes_max = 33;
constexpr std::size_t number_digits_max = 9;
constexpr std::int64_t day_s = 86'400;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_lower(c) || is_digit(c) || c == '_'; }

bool all_of(ByteView text, bool (*is)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is);
}

bool is_number(ByteView text) {
  if (text.size() > number_digits_max || !all_of(text, is_digit)) return false;
  return text.size() == 1 || text.front() != '0';
}

bool is_process(ByteView text) {
  const auto digits = std::find_if(text.begin(), text.end(), is_digit);
  const ByteView kind = text.substr(0, static_cast<std::size_t>(digits - text.begin()));
  const ByteView number = text.substr(kind.size());
  return (kind == "edge" || kind == "node" || kind == "watch" || kind == "status") &&
         (number.empty() || (is_number(number) && number != "0"));
}

bool each_part(ByteView text, bool (*is)(ByteView)) {
  for (;;) {
    const std::size_t comma = text.find(',');
    if (!is(text.substr(0, comma))) return false;
    if (comma == ByteView::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

bool is_word(ByteView text) { return all_of(text, is_name); }

bool is_setting(ByteView text) {
  const std::size_t equals = text.find('=');
  return equals != ByteView::npos && is_word(text.substr(0, equals)) &&
         is_number(text.substr(equals + 1));
}

bool is_role(ByteView text) {
  for (const char* role :
       {"commander", "communications", "operations", "security", "support", "scribe"}) {
    if (text == role) return true;
  }
  return false;
}

}  // namespace

bool fits(ValueKind kind, ByteView value) {
  if (value.size() > value_bytes_max) return false;
  switch (kind) {
    case ValueKind::market:
      return is_word(value) && value.size() <= market_bytes_max;
    case ValueKind::number:
      return is_number(value);
    case ValueKind::process:
      return is_process(value);
    case ValueKind::duration:
      return parse_duration(value).has_value();
    case ValueKind::time:
      return value.starts_with('+') && parse_duration(value.substr(1)).has_value();
    case ValueKind::words:
      return each_part(value, is_word);
    case ValueKind::settings:
      return each_part(value, is_setting);
    case ValueKind::role:
      return is_role(value);
  }
  return false;
}

const char* example(ValueKind kind) {
  constexpr const char* examples[value_kinds] = {
      "btc_jpy", "3", "edge1", "30m", "+5m", "order", "query_percent=50", "security"};
  return examples[static_cast<std::size_t>(kind)];
}

bool is_safe_word(ByteView value) {
  constexpr ByteView others = "_.:,+/=-";
  return !value.empty() && value.size() <= value_bytes_max && value.front() != '-' &&
         std::all_of(value.begin(), value.end(), [&](char c) {
           return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') ||
                  others.find(c) != ByteView::npos;
         });
}

namespace {

// Calls `piece(text, is_placeholder)` for each piece in order.
template <typename Piece>
Result<void> walk(ByteView text, Piece&& piece) {
  while (!text.empty()) {
    const std::size_t open = text.find_first_of("{}");
    if (open != 0) {
      if (auto done = piece(text.substr(0, open), false); !done) return done;
      if (open == ByteView::npos) return {};
      text.remove_prefix(open);
      continue;
    }
    const std::size_t close = text.find('}');
    const ByteView name = text.substr(1, close == ByteView::npos ? 0 : close - 1);
    const bool is_fine =
        text.front() == '{' && close != ByteView::npos && !name.empty() &&
        std::all_of(name.begin(), name.end(), [](char c) { return is_name(c) || c == '.'; });
    if (!is_fine) return error(Errc::invalid, "a brace without a placeholder's name in it");
    if (auto done = piece(name, true); !done) return done;
    text.remove_prefix(close + 1);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> placeholders_of(ByteView text) {
  std::vector<std::string> names;
  auto walked = walk(text, [&](ByteView piece, bool is_placeholder) -> Result<void> {
    if (is_placeholder) names.emplace_back(piece);
    return {};
  });
  if (!walked) return tl::unexpected<Error>(walked.error());
  return names;
}

Result<std::string> fill(ByteView text, const Values& values) {
  std::string out;
  auto walked = walk(text, [&](ByteView piece, bool is_placeholder) -> Result<void> {
    if (!is_placeholder) {
      out.append(piece);
      return {};
    }
    const auto found = values.find(std::string(piece));
    if (found == values.end()) {
      return error(Errc::not_found, "there is nothing for {" + std::string(piece) + "} here");
    }
    out += found->second;
    return {};
  });
  if (!walked) return tl::unexpected<Error>(walked.error());
  return out;
}

Result<std::int64_t> parse_duration(ByteView text) {
  const auto fault = [] { return error(Errc::invalid, "a time is like 90s, 10m or 2h"); };
  if (text.size() < 2) return fault();
  const char unit = text.back();
  const std::int64_t unit_s = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3'600 : 0;
  text.remove_suffix(1);
  if (unit_s == 0 || !is_number(text) || text == "0") return fault();
  const std::optional<std::uint64_t> count = parse_decimal(text, 0);
  if (!count || static_cast<std::int64_t>(*count) > day_s / unit_s) return fault();
  return static_cast<std::int64_t>(*count) * unit_s * 1'000;
}

}  // namespace oki::response
