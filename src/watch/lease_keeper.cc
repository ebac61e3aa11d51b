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
      turned_away_(options_.edges),
      proven_(checks()) {
  ASSERT(options_.edges > 0);
  for (ProberState& prober : probers_) prober.checks.resize(checks());
}

void LeaseKeeper::on_probe(std::size_t prober, const ProbeResult& result) {
  ASSERT(prober < probers_.size() && result.check < checks());
  ProberState& state = probers_[prober];
  state.unreached_in_row = result.reached ? 0 : state.unreached_in_row + 1;
  count_tries(prober / probers_per_edge, result);
  if (result.ok) {
    on_success(state, result);
  } else {
    on_failure(state, result);
  }
}

void LeaseKeeper::count_tries(std::size_t edge, const ProbeResult& result) {
  const bool did = turned_away_[edge].most();
  const bool does = turned_away_[edge].add(result.reads, result.orders, clock_.mono_now());
  if (green_ && does && !did) first_failure_ = result.started_wall;
}

bool LeaseKeeper::turns_away() const {
  return std::ranges::any_of(turned_away_, &TurnedAway::most);
}

void LeaseKeeper::on_success(ProberState& prober, const ProbeResult& result) {
  prober.failures_in_row = 0;
  prober.transport_failures_in_row = 0;
  ++prober.successes_in_row;
  Check& check = prober.checks[result.check];
  check.failures_in_row = 0;
  ++check.successes_in_row;
  if (check.successes_in_row >= check_successes) check.failing = false;
  proven_[result.check] = result.started;
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
  if (green_ && check.failing) first_failure_ = prober.failing_since;
}

void LeaseKeeper::on_ledger(bool explained) {
  if (ledger_explained_ && !explained && green_) first_failure_ = clock_.wall_now();
  ledger_explained_ = explained;
}

bool LeaseKeeper::fails(std::size_t edge, std::size_t check) const {
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
                                    ? part_state(failing_edges(check), options_.edges)
                                    : notify::State::major_outage;
    rows.push_back({{notify::ComponentKind::market, options_.markets[check]}, state, {}});
  }
  for (std::size_t edge = 0; edge < options_.edges; ++edge) {
    const notify::State turned =
        turned_away_[edge].most() ? notify::State::partial_outage : notify::State::operational;
    rows.push_back({{notify::ComponentKind::edge, std::to_string(edge + 1)},
                    notify::worse(part_state(failing_checks(edge), checks()), turned),
                    {}});
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
  return notify::worse(part_state(failing, options_.edges * checks()), turned);
}

bool LeaseKeeper::is_settled() const {
  return std::all_of(probers_.begin(), probers_.end(), [](const ProberState& prober) {
    return prober.successes_in_row >= prober_successes;
  });
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
