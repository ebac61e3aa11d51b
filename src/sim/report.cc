#include "sim/report.h"

#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <utility>

#include "base/json.h"
#include "base/prng.h"

namespace oki::sim {
namespace {

constexpr std::uint64_t faults_min = 10;  // Of every seed.

std::uint64_t sum(const FaultCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

// Calls `field(name, number)` for every number of a report, in the order of its line.
template <typename Report, typename Field>
void for_each_number(Report& report, std::uint64_t& violations, Field field) {
  field("seed", report.seed);
  field("violations", violations);
  field("virtual_ms", report.virtual_ms);
  field("events", report.events);
  field("event_hash", report.event_hash);
  field("acked", report.answered);
  field("given_up", report.given_up);
  field("leader_changes", report.leader_changes);
  field("runs", report.runs);
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    field(name(static_cast<Fault>(i)), report.faults[i]);
  }
}

}  // namespace

std::string to_line(const WorldReport& report) {
  std::string line;
  std::uint64_t violations = report.violations.size();
  for_each_number(report, violations, [&](const char* name, const std::uint64_t& number) {
    line += fmt::format("{}{}={}", line.empty() ? "" : " ", name, number);
  });
  return line;
}

std::optional<WorldReport> parse_line(std::string_view line) {
  WorldReport report;
  std::uint64_t violations = 0;
  bool ok = true;
  for_each_number(report, violations, [&](std::string_view name, std::uint64_t& number) {
    if (!line.starts_with(name) || line.substr(name.size(), 1) != "=") ok = false;
    if (!ok) return;
    line.remove_prefix(name.size() + 1);
    const char* end = line.data() + line.size();
    const auto [rest, error] = std::from_chars(line.data(), end, number);
    if (error != std::errc{}) ok = false;
    line.remove_prefix(static_cast<std::size_t>(rest - line.data()));
    if (line.starts_with(' ')) line.remove_prefix(1);
  });
  if (!ok || !line.empty()) return std::nullopt;
  report.violations.resize(violations);
  return report;
}

void check_effort(WorldReport& report) {
  const auto expect = [&](const char* what, std::uint64_t is, std::uint64_t least) {
    if (is >= least) return;
    report.violations.push_back(fmt::format("Only {} {}, not {}.", is, what, least));
  };
  if (!report.violations.empty()) return;
  expect("virtual milliseconds", report.virtual_ms, virtual_ms_min);
  expect("answered commands", report.answered, answered_min);
  expect("faults", sum(report.faults), faults_min);
}

void Totals::add(const WorldReport& report) {
  seeds += 1;
  violations += report.violations.size();
  virtual_ms += report.virtual_ms;
  events += report.events;
  event_hash ^= mix64(report.event_hash ^ report.seed);
  answered += report.answered;
  given_up += report.given_up;
  leader_changes += report.leader_changes;
  twice += report.runs > 1 ? 1 : 0;
  for (std::size_t i = 0; i < fault_kinds; ++i) faults[i] += report.faults[i];
}

std::uint64_t Totals::faults_sum() const { return sum(faults); }

std::string Totals::to_json() const {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  const auto number = [&](const char* name, std::uint64_t value) {
    json.key(name);
    json.number(value);
  };
  number("seeds", seeds);
  number("violations", violations);
  number("faults", faults_sum());
  number("virtual_seconds", virtual_ms / 1000);
  number("events", events);
  number("acked", answered);
  number("given_up", given_up);
  number("leader_changes", leader_changes);
  number("seeds_run_twice", twice);
  json.field("event_hash", fmt::format("{:016x}", event_hash));
  json.key("faults_by_kind");
  json.begin_object();
  for (std::size_t i = 0; i < fault_kinds; ++i) number(name(static_cast<Fault>(i)), faults[i]);
  json.end_object();
  json.end_object();
  return out;
}

std::string Totals::to_text() const {
  std::string text = fmt::format(
      "{} seeds, {} violations\n{} virtual seconds, {} events (hash {:016x}), {} seeds run twice\n"
      "{} commands acknowledged, {} given up, {} leader changes\n{} faults:",
      seeds, violations, virtual_ms / 1000, events, event_hash, twice, answered, given_up,
      leader_changes, faults_sum());
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    text += fmt::format(" {} {}", name(static_cast<Fault>(i)), faults[i]);
  }
  return text;
}

}  // namespace oki::sim
