#include "edge/settings.h"

#include <algorithm>
#include <set>

namespace oki::edge {

const std::vector<SettingSpec>& setting_specs() {
  static const std::vector<SettingSpec> specs = {
      {"query_percent", &Settings::query_percent, 1, 100, false},
      {"updates_per_second_max", &Settings::updates_per_second_max, 0, 100'000, true},
      {"public_per_second_max", &Settings::public_per_second_max, 0, 1'000'000, true},
      {"in_flight_max", &Settings::in_flight_max, 0, 65'536, false},
      {"time_window_max_ms", &Settings::time_window_max_ms, 1, 60'000, false}};
  return specs;
}

Settings loosest() {
  Settings out;
  for (const SettingSpec& spec : setting_specs()) {
    out.*spec.value = spec.zero_is_none ? 0 : spec.high;
  }
  return out;
}

Result<Settings> changed(const Settings& from, const SettingChanges& changes) {
  if (changes.empty()) return error(Errc::invalid, "no setting is named");
  Settings settings = from;
  std::set<std::string> named;
  for (const auto& [name, value] : changes) {
    const auto& specs = setting_specs();
    const auto spec = std::find_if(specs.begin(), specs.end(),
                                   [&](const SettingSpec& one) { return name == one.name; });
    if (spec == specs.end()) return error(Errc::invalid, "there is no setting '" + name + "'");
    if (!named.insert(name).second) return error(Errc::invalid, "'" + name + "' is there twice");
    if (value < spec->low || value > spec->high) {
      return error(Errc::invalid, name + " must be from " + std::to_string(spec->low) + " to " +
                                      std::to_string(spec->high));
    }
    settings.*spec->value = static_cast<std::uint32_t>(value);
  }
  return settings;
}

Settings tighter(const Settings& a, const Settings& b) {
  Settings out;
  for (const SettingSpec& spec : setting_specs()) {
    const std::uint32_t x = a.*spec.value;
    const std::uint32_t y = b.*spec.value;
    const bool take_other = spec.zero_is_none && (x == 0 || y == 0);
    out.*spec.value = take_other ? std::max(x, y) : std::min(x, y);
  }
  return out;
}

std::string difference(const Settings& before, const Settings& after) {
  std::string out;
  for (const SettingSpec& spec : setting_specs()) {
    if (before.*spec.value == after.*spec.value) continue;
    if (!out.empty()) out += ", ";
    out += std::string(spec.name) + " " + std::to_string(before.*spec.value) + " -> " +
           std::to_string(after.*spec.value);
  }
  return out.empty() ? "nothing" : out;
}

void write(JsonWriter& json, const Settings& settings) {
  json.begin_object();
  for (const SettingSpec& spec : setting_specs()) {
    json.field(spec.name, std::uint64_t{settings.*spec.value});
  }
  json.end_object();
}

}  // namespace oki::edge
