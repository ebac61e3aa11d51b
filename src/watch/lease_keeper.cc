#include "watch/lease_keeper.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::watch {
namespace {

notify::State part_state(std::size_t failing, std::size_t all) {
  if (failing == 0) return notify::State::operational;
  return failing == all ? notify::State::major_outage : notify::State::partial_outage;
}

}  // namespace

LeaseKeeper::LeaseKeeper(const Clock& clock, Options options)
    : clock_(clock),
      options_(std::move(options)),
      probers_(options_.edges * probers_per_edge),
      edges_(options_.edges),
      proven_(checks()) {
  ASSERT(options_.edges > 0);
  for (ProberState& prober : probers_) prober.checks.resize(checks());
}

void LeaseKeeper::on_probe(std::size_t prober, const ProbeResult& result) {
  ASSERT(prober < probers_.size() && result.check < checks());
  const std::size_t edge = prober / probers_per_edge;
  ProberState& state = probers_[prober];
  state.unreached_in_row = result.reached ? 0 : state.unreached_in_row + 1;
  count_tries(edge, result);
  if (result.ok) {
    on_success(state, result);
    if (!excused(edge)) proven_[result.check] = result.started;
  } else {
    on_failure(state, result);
    const bool ends_green = state.checks[result.check].failing && !excused(edge);
    if (green_ && ends_green) first_failure_ = state.failing_since;
  }
  if (edges_[edge].comes_back && is_proven(edge)) edges_[edge].comes_back = false;
}

void LeaseKeeper::count_tries(std::size_t edge, const ProbeResult& result) {
  TurnedAway& turned_away = edges_[edge].turned_away;
  const bool did = turned_away.most();
  const bool does = turned_away.add(result.reads, result.orders, clock_.mono_now());
  if (green_ && does && !did && !excused(edge)) first_failure_ = result.started_wall;
}

void LeaseKeeper::on_drained(std::size_t edge, bool drained) {
  EdgeState& state = edges_[edge];
  if (state.drained == drained) return;
  state = {};
  state.drained = drained;
  state.comes_back = !drained;
  for (std::size_t i = 0; i < probers_per_edge; ++i) {
    ProberState& prober = probers_[edge * probers_per_edge + i];
    const unsigned unreached = prober.unreached_in_row;
    prober = {};
    prober.checks.resize(checks());
    prober.unreached_in_row = unreached;
  }
}

// When nobody else serves, nothing is excused.
bool LeaseKeeper::excused(std::size_t edge) const {
  return edges_[edge].drained && !std::ranges::all_of(edges_, &EdgeState::drained);
}

bool LeaseKeeper::is_proven(std::size_t edge) const {
  for (std::size_t i = 0; i < probers_per_edge; ++i) {
    if (probers_[edge * probers_per_edge + i].successes_in_row < prober_successes) return false;
  }
  return true;
}

std::size_t LeaseKeeper::counted_edges() const {
  std::size_t counted = 0;
  for (std::size_t edge = 0; edge < options_.edges; ++edge) counted += excused(edge) ? 0 : 1;
  return counted;
}

bool LeaseKeeper::turns_away() const {
  for (std::size_t edge = 0; edge < options_.edges; ++edge) {
    if (edges_[edge].turned_away.most() && !excused(edge)) return true;
  }
  return false;
}

notify::State LeaseKeeper::edge_state(std::size_t edge) const {
  if (excused(edge)) return notify::State::degraded_performance;
  notify::State state = part_state(failing_checks(edge), checks());
  if (edges_[edge].comes_back) state = notify::worse(state, notify::State::degraded_performance);
  const bool turns = edges_[edge].turned_away.most();
  return turns ? notify::worse(state, notify::State::partial_outage) : state;
}

void LeaseKeeper::on_success(ProberState& prober, const ProbeResult& result) {
  prober.failures_in_row = 0;
  prober.transport_failures_in_row = 0;
  ++prober.successes_in_row;
  Check& check = prober.checks[result.check];
  check.failures_in_row = 0;
  ++check.successes_in_row;
  if (check.successes_in_row >= check_successes) check.failing = false;
}

void LeaseKeeper::on_failure(ProberState& prober, const ProbeResult& result) {
  if (prober.failures_in_row == 0) prober.failing_since = result.started_wall;
  ++prober.failures_in_row;
  prober.successes_in_row = 0;
  prober.transport_failures_in_row =
      is_transport(result.reason) ? prober.transport_failures_in_row + 1 : 0;
  Check& check = prober.checks[result.check];
  ++check.failures_in_row;
  check.successes_in_row = 0;
  const bool fails_way = prober.transport_failures_in_row >= check_failures;
  if (fails_way) {
    for (Check& each : prober.checks) {
      each.failing = true;
      each.successes_in_row = 0;
    }
  }
  if (check.failures_in_row >= check_failures) check.failing = true;
}

