// Decides whether the exchange may be called green, from the results of the probers.
//
// The rules and their numbers:
// 1. A check (one market through one prober) fails when it failed twice in a row, the second try
//    begun after the first had failed. That ends green at once.
// 2. Two transport failures in a row by a prober, in whatever markets, fail all its checks.
// 3. A failing check is healed by check_successes (2) successes in a row.
// 4. Green needs every check unfailing and, for each market, a success by somebody within
//    proof_age_ms_max (2 s); the lease never outlives the oldest such success by more than that.
// 5. Green comes back only when every prober has prober_successes (4) successes in a row.
// 6. Balances of the house that their trades do not explain end green at once; only balances that
//    are explained again bring it back.
// 7. An edge that turns most first tries away (turned_away.h) is a partial outage, also when every
//    test trade succeeds in the end.
// 8. A drained edge (drain_watch.h) counts nowhere, neither as failing nor as a proof, as long as
//    another one is not drained: green then rests on those others alone, by all rules above. Its
//    own row says degraded. When it is back it begins anew: it counts at once, and its row says
//    degraded until both of its probers have prober_successes in a row.
// One dead edge of several is a partial outage; a major one needs every check on every edge to
// fail, or the ledger. Nodes that are down are shown and change no colour: trading proves itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "notify/lease.h"
#include "watch/prober.h"
#include "watch/turned_away.h"

namespace oki::watch {

constexpr unsigned check_failures = 2;
constexpr unsigned check_successes = 2;
constexpr unsigned prober_successes = 4;
constexpr std::int64_t proof_age_ms_max = 2000;
constexpr std::size_t probers_per_edge = 2;

struct Judgement {
  notify::State overall = notify::State::major_outage;
  notify::Reason reason = notify::Reason::no_proof;
  std::vector<notify::LeaseRow> rows;  // Of markets, edges and the ledger; `since` unset.
  std::int64_t valid_ms = 0;           // How long a lease on this may last.
  WallTimeMs first_failure;            // When the try that began the failing was begun; or 0.
};

class LeaseKeeper {
 public:
  struct Options {
    std::size_t edges = 1;
    std::vector<std::string> markets;  // The cross is the check after the last one.
  };

  // REQUIRES: `clock` outlives the keeper.
  LeaseKeeper(const Clock& clock, Options options);

  // REQUIRES: `prober` < edges * probers_per_edge; prober p tests edge p / probers_per_edge.
  void on_probe(std::size_t prober, const ProbeResult& result);
  void on_ledger(bool explained);
  // The edge is being taken out, or is back.
  void on_drained(std::size_t edge, bool drained);

  Judgement judge();

  // Whether any prober of the edge was lately answered at all: its process is up.
  bool edge_reached(std::size_t edge) const;

 private:
  struct Check {
    unsigned failures_in_row = 0;
    unsigned successes_in_row = 0;
    bool failing = false;
  };
  struct ProberState {
    std::vector<Check> checks;
    unsigned failures_in_row = 0;
    unsigned successes_in_row = 0;
    unsigned transport_failures_in_row = 0;
    unsigned unreached_in_row = 0;
    WallTimeMs failing_since;  // Start of the first of the failures in a row.
  };

  void on_success(ProberState& prober, const ProbeResult& result);
  void on_failure(ProberState& prober, const ProbeResult& result);
  struct EdgeState {
    TurnedAway turned_away;
    bool drained = false;
    bool comes_back = false;  // It was drained and has not proven itself since.
  };

  void count_tries(std::size_t edge, const ProbeResult& result);
  std::size_t checks() const { return options_.markets.size() + 1; }
  bool excused(std::size_t edge) const;
  bool is_proven(std::size_t edge) const;
  std::size_t counted_edges() const;
  bool turns_away() const;
  notify::State edge_state(std::size_t edge) const;
  bool fails(std::size_t edge, std::size_t check) const;
  std::size_t failing_edges(std::size_t check) const;
  std::size_t failing_checks(std::size_t edge) const;
  std::vector<notify::LeaseRow> rows() const;
  notify::State trading_state() const;
  bool is_settled() const;
  std::int64_t proof_left_ms(std::size_t check) const;
  std::int64_t proof_left_ms() const;  // Of the check with the oldest proof.

  const Clock& clock_;
  Options options_;
  std::vector<ProberState> probers_;
  std::vector<EdgeState> edges_;
  std::vector<std::optional<MonoTimeNs>> proven_;  // By check: start of the last success.
  bool ledger_explained_ = true;
  bool green_ = false;
  WallTimeMs first_failure_;
};

}  // namespace oki::watch
