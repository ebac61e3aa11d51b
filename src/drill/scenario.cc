#include "drill/scenario.h"

#include <set>
#include <sstream>
#include <toml.hpp>

#include "base/utf8.h"
#include "drill/faults.h"

namespace oki::drill {
namespace {

constexpr Expected expectations[] = {Expected::not_green, Expected::green,
                                     Expected::trading_stopped, Expected::trading};
constexpr std::size_t words_bytes_max = 400;

// One table being read: remembers which keys were asked for, and the first fault.
class Section {
 public:
  Section(const toml::table& table, std::string what) : table_(table), what_(std::move(what)) {}

  std::string text(const std::string& key) {
    const toml::value* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string() && value->as_string().str.size() <= words_bytes_max) {
      return value->as_string().str;
    }
    fault("'" + key + "' must be a text of at most 400 bytes");
    return {};
  }

  std::optional<std::int64_t> integer(const std::string& key, std::int64_t low, std::int64_t high) {
    const toml::value* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_integer() && value->as_integer() >= low && value->as_integer() <= high) {
      return value->as_integer();
    }
    fault("'" + key + "' must be a whole number from " + std::to_string(low) + " to " +
          std::to_string(high));
    return std::nullopt;
  }

  bool truth(const std::string& key) {
    const toml::value* value = find(key);
    if (value == nullptr) return false;
    if (value->is_boolean() && value->as_boolean()) return true;
    fault("'" + key + "' can only be true");
    return false;
  }

  const toml::value* find(const std::string& key) {
    asked_.insert(key);
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : &found->second;
  }

  void fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = what_ + ": " + sentence;
  }

  // After everything was asked for.
  Result<void> finish() {
    for (const auto& [key, value] : table_) {
      if (!asked_.contains(key)) fault("unknown key '" + key + "'");
    }
    if (!fault_.empty()) return error(Errc::invalid, fault_);
    return {};
  }

 private:
  const toml::table& table_;
  std::string what_;
  std::set<std::string> asked_;
  std::string fault_;
};

void read_expectation(Section& section, const std::string& words, ScenarioStep& step) {
  for (const Expected each : expectations) {
    if (words == name(each)) step.expect = each;
  }
  if (!step.expect) section.fault("nothing like '" + words + "' can be expected");
  const auto within = section.integer("within_ms", 1, scenario_ms_max);
  if (!within) section.fault("'within_ms' is missing");
  step.within_ms = within.value_or(0);
}

Result<ScenarioStep> read_step(const toml::value& value, std::size_t number) {
  const std::string what = "step " + std::to_string(number);
  if (!value.is_table()) return error(Errc::invalid, what + " is not a table");
  Section section(value.as_table(), what);
  ScenarioStep step;
  step.at_ms = section.integer("at_ms", 0, scenario_ms_max);
  step.inject = section.text("inject");
  step.heal = section.truth("heal");
  const std::string words = section.text("expect");
  if (!words.empty()) read_expectation(section, words, step);
  const int kinds = (step.inject.empty() ? 0 : 1) + (step.heal ? 1 : 0) + (words.empty() ? 0 : 1);
  if (kinds != 1) section.fault("needs exactly one of inject, heal and expect");
  if (!step.inject.empty() && find_fault(step.inject) == nullptr) {
    section.fault("no kind of fault is '" + step.inject + "'");
  }
  if (auto done = section.finish(); !done) return tl::unexpected(done.error());
  return step;
}

Result<toml::value> parse(ByteView text) {
  if (text.size() > scenario_bytes_max) return error(Errc::invalid, "a scenario is too long");
  if (!is_utf8(text)) return error(Errc::invalid, "a scenario is not UTF-8");
  std::istringstream stream{std::string(text)};
  try {
    return toml::parse(stream, "scenario");
  } catch (const std::exception& fault) {
    return error(Errc::invalid, std::string("not TOML: ") + fault.what());
  }
}

}  // namespace

const char* name(Expected what) {
  switch (what) {
    case Expected::not_green:
      return "not green";
    case Expected::green:
      return "green";
    case Expected::trading_stopped:
      return "trading stopped";
    case Expected::trading:
      return "trading";
  }
  return "";
}

Result<Scenario> read_scenario(ByteView toml) {
  const auto parsed = parse(toml);
  if (!parsed) return tl::unexpected(parsed.error());
  Section section(parsed->as_table(), "scenario");
  Scenario scenario;
  scenario.name = section.text("name");
  scenario.en = section.text("en");
  scenario.ja = section.text("ja");
  if (scenario.name.empty() || scenario.en.empty() || scenario.ja.empty()) {
    section.fault("needs name, en and ja");
  }
  scenario.nodes = static_cast<std::uint32_t>(section.integer("nodes", 1, 5).value_or(3));
  if (scenario.nodes % 2 == 0) section.fault("'nodes' must be odd");
  scenario.edges = static_cast<std::uint32_t>(section.integer("edges", 1, 8).value_or(2));
  scenario.status_sites =
      static_cast<std::uint32_t>(section.integer("status_sites", 1, 8).value_or(2));
  const toml::value* steps = section.find("step");
  if (steps == nullptr || !steps->is_array() || steps->as_array().empty() ||
      steps->as_array().size() > scenario_steps_max) {
    section.fault("needs 1 to 200 [[step]]");
  }
  if (auto done = section.finish(); !done) return tl::unexpected(done.error());
  for (const toml::value& value : steps->as_array()) {
    auto step = read_step(value, scenario.steps.size() + 1);
    if (!step) return tl::unexpected(step.error());
    scenario.steps.push_back(std::move(*step));
  }
  return scenario;
}

}  // namespace oki::drill