void LeaseKeeper::on_ledger(bool explained) {
  if (ledger_explained_ && !explained && green_) first_failure_ = clock_.wall_now();
  ledger_explained_ = explained;
}

bool LeaseKeeper::fails(std::size_t edge, std::size_t check) const {
  if (excused(edge)) return false;
  for (std::size_t i = 0; i < probers_per_edge; ++i) {
    if (probers_[edge * probers_per_edge + i].checks[check].failing) return true;
  }
  return false;
}

std::size_t LeaseKeeper::failing_edges(std::size_t check) const {
  std::size_t failing = 0;
  for (std::size_t edge = 0; edge < options_.edges; ++edge) failing += fails(edge, check) ? 1 : 0;
  return failing;
}

std::size_t LeaseKeeper::failing_checks(std::size_t edge) const {
  std::size_t failing = 0;
  for (std::size_t check = 0; check < checks(); ++check) failing += fails(edge, check) ? 1 : 0;
  return failing;
}

std::vector<notify::LeaseRow> LeaseKeeper::rows() const {
  std::vector<notify::LeaseRow> rows;
  for (std::size_t check = 0; check < options_.markets.size(); ++check) {
    const notify::State state = proof_left_ms(check) > 0
                                    ? part_state(failing_edges(check), counted_edges())
                                    : notify::State::major_outage;
    rows.push_back({{notify::ComponentKind::market, options_.markets[check]}, state, {}});
  }
  for (std::size_t edge = 0; edge < options_.edges; ++edge) {
    rows.push_back({{notify::ComponentKind::edge, std::to_string(edge + 1)}, edge_state(edge), {}});
  }
  const notify::State ledger =
      ledger_explained_ ? notify::State::operational : notify::State::major_outage;
  rows.push_back({{notify::ComponentKind::ledger, "house"}, ledger, {}});
  return rows;
}

notify::State LeaseKeeper::trading_state() const {
  std::size_t failing = 0;
  for (std::size_t edge = 0; edge < options_.edges; ++edge) failing += failing_checks(edge);
  const notify::State turned =
      turns_away() ? notify::State::partial_outage : notify::State::operational;
  return notify::worse(part_state(failing, counted_edges() * checks()), turned);
}

bool LeaseKeeper::is_settled() const {
  for (std::size_t edge = 0; edge < options_.edges; ++edge) {
    if (!excused(edge) && !is_proven(edge)) return false;
  }
  return true;
}

std::int64_t LeaseKeeper::proof_left_ms(std::size_t check) const {
  if (!proven_[check]) return 0;
  const std::int64_t age_ms = (clock_.mono_now() - *proven_[check]) / ns_per_ms;
  return std::max<std::int64_t>(proof_age_ms_max - age_ms, 0);
}

std::int64_t LeaseKeeper::proof_left_ms() const {
  std::int64_t left_ms = proof_age_ms_max;
  for (std::size_t check = 0; check < checks(); ++check) {
    left_ms = std::min(left_ms, proof_left_ms(check));
  }
  return left_ms;
}

Judgement LeaseKeeper::judge() {
  Judgement judgement;
  judgement.rows = rows();
  const std::int64_t proof_ms = proof_left_ms();
  const notify::State trading = trading_state();
  if (!ledger_explained_) {
    judgement.overall = notify::State::major_outage;
    judgement.reason = notify::Reason::ledger_mismatch;
  } else if (trading != notify::State::operational) {
    judgement.overall = trading;
    judgement.reason = notify::Reason::test_trades_failing;
  } else if (proof_ms == 0 || (!green_ && !is_settled())) {
    judgement.overall = notify::State::partial_outage;
    judgement.reason = notify::Reason::no_proof;
  } else {
    judgement.overall = notify::State::operational;
    judgement.reason = notify::Reason::none;
  }
  const bool green = judgement.overall == notify::State::operational;
  if (green_ && !green && judgement.reason == notify::Reason::no_proof) {
    first_failure_ = clock_.wall_now();
  }
  green_ = green;
  judgement.valid_ms =
      green ? std::min(proof_ms, notify::lease_duration_ms_max) : notify::lease_duration_ms_max;
  judgement.first_failure = first_failure_;
  return judgement;
}

bool LeaseKeeper::edge_reached(std::size_t edge) const {
  for (std::size_t i = 0; i < probers_per_edge; ++i) {
    if (probers_[edge * probers_per_edge + i].unreached_in_row < check_failures) return true;
  }
  return false;
}

}  // namespace oki::watch
