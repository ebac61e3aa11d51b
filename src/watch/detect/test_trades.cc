#include "watch/detect/test_trades.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::watch::detect {

TestTrades::TestTrades(const TestTradeSettings& settings, std::size_t edges,
                       std::size_t probers_per_edge, std::size_t checks)
    : settings_(settings), probers_per_edge_(probers_per_edge) {
  ASSERT(edges > 0 && probers_per_edge > 0 && checks > 0);
  probers_.resize(edges * probers_per_edge);
  for (ProberState& prober : probers_) prober.checks.resize(checks);
  markets_.resize(checks);
  edges_.resize(edges);
}

bool TestTrades::add(std::size_t prober, std::size_t check, Outcome outcome, MonoMs started,
                     MonoMs now) {
  ASSERT(prober < probers_.size() && check < markets_.size());
  if (outcome == Outcome::ok && runs_open_ == 0 && wrongs_ == 0) return false;
  ProberState& state = probers_[prober];
  extend(state.checks[check], outcome != Outcome::ok, started, now);
  extend(state.transport, outcome == Outcome::transport, started, now);
  judge_wrong(outcome, check, started, now);
  judge_market(check, now);
  judge_edges(now);
  return true;
}

void TestTrades::forget(std::size_t prober, MonoMs now) {
  if (runs_open_ == 0) return;
  ProberState& state = probers_[prober];
  for (Run& run : state.checks) extend(run, false, now, now);
  extend(state.transport, false, now, now);
  for (std::size_t check = 0; check < checks(); ++check) judge_market(check, now);
  judge_edges(now);
}

void TestTrades::extend(Run& run, bool failed, MonoMs started, MonoMs now) {
  if (!failed) {
    if (run.failures > 0) --runs_open_;
    run.failures = 0;
    return;
  }
  if (run.failures == 0) {
    run.began = started;
    ++runs_open_;
  }
  ++run.failures;
  run.last = now;
}

bool TestTrades::counts(const Run& run, bool held, MonoMs now) const {
  return run.failures >= settings_.failures && (held || now - run.last <= settings_.fresh_ms);
}

void TestTrades::judge_market(std::size_t check, MonoMs now) {
  Verdict& verdict = markets_[check];
  std::int64_t failing = 0;
  MonoMs began = now;
  for (const ProberState& prober : probers_) {
    const Run& run = prober.checks[check];
    if (!counts(run, verdict.bad, now)) continue;
    ++failing;
    began = std::min(began, run.began);
  }
  const bool bad = failing >= settings_.probers;
  if (bad && !verdict.bad) verdict.began = began;
  verdict.bad = bad;
}

void TestTrades::judge_edges(MonoMs now) {
  std::int64_t fresh = 0;
  for (const ProberState& prober : probers_) fresh += counts(prober.transport, false, now) ? 1 : 0;
  for (std::size_t edge = 0; edge < edges_.size(); ++edge) {
    Verdict& verdict = edges_[edge];
    std::int64_t own = 0;
    MonoMs began = now;
    for (std::size_t i = 0; i < probers_per_edge_; ++i) {
      const Run& run = probers_[edge * probers_per_edge_ + i].transport;
      if (!counts(run, verdict.bad, now)) continue;
      ++own;
      began = std::min(began, run.began);
    }
    const bool bad = own > 0 && (verdict.bad || fresh >= settings_.probers);
    if (bad && !verdict.bad) verdict.began = began;
    verdict.bad = bad;
  }
}

// It is over when as many answers to that check in a row were right as all probers give in two
// rounds.
void TestTrades::judge_wrong(Outcome outcome, std::size_t check, MonoMs started, MonoMs now) {
  if (outcome != Outcome::wrong) {
    if (wrongs_ == 0 || check != wrong_check_ || outcome != Outcome::ok) return;
    if (++right_in_row_ < static_cast<std::int64_t>(2 * probers_.size())) return;
    wrongs_ = 0;
    wrong_bad_ = false;
    return;
  }
  if (wrongs_ == 0 || (!wrong_bad_ && now - wrong_first_ > settings_.wrong_window_ms)) {
    wrongs_ = 0;
    wrong_first_ = started;
  }
  ++wrongs_;
  wrong_check_ = check;
  right_in_row_ = 0;
  if (wrongs_ >= settings_.wrongs) wrong_bad_ = true;
}

std::size_t TestTrades::failing(std::size_t check) const {
  std::size_t failing = 0;
  for (const ProberState& prober : probers_) {
    if (prober.checks[check].failures >= settings_.failures) ++failing;
  }
  return failing;
}

}  // namespace oki::watch::detect
