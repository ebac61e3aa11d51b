#include <fmt/format.h>

#include <cstdio>

#include "app/server_commands.h"
#include "base/json.h"
#include "host/loop.h"
#include "watch/detect/tuning.h"

namespace oki::app {
namespace {

using watch::detect::RuleReport;

std::string in_words(const std::vector<RuleReport>& rules) {
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

std::string in_json(const std::vector<RuleReport>& rules) {
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

int run(const Arguments& arguments) {
  const auto text = host::read_file(arguments.text("alarms"), watch::detect::past_cases_bytes_max);
  const auto cases = text ? watch::detect::read_past_cases(*text)
                          : Result<watch::detect::PastCases>(tl::unexpected(text.error()));
  if (!cases) {
    std::fprintf(stderr, "okiagari: %s\n", cases.error().message.c_str());
    return exit_code::usage;
  }
  const auto rules = watch::detect::review(cases->alarms, cases->missed,
                                           static_cast<std::int64_t>(arguments.number("delay-ms")));
  const std::string out = arguments.has("json") ? in_json(rules) + "\n" : in_words(rules);
  std::fputs(out.c_str(), stdout);
  return exit_code::ok;
}

}  // namespace

CommandSpec watch_tune_command() {
  return {"watch tune",
          {"Says of each rule how right and how late its past alarms were, and what to try",
           "過去の警報から規則ごとの適合率と遅れを数え、調整案を示す"},
          {{"alarms",
            "FILE",
            "",
            {"one JSON object a line: rule, was_true, delay_ms, or rule, missed",
             "1行1件の JSON（rule、was_true、delay_ms。見逃しは rule、missed）"},
            true},
           {"delay-ms", "N", "5000", {"what p99 should stay below", "遅れの p99 の目標"}},
           {"json", nullptr, "", {"the last line is one JSON array", "最終行を JSON で出力"}}},
          run};
}

}  // namespace oki::app
