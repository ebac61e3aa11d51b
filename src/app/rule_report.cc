#include "app/rule_report.h"

#include <fmt/format.h>

#include "base/json.h"

namespace oki::app {

using watch::detect::RuleReport;

std::string rules_in_words(const std::vector<RuleReport>& rules) {
  std::string out;
  for (const RuleReport& rule : rules) {
    out += fmt::format(
        "{}: {} true, {} false, {} missed, precision {}.{} %, delay p50 {} ms, p99 {} ms\n"
        "  {}\n",
        rule.rule, rule.true_alarms, rule.false_alarms, rule.missed, rule.precision_ppm / 10'000,
        rule.precision_ppm / 1'000 % 10, rule.delay_p50_ms, rule.delay_p99_ms, rule.suggestion);
  }
  return out;
}

std::string rules_in_json(const std::vector<RuleReport>& rules) {
  Bytes out;
  JsonWriter json(out);
  json.begin_array();
  for (const RuleReport& rule : rules) {
    json.begin_object().field("rule", rule.rule).field("true_alarms", rule.true_alarms);
    json.field("false_alarms", rule.false_alarms).field("missed", rule.missed);
    json.field("precision_ppm", rule.precision_ppm).field("delay_p50_ms", rule.delay_p50_ms);
    json.field("delay_p99_ms", rule.delay_p99_ms).field("suggestion", rule.suggestion);
    json.end_object();
  }
  json.end_array();
  return out;
}

}  // namespace oki::app
