// Drills that are files: what is injected when, and what must be seen by when.
//
// A scenario is TOML: `name`, `en` and `ja` (what it is about), optionally `nodes`, `edges`,
// `status_sites`, and one [[step]] after the other. A step has exactly one of
//   inject = "KIND"   a kind of the catalogue (okiagari drill detect --list)
//   heal = true       everything that was injected is taken back
//   expect = "WHAT"   "not green", "green", "trading stopped" or "trading"; with `within_ms`
// and may wait: `at_ms` from the moment at which everything was well, not before the step above is
// done. An expectation counts from the last injection or healing. Whatever a scenario asks for,
// falsely green time fails it. Unknown keys and words, doubled names and times out of range refuse
// the file. docs/drills.md has an example.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "drill/trial.h"

namespace oki::drill {

constexpr std::size_t scenario_bytes_max = 64u << 10;
constexpr std::size_t scenario_steps_max = 200;
constexpr std::int64_t scenario_ms_max = 3'600'000;

enum class Expected : std::uint8_t { not_green, green, trading_stopped, trading };
const char* name(Expected what);

struct ScenarioStep {
  std::optional<std::int64_t> at_ms{};
  std::string inject{};  // One of the three.
  bool heal = false;
  std::optional<Expected> expect{};
  std::int64_t within_ms = 0;  // With `expect`.
};

struct Scenario {
  std::string name;
  std::string en, ja;
  std::uint32_t nodes = 3;
  std::uint32_t edges = 2;
  std::uint32_t status_sites = 2;
  std::vector<ScenarioStep> steps;
};

// Errc::invalid with one sentence that names the step and the key.
Result<Scenario> read_scenario(ByteView toml);

struct StepResult {
  std::string what;
  std::optional<std::int64_t> took_ms;  // From the last injection or healing; of expectations.
  std::int64_t within_ms = 0;
  bool ok = true;
  std::string why;
};

struct ScenarioResult {
  std::string name;
  std::vector<StepResult> steps;
  std::int64_t falsely_green_ms = 0;
  bool interrupted = false;
  bool ok() const;
};

// `directory` exists and is empty.
Result<ScenarioResult> run_scenario(const Scenario& scenario, const std::string& directory,
                                    const std::function<void(const std::string&)>& progress);

std::string text(const ScenarioResult& result);
std::string to_json(const ScenarioResult& result);

}  // namespace oki::drill
