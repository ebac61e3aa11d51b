#include "response/gate.h"

#include <algorithm>

#include "response/signals.h"

namespace oki::response {
namespace {

struct RunCount {
  std::uint64_t trades = 0;
  std::uint32_t probers = 0;  // With `each` trades at least.
  std::uint32_t fresh = 0;    // Of these.
};

RunCount count(const TradeRun& run, std::uint32_t each, std::uint32_t fresh_ms, WallTimeMs now) {
  RunCount sum;
  for (const auto& [speaker, prober] : run.probers) {
    sum.trades += prober.trades;
    if (prober.trades < each) continue;
    ++sum.probers;
    if (later(prober.last, fresh_ms) >= now) ++sum.fresh;
  }
  return sum;
}

// Somebody says so now and has for long enough, and nobody's last word is that it is not.
bool is_fine(const State& state, CheckKind kind, WallTimeMs now) {
  const Rules& rules = state.house.rules;
  bool fine = false;
  for (auto at = state.checks.lower_bound({kind, ""});
       at != state.checks.end() && at->first.kind == kind; ++at) {
    const CheckState& check = at->second;
    if (!check.fine) return false;
    fine = fine || (later(check.at, rules.check_fresh_ms) >= now &&
                    later(check.fine_since, rules.gate_span_ms) <= now);
  }
  return fine;
}

}  // namespace

void count_trades(Turn& turn, Incident& incident, const Prove& proof) {
  if (proof.failed > 0) {
    incident.run = {};
    incident.disturbed = std::max(incident.disturbed, turn.now);
    return;
  }
  if (proof.succeeded == 0 || proof.from < incident.disturbed) return;
  const std::int64_t fresh = turn.state.house.rules.gate_fresh_ms;
  TradeRun& run = incident.run;
  if (!run.probers.empty() && proof.from.value - run.last.value > fresh) run = {};
  if (run.probers.empty()) run.since = run.last = proof.from;
  if (!run.probers.contains(proof.speaker) && run.probers.size() >= probers_max) return;
  run.since = std::min(run.since, proof.from);
  run.last = std::max(run.last, proof.to);
  ProberCount& prober = run.probers[proof.speaker];
  prober.trades = std::min(prober.trades + proof.succeeded, 1'000'000u);
  prober.last = std::max(prober.last, proof.to);
}

std::uint16_t gate_shut(const State& state, IncidentId id, WallTimeMs now) {
  const Rules& rules = state.house.rules;
  const TradeRun& run = state.incidents.at(id).run;
  const RunCount sum = count(run, rules.gate_trades_each, rules.gate_fresh_ms, now);
  const bool blocked = std::ranges::any_of(state.signals, [id](const auto& row) {
    return row.second.incident == id && is_blocking(row.second);
  });
  unsigned shut = 0;
  if (blocked) shut |= gate::signals;
  if (sum.trades < rules.gate_trades) shut |= gate::few_trades;
  if (sum.probers < 2) shut |= gate::one_prober;
  if (run.last.value - run.since.value < rules.gate_span_ms) shut |= gate::too_short;
  if (sum.fresh < 2) shut |= gate::stale_trades;
  for (std::uint8_t i = 0; i < check_kinds; ++i) {
    const unsigned bit = static_cast<unsigned>(gate::ledger) << i;
    if (!is_fine(state, static_cast<CheckKind>(i), now)) shut |= bit;
  }
  return static_cast<std::uint16_t>(shut);
}

bool is_recovering(const State& state, const Incident& incident, WallTimeMs now) {
  const Rules& rules = state.house.rules;
  const RunCount sum = count(incident.run, 1, rules.gate_fresh_ms, now);
  return sum.trades >= rules.monitoring_trades && sum.fresh >= 2;
}

}  // namespace oki::response
