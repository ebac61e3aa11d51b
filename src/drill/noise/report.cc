#include <fmt/format.h>

#include "base/json.h"
#include "drill/noise/campaign.h"

namespace oki::drill::noise {
namespace {

std::string found_by(const FaultResult& fault) {
  std::string all;
  for (const auto& [rule, count] : fault.found_by) {
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", rule, count);
  }
  return all;
}

std::string noise_text(const ModelResult& result) {
  const NoiseResult& noise = result.noise;
  std::string out =
      fmt::format("{}{}: {} false notices in {} h, {} incidents suspected, {} signals refused\n",
                  result.model, result.held_out ? " (held out)" : "", noise.notices, noise.hours,
                  noise.suspected, noise.refused);
  for (const auto& [rule, count] : noise.rules) {
    out += fmt::format("  {:<24} {} false, {} hints\n", rule, count.evidence, count.hints);
  }
  out += fmt::format("  one prober twice in a row: {} (no rule, for comparison)\n",
                     noise.single_prober);
  for (const std::string& notice : noise.first_notices) out += "  NOTICE " + notice + "\n";
  for (const std::string& alarm : noise.first_alarms) out += "  " + alarm + "\n";
  return out;
}

std::string faults_text(const ModelResult& result) {
  std::string out =
      fmt::format("  {:<22}{:>6}{:>8}{:>8}{:>8}{:>8}{:>8}{:>6}{:>9}{:>9}\n", "fault", "runs",
                  "missed", "p50 ms", "p99 ms", "max ms", "goal", "told", "p50 ms", "p99 ms");
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultResult& fault = result.faults[kind];
    const FaultGoal& wanted = goal(static_cast<FaultKind>(kind));
    out += fmt::format("  {:<22}{:>6}{:>8}{:>8}{:>8}{:>8}{:>8}{:>6}{:>9}{:>9} {} {}\n", wanted.name,
                       fault.runs, fault.missed, fault.p50_ms, fault.p99_ms, fault.max_ms,
                       wanted.p99_ms, fault.told, fault.told_p50_ms, fault.told_p99_ms,
                       meets(fault, wanted) ? "ok    " : "MISSED", found_by(fault));
  }
  return out;
}

void write_noise(JsonWriter& out, const NoiseResult& noise) {
  out.field("hours", noise.hours).field("false_notices", noise.notices);
  out.field("suspected_incidents", noise.suspected).field("false_alarms", noise.combined);
  out.field("signals_refused", noise.refused);
  out.field("single_prober_alarms", noise.single_prober);
  out.key("rules").begin_object();
  for (const auto& [rule, count] : noise.rules) {
    out.key(rule).begin_object();
    out.field("false_alarms", count.evidence).field("hints", count.hints).end_object();
  }
  out.end_object();
}

void write_faults(JsonWriter& out, const ModelResult& result) {
  out.key("faults").begin_object();
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultResult& fault = result.faults[kind];
    const FaultGoal& wanted = goal(static_cast<FaultKind>(kind));
    out.key(wanted.name).begin_object();
    out.field("runs", fault.runs).field("missed", fault.missed);
    out.field("disturbed", fault.disturbed).field("p50_ms", fault.p50_ms);
    out.field("p99_ms", fault.p99_ms).field("max_ms", fault.max_ms);
    out.field("goal_p99_ms", wanted.p99_ms).field("told", fault.told);
    out.field("told_p50_ms", fault.told_p50_ms).field("told_p99_ms", fault.told_p99_ms);
    out.field("told_max_ms", fault.told_max_ms).field("meets_goal", meets(fault, wanted));
    out.end_object();
  }
  out.end_object();
}

}  // namespace

std::string text(const std::vector<ModelResult>& results) {
  std::string out;
  for (const ModelResult& result : results) out += noise_text(result) + faults_text(result);
  return out;
}

std::string json(const std::vector<ModelResult>& results, std::uint64_t seed) {
  Bytes bytes;
  JsonWriter out(bytes);
  std::uint64_t goals_missed = 0;
  for (const ModelResult& result : results) goals_missed += meets(result) ? 0u : 1u;
  const FalseNotices held_out = false_notices(results);
  out.begin_object().field("seed", seed);
  out.field("noise_hours", held_out.hours).field("false_notices", held_out.notices);
  out.field("models_missing_goals", goals_missed);
  out.key("models").begin_object();
  for (const ModelResult& result : results) {
    out.key(result.model).begin_object().field("held_out", result.held_out);
    write_noise(out, result.noise);
    write_faults(out, result);
    out.end_object();
  }
  out.end_object().end_object();
  return bytes;
}

}  // namespace oki::drill::noise
