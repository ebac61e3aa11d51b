#include <cstdio>

#include "app/rule_report.h"
#include "app/server_commands.h"
#include "host/loop.h"
#include "watch/detect/tuning.h"

namespace oki::app {
namespace {

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
  const std::string out =
      arguments.has("json") ? rules_in_json(rules) + "\n" : rules_in_words(rules);
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
