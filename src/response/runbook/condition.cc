#include "response/runbook/condition.h"

#include <algorithm>
#include <vector>

#include "base/decimal.h"
#include "response/runbook/values.h"

namespace oki::response {
namespace {

constexpr std::int64_t metric_bound_max = 1'000'000'000'000;

std::vector<ByteView> split(ByteView text) {
  std::vector<ByteView> words;
  for (;;) {
    const std::size_t blank = text.find(' ');
    words.push_back(text.substr(0, blank));
    if (blank == ByteView::npos) return words;
    text.remove_prefix(blank + 1);
  }
}

// Nothing when it is no number from `low` to `high`.
bool read(ByteView text, std::int64_t low, std::int64_t high, std::int64_t& out) {
  const auto number = parse_decimal(text, 0);
  if (!number || *number > static_cast<std::uint64_t>(high)) return false;
  out = static_cast<std::int64_t>(*number);
  return out >= low;
}

bool is_metric(ByteView name) {
  return name.size() <= metric_name_bytes_max && name.starts_with("okiagari_") &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

bool read_market(const std::vector<ByteView>& words, Condition& condition) {
  constexpr ByteView names[] = {"halted", "trading", "cancel_only", "auction"};
  if (words.size() != 4 || words[2] != "is" || !fits(ValueKind::market, words[1])) return false;
  const auto found = std::find(std::begin(names), std::end(names), words[3]);
  if (found == std::end(names)) return false;
  condition.kind = ConditionKind::market_is;
  condition.subject = words[1];
  condition.market = static_cast<MarketWord>(found - std::begin(names));
  return true;
}

bool read_process(const std::vector<ByteView>& words, Condition& condition) {
  if (words.size() != 4 || words[2] != "is" || !fits(ValueKind::process, words[1])) return false;
  if (words[3] != "up" && words[3] != "down") return false;
  condition.kind = ConditionKind::process_is;
  condition.subject = words[1];
  condition.up = words[3] == "up";
  return true;
}

bool read_edge(const std::vector<ByteView>& words, Condition& condition) {
  if (words.size() != 4 || words[2] != "is" || !fits(ValueKind::number, words[1])) return false;
  if (words[3] != "serving" && words[3] != "draining") return false;
  condition.kind = ConditionKind::edge_is;
  condition.up = words[3] == "serving";
  return read(words[1], 1, 64, condition.number);
}

bool read_metric(const std::vector<ByteView>& words, Condition& condition) {
  if (words.size() != 6 || words[2] != "of" || !is_metric(words[1])) return false;
  if (!fits(ValueKind::process, words[3])) return false;
  if (words[4] != "<" && words[4] != ">" && words[4] != "=") return false;
  condition.kind = ConditionKind::metric;
  condition.metric = words[1];
  condition.subject = words[3];
  condition.comparison = words[4].front();
  return read(words[5], 0, metric_bound_max, condition.number);
}

bool read_trades(const std::vector<ByteView>& words, Condition& condition) {
  std::int64_t probers = 0;
  if (words.size() != 5 || words[1] != "trades" || words[3] != "by") return false;
  if (!read(words[4], 1, probers_wanted_max, probers)) return false;
  condition.kind = ConditionKind::test_trades;
  condition.probers = static_cast<std::uint32_t>(probers);
  return read(words[2], 1, trades_wanted_max, condition.number);
}

bool read_any(ByteView text, Condition& condition) {
  const std::vector<ByteView> words = split(text);
  if (text == "nothing") return true;
  if (text == "green" || text == "a leader") {
    condition.kind = text == "green" ? ConditionKind::green : ConditionKind::a_leader;
    return true;
  }
  if (words[0] == "test") return read_trades(words, condition);
  if (words[0] == "market") return read_market(words, condition);
  if (words[0] == "process") return read_process(words, condition);
  if (words[0] == "edge") return read_edge(words, condition);
  if (words[0] == "metric") return read_metric(words, condition);
  if (words[0] != "leader" || words.size() != 3 || words[1] != "is") return false;
  condition.kind = ConditionKind::leader_is;
  return read(words[2], 1, 1'000, condition.number);
}

}  // namespace

Result<Condition> parse_condition(ByteView text) {
  Condition condition;
  if (text.size() <= 2 * value_bytes_max && read_any(text, condition)) return condition;
  return error(Errc::invalid, "'" + std::string(text.substr(0, value_bytes_max)) +
                                  "' is no condition, see docs/runbooks.md");
}

}  // namespace oki::response
