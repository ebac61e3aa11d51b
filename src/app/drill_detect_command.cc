#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "app/data_folder.h"
#include "app/drill_commands.h"
#include "app/process.h"
#include "drill/detect.h"
#include "drill/noise/campaign.h"

namespace oki::app {
namespace {

constexpr std::uint64_t noise_hours_usual = 10'000;

int list_kinds(const Arguments& arguments) {
  for (const drill::FaultKind& kind : drill::fault_kinds()) {
    fmt::print("{:<24} {:<6} {}\n", kind.name, drill::name(kind.of),
               arguments.say({kind.en, kind.ja}));
  }
  return exit_code::ok;
}

// What customers would have been told of nothing, in held-out noise.
Result<drill::NoiseFigures> run_noise(std::uint64_t hours) {
  drill::noise::NoiseOptions options;
  options.hours = hours;
  options.faults = 0;
  options.model = drill::noise::held_out_model();
  options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const auto models = drill::noise::run_noise(options);
  if (!models) return tl::unexpected(models.error());
  const drill::noise::FalseNotices found = drill::noise::false_notices(*models);
  drill::NoiseFigures figures;
  figures.hours = found.hours;
  figures.false_notices = found.notices;
  return figures;
}

int report(const Arguments& arguments, drill::DetectResult& result,
           const std::optional<drill::NoiseFigures>& noise) {
  if (noise && noise->false_notices > 0) {
    result.missed.push_back(
        fmt::format("{} false notices in {} hours", noise->false_notices, noise->hours));
  }
  const bool as_json = arguments.has("json");
  std::fputs(drill::text(result).c_str(), as_json ? stderr : stdout);
  if (as_json) fmt::print("{}\n", drill::json(result, noise));
  if (result.interrupted) return exit_code::interrupted;
  return result.missed.empty() ? exit_code::ok : exit_code::verification_failed;
}

Result<drill::DetectOptions> detect_options(const Arguments& arguments, const std::string& path) {
  drill::DetectOptions options;
  options.directory = path;
  if (arguments.has("kinds")) options.kinds = split(arguments.text("kinds"), ',');
  options.runs = static_cast<std::uint32_t>(arguments.number("runs"));
  if (options.runs < 1 || options.runs > 1000) {
    return error(Errc::invalid, "--runs must be 1 to 1000");
  }
  options.to_the_end = arguments.has("to-the-end");
  options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  return options;
}

// A whole campaign is judged by its false notices too.
std::uint64_t noise_hours(const Arguments& arguments) {
  if (arguments.has("noise-hours")) return arguments.number("noise-hours");
  return arguments.has("kinds") ? 0 : noise_hours_usual;
}

int run_detect(const Arguments& arguments) {
  if (arguments.has("list")) return list_kinds(arguments);
  // Before any thread and any file: what follows lives in the network of its own.
  const Result<void> alone = drill::enter_private_network();
  drill::set_private_network(alone.has_value());
  if (!alone) fmt::print(stderr, "no network of its own: {}\n", alone.error().message);
  Result<DataFolder> folder =
      arguments.has("data") ? DataFolder::named(arguments.text("data")) : DataFolder::temporary();
  if (!folder) return usage("drill detect", folder.error().message);
  const auto options = detect_options(arguments, folder->path());
  if (!options) return usage("drill detect", options.error().message);
  auto result = drill::run_detect(*options);
  if (!result) {
    fmt::print(stderr, "okiagari drill detect: {}\n", result.error().message);
    folder->keep();
    return result.error().code == Errc::invalid ? exit_code::usage : exit_code::failed;
  }
  std::optional<drill::NoiseFigures> noise;
  const std::uint64_t hours = noise_hours(arguments);
  if (hours > 0 && !result->interrupted) {
    const auto figures = run_noise(hours);
    if (!figures) return usage("drill detect", figures.error().message);
    noise = *figures;
  }
  return report(arguments, *result, noise);
}

}  // namespace

CommandSpec drill_detect_command() {
  return {
      "drill detect",
      {"Injects faults into a running exchange and measures how soon they are seen, told and over",
       "動いている取引所に故障を注入し、検知・通知・復旧までの時間を測る"},
      {{"kinds",
        "NAMES",
        "",
        {"only these kinds of faults, separated by commas", "故障の種類をコンマ区切りで限定"}},
       {"list", nullptr, "", {"print the kinds and end", "故障の種類を表示して終了"}},
       {"runs", "N", "5", {"of each kind", "種類ごとの回数"}},
       {"to-the-end",
        nullptr,
        "",
        {"the first run of each kind waits until its incident is resolved",
         "種類ごとの1回目は障害の解決まで待つ"}},
       {"noise-hours",
        "N",
        "",
        {"also count false notices in so many hours of noise [10000, none with --kinds]",
         "この時間の雑音で誤報も数える [10000、--kinds があれば 0]"}},
       {"data", "DIR", "", {"an empty folder to keep the data in", "データを残す空のフォルダー"}},
       {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}}},
      run_detect};
}

}  // namespace oki::app
