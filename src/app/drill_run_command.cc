#include <fmt/format.h>

#include <cstdio>

#include "app/data_folder.h"
#include "app/drill_commands.h"
#include "app/process.h"
#include "drill/scenario.h"

namespace oki::app {
namespace {

int run(const Arguments& arguments) {
  const std::string& path = arguments.text("file");
  const auto toml = host::read_file(path, drill::scenario_bytes_max);
  if (!toml) return usage("drill run", toml.error().message);
  const auto scenario = drill::read_scenario(*toml);
  if (!scenario) return usage("drill run", path + ": " + scenario.error().message);
  drill::set_private_network(drill::enter_private_network().has_value());
  Result<DataFolder> folder =
      arguments.has("data") ? DataFolder::named(arguments.text("data")) : DataFolder::temporary();
  if (!folder) return usage("drill run", folder.error().message);
  fmt::print(stderr, "{}\n", arguments.japanese() ? scenario->ja : scenario->en);
  const auto result = drill::run_scenario(
      *scenario, folder->path(), [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  if (!result) {
    fmt::print(stderr, "okiagari drill run: {}\n", result.error().message);
    folder->keep();
    return exit_code::failed;
  }
  const bool as_json = arguments.has("json");
  std::fputs(drill::text(*result).c_str(), as_json ? stderr : stdout);
  if (as_json) fmt::print("{}\n", drill::to_json(*result));
  if (result->interrupted) return exit_code::interrupted;
  return result->ok() ? exit_code::ok : exit_code::verification_failed;
}

}  // namespace

CommandSpec drill_run_command() {
  return {
      "drill run",
      {"Runs a scenario file: faults by the clock, and what must be seen of them",
       "シナリオファイルを実行（時刻どおりの故障と、見えるべき結果）"},
      {{"data", "DIR", "", {"an empty folder to keep the data in", "データを残す空のフォルダー"}},
       {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}}},
      run,
      "file"};
}

}  // namespace oki::app
