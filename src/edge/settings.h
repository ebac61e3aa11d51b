// What may be changed about an edge while it runs. Everything else is chosen when it starts.
//
// Each setting has a range that keeps the process sound, and no more: a value may be in its range
// and still be wrong for the day, so every change is a version that can be taken back
// (edge/settings_book.h). docs/runbooks.md says what each does to customers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"

namespace oki::edge {

struct Settings {
  std::uint32_t query_percent = 100;          // Of an account's query limit that is granted.
  std::uint32_t updates_per_second_max = 0;   // Of one account at this edge; 0: the core's alone.
  std::uint32_t public_per_second_max = 0;    // Of all unsigned requests together; 0: no limit.
  std::uint32_t in_flight_max = 8'192;        // Commands without an answer; 0: takes none.
  std::uint32_t time_window_max_ms = 60'000;  // An older signed request is refused.
  friend bool operator==(const Settings&, const Settings&) = default;
};

// Their names and ranges, in the order in which they are written.
struct SettingSpec {
  const char* name;
  std::uint32_t Settings::* value;
  std::uint32_t low, high;
  bool zero_is_none;  // 0 stands for no limit at all.
};
const std::vector<SettingSpec>& setting_specs();

// What limits nothing: a tightening names only what it tightens.
Settings loosest();

// Some settings by name: {"query_percent", 50}.
using SettingChanges = std::vector<std::pair<std::string, std::uint64_t>>;

// Errc::invalid with a sentence: an unknown name, one named twice, a value outside its range,
// nothing named.
Result<Settings> changed(const Settings& from, const SettingChanges& changes);

// Of each limit the one that lets less through.
Settings tighter(const Settings& a, const Settings& b);

// "query_percent 100 -> 50, in_flight_max 8192 -> 100"; "nothing" when they are equal.
std::string difference(const Settings& before, const Settings& after);

// As an object; the writer stands where a value is expected.
void write(JsonWriter& json, const Settings& settings);

}  // namespace oki::edge
