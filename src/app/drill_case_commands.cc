#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "app/data_folder.h"
#include "app/drill_commands.h"
#include "app/process.h"
#include "drill/case_drill.h"
#include "drill/flood.h"
#include "drill/harm.h"

namespace oki::app {
namespace {

constexpr std::size_t flood_bytes_max = 4u << 20;

int run_case(const Arguments& arguments, unsigned number, const char* command) {
  drill::set_private_network(drill::enter_private_network().has_value());
  auto data =
      arguments.has("data") ? DataFolder::named(arguments.text("data")) : DataFolder::temporary();
  if (!data) return usage(command, data.error().message);
  const std::string output =
      arguments.has("out") ? arguments.text("out") : fmt::format("drill-case-{}", number);
  const auto folder = DataFolder::named(output);
  if (!folder) return usage(command, folder.error().message);
  drill::CaseOptions options;
  options.number = number;
  options.quick = arguments.has("quick");
  options.directory = data->path();
  options.output = output;
  options.runbooks = arguments.text("runbooks");
  if (!std::filesystem::is_directory(options.runbooks)) {
    return usage(command,
                 options.runbooks + ": the texts of the runbooks are not there (--runbooks)");
  }
  options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const auto result = drill::run_case(options);
  if (!result) {
    fmt::print(stderr, "okiagari {}: {}\n", command, result.error().message);
    data->keep();
    return exit_code::failed;
  }
  const bool as_json = arguments.has("json");
  std::fputs(drill::text(*result).c_str(), as_json ? stderr : stdout);
  if (as_json) fmt::print("{}\n", drill::to_json(*result));
  if (result->interrupted) return exit_code::interrupted;
  return result->missed.empty() ? exit_code::ok : exit_code::verification_failed;
}

CommandSpec case_command(unsigned number, const char* name, const Words& summary) {
  CommandSpec spec{
      name,
      summary,
      {{"out",
        "DIR",
        "",
        {"an empty folder for everything that comes of it [drill-case-N]",
         "成果物を置く空のフォルダー [drill-case-N]"}},
       {"data", "DIR", "", {"an empty folder to keep the data in", "データを残す空のフォルダー"}},
       {"runbooks", "DIR", "runbooks", {"the texts of the runbooks", "手順書の場所"}},
       {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}}},
      [number, name](const Arguments& arguments) { return run_case(arguments, number, name); }};
  if (number == 1) {
    spec.options.push_back(
        {"quick",
         nullptr,
         "",
         {"the load rises in 20 s, not in 4 minutes", "4分でなく20秒で負荷を上げる"}});
  }
  return spec;
}

int flood(const Arguments& arguments) {
  const auto text = host::read_file(arguments.text("file"), flood_bytes_max);
  if (!text) return usage("drill flood", text.error().message);
  const auto options = drill::decode_flood(*text);
  if (!options) return usage("drill flood", options.error().message);
  const auto result = drill::run_flood(*options);
  if (!result) return usage("drill flood", result.error().message);
  fmt::print("{}\n", drill::to_json(*result));
  return exit_code::ok;
}

}  // namespace

std::vector<CommandSpec> drill_case_commands() {
  return {case_command(1, "drill case-1",
                       {"Case 1: five times the load, from the fault to the postmortem draft",
                        "事例1: 負荷5倍。障害から事後検証の草案まで"}),
          case_command(2, "drill case-2",
                       {"Case 2: a wrong setting, from the fault to the postmortem draft",
                        "事例2: 誤設定。障害から事後検証の草案まで"}),
          case_command(3, "drill case-3",
                       {"Case 3: a flood of requests, from the fault to the postmortem draft",
                        "事例3: API 大量要求。障害から事後検証の草案まで"}),
          {"drill flood",
           {"The sender of the flood of case 3, to edges on the loopback only",
            "事例3の大量要求の送信側（ループバックのエッジのみ）"},
           {},
           flood,
           "file"}};
}

}  // namespace oki::app
