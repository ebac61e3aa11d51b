#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/drill_commands.h"
#include "drill/noise/campaign.h"

namespace oki::app {
namespace {

Result<watch::detect::Settings> settings_of(const std::string& file) {
  if (file.empty()) return watch::detect::Settings();
  std::ifstream in(file, std::ios::binary);
  if (!in) return error(Errc::not_found, "cannot read '" + file + "'");
  std::string text(watch::detect::settings_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return watch::detect::read_settings(text);
}

int run(const Arguments& arguments) {
  const auto settings = settings_of(arguments.text("thresholds"));
  if (!settings) {
    std::fprintf(stderr, "okiagari: %s\n", settings.error().message.c_str());
    return exit_code::usage;
  }
  drill::noise::NoiseOptions options;
  options.hours = arguments.number("hours");
  options.faults = arguments.number("faults");
  options.seed = arguments.number("seed");
  options.workers = arguments.number("jobs");
  options.model = arguments.text("model");
  options.settings = *settings;
  options.progress = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  const auto results = drill::noise::run_noise(options);
  if (!results) {
    std::fprintf(stderr, "okiagari: %s\n", results.error().message.c_str());
    return exit_code::usage;
  }
  const bool as_json = arguments.has("json");
  std::fputs(drill::noise::text(*results).c_str(), as_json ? stderr : stdout);
  if (as_json) std::printf("%s\n", drill::noise::json(*results, options.seed).c_str());
  for (const drill::noise::ModelResult& result : *results) {
    if (!drill::noise::meets(result)) return exit_code::failed;
  }
  return exit_code::ok;
}

}  // namespace

CommandSpec drill_noise_command() {
  return {
      "drill noise",
      {"Counts false notices in time-compressed noise and times faults in it until they are told",
       "時間を圧縮した雑音で誤った告知を数え、故障を検知して告知を決めるまでの時間を測る"},
      {{"hours", "N", "100", {"of noise, for each model", "雑音の時間（モデルごと）"}},
       {"faults", "N", "20", {"of each kind, for each model", "故障の種類ごとの回数"}},
       {"seed", "N", "1", {"the same seed gives the same figures", "同じ種なら同じ結果"}},
       {"model",
        "NAME",
        "",
        {"only this: tuning, self_exciting, regimes or crowd",
         "このモデルだけ。tuning、self_exciting、regimes、crowd"}},
       {"jobs", "N", "2", {"workers", "並列数"}},
       {"thresholds",
        "FILE",
        "",
        {"like deploy/detection.toml", "deploy/detection.toml の形のファイル"}},
       {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}}},
      run};
}

}  // namespace oki::app
