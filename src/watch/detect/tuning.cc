#include "watch/detect/tuning.h"

#include <algorithm>
#include <map>

#include "net/json_reader.h"

namespace oki::watch::detect {
namespace {

// The smallest value that at least `percent` of the sorted ones do not exceed.
std::int64_t quantile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return 0;
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

// Which keys of the settings make the rule slower and surer.
std::string keys_of(const std::string& rule) {
  if (rule.starts_with("errors.")) return "alarm_milli of the [[errors]] named " + rule.substr(7);
  if (rule.starts_with("gauges.")) return "enter or hold_ms of [" + rule + "]";
  if (rule.starts_with("test_trades")) return "failures or probers of [test_trades]";
  if (rule == "rate_drop") return "alarm_milli of [rate_drop]";
  if (rule == "latency") return "allowed_sixteenths or alarm_sixteenths of [latency]";
  if (rule == "inquiries") return "alarm_milli or times of [inquiries]";
  if (rule == "silence") return "series_ms or prober_ms of [silence]";
  if (rule.starts_with("logs.")) return "its numbers in src/watch/logs/log_miner.h";
  if (rule.starts_with("access.")) return "its numbers in src/watch/access.h";
  if (rule == "slo") return "the threshold of its burn rate condition";
  return "its threshold";
}

std::string suggest(const RuleReport& row, std::int64_t delay_wanted_ms) {
  if (row.rule == "no_rule") return "People found these first: look which signal could have.";
  if (row.true_alarms + row.false_alarms + row.missed < suggestion_cases_min) {
    return "Too few cases to suggest anything.";
  }
  const bool imprecise =
      row.true_alarms + row.false_alarms > 0 && row.precision_ppm < precision_wanted_ppm;
  const bool late = row.delay_p99_ms > delay_wanted_ms;
  const std::string keys = keys_of(row.rule);
  if (imprecise && (late || row.missed > 0)) {
    return "Often wrong and too slow or blind at once: no threshold helps; look for another signal "
           "for this fault, or make this rule a hint.";
  }
  if (imprecise) {
    if (row.true_alarms == 0) return "Never right: make it a hint, or raise " + keys + " far.";
    return "Often wrong: raise " + keys + "; true alarms have " +
           std::to_string(delay_wanted_ms - row.delay_p99_ms) + " ms to spare.";
  }
  if (late || row.missed > 0) {
    return "Right but " + std::string(late ? "late" : "blind at times") + ": lower " + keys +
           ", then look at the false alarms in noise.";
  }
  return "Leave it as it is.";
}

constexpr std::size_t case_bytes_max = 4096;
constexpr std::size_t rule_bytes_max = 64;
constexpr std::int64_t delay_ms_max = 7 * 86'400'000;

// Null when it was read, else what is wrong.
const char* read_case(ByteView line, PastCases& cases) {
  const auto json = net::parse_json(line, case_bytes_max);
  if (!json || json->object() == nullptr) return "is no JSON object";
  const net::Json* rule = json->find("rule");
  if (rule == nullptr || !rule->string() || rule->string()->empty() ||
      rule->string()->size() > rule_bytes_max) {
    return "has no 'rule'";
  }
  const std::string name(*rule->string());
  const net::Json* missed = json->find("missed");
  if (missed != nullptr && missed->boolean().value_or(false)) {
    cases.missed.push_back({name});
    return nullptr;
  }
  const net::Json* was_true = json->find("was_true");
  if (was_true == nullptr || !was_true->boolean()) return "has no 'was_true'";
  const net::Json* delay = json->find("delay_ms");
  const std::int64_t delay_ms = delay == nullptr ? 0 : delay->integer().value_or(-1);
  if (delay_ms < 0 || delay_ms > delay_ms_max) return "has a 'delay_ms' that is none";
  cases.alarms.push_back({name, *was_true->boolean(), delay_ms});
  return nullptr;
}

}  // namespace

Result<PastCases> read_past_cases(ByteView lines) {
  PastCases cases;
  std::size_t number = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const ByteView line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    ++number;
    if (line.empty()) continue;
    if (number > past_cases_max) {
      return error(Errc::full, "more than " + std::to_string(past_cases_max) + " lines");
    }
    if (const char* what = read_case(line, cases)) {
      return error(Errc::invalid, "line " + std::to_string(number) + " " + what);
    }
  }
  return cases;
}

std::vector<RuleReport> review(const std::vector<PastAlarm>& alarms,
                               const std::vector<Missed>& missed, std::int64_t delay_wanted_ms) {
  std::map<std::string, RuleReport> rows;
  std::map<std::string, std::vector<std::int64_t>> delays;
  for (const PastAlarm& alarm : alarms) {
    RuleReport& row = rows[alarm.rule];
    if (alarm.was_true) {
      ++row.true_alarms;
      delays[alarm.rule].push_back(std::max<std::int64_t>(alarm.delay_ms, 0));
    } else {
      ++row.false_alarms;
    }
  }
  for (const Missed& miss : missed) ++rows[miss.rule].missed;
  std::vector<RuleReport> report;
  for (auto& [rule, row] : rows) {
    row.rule = rule;
    const std::uint64_t all = row.true_alarms + row.false_alarms;
    row.precision_ppm = all == 0 ? 0 : static_cast<std::int64_t>(row.true_alarms * 1'000'000 / all);
    auto& sorted = delays[rule];
    std::sort(sorted.begin(), sorted.end());
    row.delay_p50_ms = quantile(sorted, 50);
    row.delay_p99_ms = quantile(sorted, 99);
    row.suggestion = suggest(row, delay_wanted_ms);
    report.push_back(row);
  }
  return report;
}

}  // namespace oki::watch::detect
