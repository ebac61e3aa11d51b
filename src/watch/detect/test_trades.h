// What the test trades prove to be broken: a market, an edge, or an answer that cannot be true.
//
// The two-prober rule: something is broken when `probers` probers have each failed `failures` times
// in a row on it, the second time tried anew. One prober alone never alarms: it may be its own
// network. It was the fastest rule without false alarms in simulation (docs/detection.md).
//  1. A market (one check): by failures of any sort of that check, by probers of any edges.
//  2. An edge: by transport failures in whatever markets. It is named when one of its own probers
//     fails and enough others anywhere do: when everything is gone nobody waits for all four.
//  3. A wrong answer: `wrongs` of them within wrong_window_ms, by whichever probers.
// A failure counts towards an alarm only while it is no older than fresh_ms. Once there, an alarm
// stays while the failures that made it are the last word: a prober that died heals nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "watch/detect/level.h"

namespace oki::watch::detect {

struct TestTradeSettings {
  std::int64_t failures = 2;
  std::int64_t probers = 2;
  std::int64_t fresh_ms = 3'000;
  std::int64_t wrongs = 2;
  std::int64_t wrong_window_ms = 2'000;
};

enum class Outcome : std::uint8_t { ok, refused, transport, wrong };

class TestTrades {
 public:
  // Prober p tests edge p / probers_per_edge. REQUIRES: all above zero.
  TestTrades(const TestTradeSettings& settings, std::size_t edges, std::size_t probers_per_edge,
             std::size_t checks);

  // `started`: of the test, `now`: of its end. Returns whether any verdict below may have changed,
  // or somebody still has to hear that things are good.
  bool add(std::size_t prober, std::size_t check, Outcome outcome, MonoMs started, MonoMs now);

  // What the prober found so far counts no more.
  void forget(std::size_t prober, MonoMs now);

  bool market_bad(std::size_t check) const { return markets_[check].bad; }
  MonoMs market_began(std::size_t check) const { return markets_[check].began; }
  bool edge_bad(std::size_t edge) const { return edges_[edge].bad; }
  MonoMs edge_began(std::size_t edge) const { return edges_[edge].began; }
  bool wrong() const { return wrong_bad_; }
  MonoMs wrong_began() const { return wrong_first_; }

  std::size_t edges() const { return edges_.size(); }
  std::size_t checks() const { return markets_.size(); }
  std::size_t probers() const { return probers_.size(); }
  // Probers that fail this check now, fresh or not; all of them is a major outage of the market.
  std::size_t failing(std::size_t check) const;

 private:
  struct Run {
    std::int64_t failures = 0;  // In a row.
    MonoMs began = 0;           // Start of the first of them.
    MonoMs last = 0;
  };
  struct ProberState {
    std::vector<Run> checks;
    Run transport;
  };
  struct Verdict {
    bool bad = false;
    MonoMs began = 0;
  };

  void extend(Run& run, bool failed, MonoMs started, MonoMs now);
  bool counts(const Run& run, bool held, MonoMs now) const;
  void judge_market(std::size_t check, MonoMs now);
  void judge_edges(MonoMs now);
  void judge_wrong(Outcome outcome, std::size_t check, MonoMs started, MonoMs now);

  TestTradeSettings settings_;
  std::size_t probers_per_edge_;
  std::vector<ProberState> probers_;
  std::vector<Verdict> markets_;
  std::vector<Verdict> edges_;
  std::int64_t runs_open_ = 0;  // Runs of failures that no success has ended.
  std::int64_t wrongs_ = 0;
  std::int64_t right_in_row_ = 0;  // Since the last wrong answer, of the check that was wrong.
  std::size_t wrong_check_ = 0;
  MonoMs wrong_first_ = 0;
  bool wrong_bad_ = false;
};

}  // namespace oki::watch::detect
