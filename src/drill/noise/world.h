// An exchange of two edges, four markets and three nodes as its watches sample it: the conditions
// of a model, with a fault on top when one is injected, turned into samples for the detectors.
//
// One watch samples everything. Of the two others only the small reads are sampled: what those find
// is no proof, and is told when a second watch finds it. What both probers of an edge meet, the
// reads of all three watches meet, at the same moment; what one prober meets alone is the trouble
// of one watch: of the first prober of the first watch, of the second prober of the second one.
//
// Test trades run as in watch/prober.h: four probers, a check each 200 ms each, 400 ms to fail by
// timeout, a first failure repeated at once but not before 250 ms after its start. Error and order
// counts come each 100 ms, everything else each second. Time is virtual; a tick is 100 ms.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "drill/noise/desk.h"
#include "drill/noise/faults.h"
#include "drill/noise/model.h"
#include "drill/noise/shapes.h"
#include "watch/detect/detectors.h"

namespace oki::drill::noise {

class World {
 public:
  // The settings are the detectors'. REQUIRES: a model.
  World(std::unique_ptr<Model> model, const watch::detect::Settings& settings, std::uint64_t seed);

  // Runs 100 ms.
  void tick();

  // From `at_ms` on, which lies in the future.
  void inject(FaultKind kind, watch::detect::MonoMs at_ms);

  watch::detect::MonoMs now_ms() const { return now_; }

  // What the watches have to say, under keys that begin with their names.
  std::vector<response::Signal> take_signals();

  WallTimeMs wall() const { return moment(now_).wall; }

  // What was known at the end of a second, once for each.
  Second take_second();

  // The monotonic time at which a signal of this instant was seen.
  watch::detect::MonoMs seen_ms(const response::Signal& signal) const {
    return signal.seen.value - wall_begin_ms - conditions_.wall_step_ms;
  }

  // How often one prober alone failed twice in a row: what a rule of one prober would have said.
  std::uint64_t single_prober_alarms() const { return single_prober_alarms_; }

 private:
  struct Test {
    watch::detect::MonoMs at = 0;  // Of its start, or of its end when it runs.
    watch::detect::MonoMs started = 0;
    watch::detect::MonoMs next_slot = 0;
    bool runs = false;
    std::size_t check = 0;
    std::size_t next_check = 0;
    watch::detect::Outcome outcome = watch::detect::Outcome::ok;
    std::array<std::uint8_t, checks> failures{};  // In a row.
  };

  struct Line {
    std::int64_t failure_ppm = 0;  // Of test trades.
    bool away = false;
  };

  watch::detect::Moment moment(watch::detect::MonoMs at) const {
    return {at, WallTimeMs{wall_begin_ms + at + conditions_.wall_step_ms}};
  }
  static constexpr std::int64_t wall_begin_ms = 1'700'000'000'000;
  static constexpr std::int64_t trades_quiet_ms = 10'000;  // As in watch/feed.h.

  void watch_everything();
  bool active(watch::detect::MonoMs at) const { return fault_ && at >= fault_at_; }
  void distort(EdgeConditions& edge, std::size_t index) const;
  void sample_requests();
  void sample_updates(std::size_t index, const EdgeConditions& edge);
  void sample_pulses();
  void sample_pulse(std::size_t watch, std::size_t edge);
  Line line_of(std::size_t watch, std::size_t edge) const;
  bool errors_fire() const;
  std::int64_t pulse_fault_ppb(std::size_t edge, std::int64_t usual_ppb) const;
  void run_probers();
  void begin_test(std::size_t prober, Test& test);
  void end_test(std::size_t prober, Test& test);
  void fail_by_fault(std::size_t prober, Test& test, std::int64_t& lasts);
  void sample_hosts();
  void sample_customers();
  void check_ledger();

  std::unique_ptr<Model> model_;
  Shapes shapes_, update_shapes_;
  Conditions conditions_;
  std::array<std::unique_ptr<watch::detect::Detectors>, watches> of_watch_;
  watch::detect::Detectors* detectors_ = nullptr;  // Of the first watch.
  watch::detect::MonoMs now_ = 0;
  std::optional<FaultKind> fault_;
  watch::detect::MonoMs fault_at_ = 0;
  std::array<Hazard, edges> error_hazard_, update_hazard_;
  std::array<std::array<Hazard, edges>, watches> pulse_hazard_;
  std::array<std::uint32_t, edges> held_requests_{}, held_errors_{};  // Of lost samples.
  std::array<std::uint32_t, edges> held_updates_{}, held_update_errors_{};
  std::uint32_t second_requests_ = 0, second_errors_ = 0;
  std::array<std::uint32_t, edges> second_edge_{};
  std::array<Test, probers> tests_;
  std::array<std::size_t, edges> error_series_{}, update_series_{}, latency_series_{};
  std::array<std::array<std::size_t, edges>, watches> pulse_series_{};
  std::size_t all_errors_ = 0, rate_series_ = 0, slo_ = 0;
  std::array<std::size_t, nodes> cpu_{}, memory_{}, disk_{}, fsync_{}, lag_{};
  std::uint64_t single_prober_alarms_ = 0;
  std::array<Trades, probers> trades_{};  // Of this second.
  watch::detect::MonoMs trade_failed_ = -trades_quiet_ms;
  bool ledger_fine_ = true;
  std::int64_t ledger_phase_ms_ = 0;
};

}  // namespace oki::drill::noise
