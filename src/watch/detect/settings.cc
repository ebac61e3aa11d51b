#include "watch/detect/settings.h"

#include <sstream>
#include <toml.hpp>

#include "base/utf8.h"

namespace oki::watch::detect {
namespace {

constexpr const char* gauge_names[gauge_kinds] = {
    "cpu_ppm",  "memory_ppm",     "disk_used_ppm",  "disk_busy_ppm", "network_ppm",
    "fsync_us", "replica_lag_ms", "fsync_probe_us", "fsync_stuck_ms"};

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t score_max = 1'000'000;
constexpr std::int64_t gauge_max = 1'000'000'000'000;

struct Key {
  const char* name;
  std::int64_t* value;
  std::int64_t low;
  std::int64_t high;
};

Result<void> fault(const std::string& section, const std::string& sentence) {
  return error(Errc::invalid, section + ": " + sentence);
}

Result<void> read_key(const std::string& section, const Key& key, const toml::value& value) {
  if (!value.is_integer() || value.as_integer() < key.low || value.as_integer() > key.high) {
    return fault(section, "'" + std::string(key.name) + "' must be a whole number from " +
                              std::to_string(key.low) + " to " + std::to_string(key.high));
  }
  *key.value = value.as_integer();
  return {};
}

// Besides the keys of a section, at most one text and one boolean.
struct Section {
  std::string name;
  std::vector<Key> keys;
  std::string* text = nullptr;  // 'name'
  bool* boolean = nullptr;
  const char* boolean_name = "evidence";
};

Result<void> read_other(const Section& section, const std::string& key, const toml::value& value) {
  if (key == "name" && section.text != nullptr) {
    if (!value.is_string() || value.as_string().str.empty() || value.as_string().str.size() > 32) {
      return fault(section.name, "'name' must be a text of 1 to 32 bytes");
    }
    *section.text = value.as_string().str;
    return {};
  }
  if (section.boolean != nullptr && key == section.boolean_name) {
    if (!value.is_boolean()) return fault(section.name, "'" + key + "' must be true or false");
    *section.boolean = value.as_boolean();
    return {};
  }
  return fault(section.name, "unknown key '" + key + "'");
}

Result<void> read_section(const Section& section, const toml::value& value) {
  if (!value.is_table()) return fault(section.name, "is not a table");
  for (const auto& [key, member] : value.as_table()) {
    const Key* known = nullptr;
    for (const Key& candidate : section.keys) {
      if (key == candidate.name) known = &candidate;
    }
    const auto done = known != nullptr ? read_key(section.name, *known, member)
                                       : read_other(section, key, member);
    if (!done) return done;
  }
  return {};
}

std::vector<Section> plain_sections(Settings& s) {
  return {
      {"level",
       {{"clear_after_ms", &s.level.clear_after_ms, 0, day_ms},
        {"flaps_max", &s.level.flaps_max, 1, 1000},
        {"flap_window_ms", &s.level.flap_window_ms, 1, day_ms},
        {"flapping_clear_after_ms", &s.level.flapping_clear_after_ms, 0, day_ms}}},
      {"signal",
       {{"expires_ms", &s.signal.expires_ms, 1'000, day_ms},
        {"refresh_ms", &s.signal.refresh_ms, 500, day_ms}}},
      {"test_trades",
       {{"failures", &s.test_trades.failures, 1, 100},
        {"probers", &s.test_trades.probers, 1, 100},
        {"fresh_ms", &s.test_trades.fresh_ms, 100, day_ms},
        {"wrongs", &s.test_trades.wrongs, 1, 100},
        {"wrong_window_ms", &s.test_trades.wrong_window_ms, 100, day_ms}}},
      {"rate_drop",
       {{"remaining_ppm", &s.rate_drop.remaining_ppm, 1'000, 900'000},
        {"dispersion", &s.rate_drop.dispersion, 1, 1'000},
        {"cap_milli", &s.rate_drop.cap_milli, 1, score_max},
        {"alarm_milli", &s.rate_drop.alarm_milli, 1, score_max},
        {"usual_per_second_min", &s.rate_drop.usual_per_second_min, 1, million},
        {"adopt_after_ms", &s.rate_drop.adopt_after_ms, 1'000, day_ms}}},
      {"latency",
       {{"allowed_sixteenths", &s.latency.allowed_sixteenths, 1, 160},
        {"cap_sixteenths", &s.latency.cap_sixteenths, 1, 160},
        {"alarm_sixteenths", &s.latency.alarm_sixteenths, 1, 16'000},
        {"floor_us", &s.latency.floor_us, 1, million},
        {"requests_min", &s.latency.requests_min, 1, million},
        {"adopt_after_ms", &s.latency.adopt_after_ms, 1'000, day_ms}}},
      {"inquiries",
       {{"times", &s.inquiries.times, 2, 1'000},
        {"alarm_milli", &s.inquiries.alarm_milli, 1, score_max},
        {"cap_milli", &s.inquiries.cap_milli, 1, score_max},
        {"usual_per_day_min", &s.inquiries.usual_per_day_min, 1, million},
        {"usual_share_ppm_min", &s.inquiries.usual_share_ppm_min, 1, million},
        {"learn_seconds", &s.inquiries.learn_seconds, 60, 30 * 86'400}}},
      {"silence",
       {{"series_ms", &s.silence.series_ms, 200, day_ms},
        {"prober_ms", &s.silence.prober_ms, 200, day_ms}}},
      {"line",
       {{"usual_ppm", &s.line.target.usual_ppm, 1, 499'999},
        {"bad_ppm", &s.line.target.bad_ppm, 2, 500'000},
        {"cap_milli", &s.line.target.cap_milli, 1, score_max},
        {"burst_milli", &s.line.target.burst_milli, 1, score_max},
        {"alarm_milli", &s.line.target.alarm_milli, 1, score_max},
        {"quiet_milli", &s.line.target.quiet_milli, 1, score_max}}},
      {"pulse", {{"every_ms", &s.pulse.every_ms, 5, 1'000}, {"reads", &s.pulse.reads, 0, 20}}},
  };
}

Result<void> check_target(const std::string& what, const ErrorTarget& target) {
  if (target.usual_ppm >= target.bad_ppm) {
    return fault(what, "'usual_ppm' must be below 'bad_ppm'");
  }
  if (target.burst_milli >= target.alarm_milli) {
    return fault(what, "'burst_milli' must be below 'alarm_milli'");
  }
  return {};
}

Result<void> read_errors(Settings& settings, const toml::value& value) {
  if (!value.is_array()) return fault("errors", "must be an array of tables: [[errors]]");
  const auto& rows = value.as_array();
  if (rows.empty() || rows.size() > error_targets_max) {
    return fault("errors", "must have 1 to " + std::to_string(error_targets_max) + " tables");
  }
  settings.errors.clear();
  for (const toml::value& row : rows) {
    const std::string what = "errors " + std::to_string(settings.errors.size() + 1);
    NamedTarget read;
    ErrorTarget& target = read.target;
    Section section{what,
                    {{"usual_ppm", &target.usual_ppm, 1, 499'999},
                     {"bad_ppm", &target.bad_ppm, 2, 500'000},
                     {"cap_milli", &target.cap_milli, 1, score_max},
                     {"burst_milli", &target.burst_milli, 1, score_max},
                     {"alarm_milli", &target.alarm_milli, 1, score_max},
                     {"quiet_milli", &target.quiet_milli, 1, score_max}},
                    &read.name,
                    &read.proof,
                    "proof"};
    if (const auto done = read_section(section, row); !done) return done;
    if (read.name.empty()) return fault(what, "'name' is missing");
    for (const Key& key : section.keys) {
      if (*key.value == 0) return fault(what, "'" + std::string(key.name) + "' is missing");
    }
    if (const auto done = check_target(what, target); !done) return done;
    settings.errors.push_back(std::move(read));
  }
  return {};
}

Result<void> read_gauges(Settings& settings, const toml::value& value) {
  if (!value.is_table()) return fault("gauges", "is not a table");
  for (const auto& [key, member] : value.as_table()) {
    std::size_t kind = 0;
    while (kind < gauge_kinds && key != gauge_names[kind]) ++kind;
    if (kind == gauge_kinds) return fault("gauges", "unknown key '" + key + "'");
    GaugeSettings& gauge = settings.gauges[kind];
    const Section section{"gauges." + key,
                          {{"enter", &gauge.threshold.enter, 0, gauge_max},
                           {"leave", &gauge.threshold.leave, 0, gauge_max},
                           {"hold_ms", &gauge.threshold.hold_ms, 0, day_ms},
                           {"above_usual", &gauge.above_usual, 0, gauge_max}},
                          nullptr,
                          &gauge.evidence};
    if (const auto done = read_section(section, member); !done) return done;
    if (gauge.threshold.leave > gauge.threshold.enter) {
      return fault("gauges." + key, "'leave' must not be above 'enter'");
    }
  }
  return {};
}

Result<void> read_table(Settings& settings, const toml::table& table) {
  const std::vector<Section> sections = plain_sections(settings);
  for (const auto& [key, value] : table) {
    Result<void> done = fault(key, "there is no such section");
    for (const Section& section : sections) {
      if (section.name == key) done = read_section(section, value);
    }
    if (key == "errors") done = read_errors(settings, value);
    if (key == "gauges") done = read_gauges(settings, value);
    if (!done) return done;
  }
  if (settings.signal.refresh_ms >= settings.signal.expires_ms) {
    return fault("signal", "'refresh_ms' must be below 'expires_ms'");
  }
  return check_target("line", settings.line.target);
}

}  // namespace

const char* name(GaugeKind kind) { return gauge_names[static_cast<std::size_t>(kind)]; }

Result<Settings> read_settings(ByteView toml) {
  if (toml.size() > settings_bytes_max) {
    return error(Errc::invalid, "the file of thresholds is longer than " +
                                    std::to_string(settings_bytes_max) + " bytes");
  }
  if (!is_utf8(toml)) return error(Errc::invalid, "the file of thresholds is not UTF-8");
  Settings settings;
  try {
    std::istringstream stream{std::string(toml)};
    const toml::value root = toml::parse(stream, "thresholds");
    if (const auto done = read_table(settings, root.as_table()); !done) {
      return tl::unexpected(done.error());
    }
  } catch (const std::exception& fault) {
    return error(Errc::invalid, std::string("the file of thresholds is not TOML: ") + fault.what());
  }
  return settings;
}

}  // namespace oki::watch::detect
