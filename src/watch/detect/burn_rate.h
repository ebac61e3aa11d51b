// How fast an objective's error budget is spent, over two windows at once.
//
// The multiwindow, multi-burn-rate alert of the SRE Workbook (chapter 5): it fires while the budget
// burns at `times` the sustainable rate over both the long and the short window. The short one, a
// twelfth, would end it only minutes to hours after the trouble; so it must besides be burning now,
// by a test of its own (error_cusum.h) that tells that rate from a quarter of it. It is slow by
// design (50 s for a full outage of a 99.9 %
// objective, measured) and stands beside the sequential detectors for what is small and long.
//
// Memory is bounded: counts are kept in three rings, of 30 s, 5 min and 1 h, whatever the windows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "watch/detect/error_cusum.h"
#include "watch/detect/level.h"

namespace oki::watch::detect {

constexpr std::size_t burn_alerts_max = 8;
constexpr std::int64_t burn_window_s_max = 3 * 86'400;
constexpr std::int64_t burn_window_s_min = 300;

struct BurnAlert {
  std::int64_t times_milli = 14'400;  // Thousandths: 14.4 times the sustainable rate.
  std::int64_t long_s = 3'600;
  std::int64_t short_s = 300;
};

struct Slo {
  std::string name;
  std::string service;
  std::string series;  // What is counted: the name of a series of ours.
  std::int64_t target_ppm = 999'000;
  std::vector<BurnAlert> alerts;
};

// The three of the workbook: 14.4 times over 1 h, 6 times over 6 h, once over 3 d.
std::vector<BurnAlert> usual_burn_alerts();

class BurnRate {
 public:
  // REQUIRES: at most burn_alerts_max alerts, windows within the limits above.
  explicit BurnRate(Slo slo);

  // Counts since the last call; true while burning. The windows are looked at when a slot of 30 s
  // is complete, whether it burns now at each call.
  bool add(std::uint32_t requests, std::uint32_t errors, MonoMs now);

  bool bad() const { return bad_; }
  MonoMs began() const { return began_; }
  // When it ceased to burn. REQUIRES: it has burnt, and does not.
  MonoMs good_since() const { return good_since_; }
  const Slo& slo() const { return slo_; }

 private:
  struct Slot {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
  };
  static constexpr std::int64_t fine_s = 30;
  static constexpr std::int64_t middle_s = 300;
  static constexpr std::int64_t coarse_s = 3'600;

  void close_slot();
  void pass_slots(MonoMs now);
  Slot sum(std::int64_t window_s) const;
  bool burns(const BurnAlert& alert) const;
  bool burns_over(std::int64_t window_s, std::int64_t times_milli) const;

  Slo slo_;
  std::vector<ErrorCusum> burning_now_;   // One for each alert.
  std::vector<bool> burnt_over_windows_;  // As of the last complete slot.
  Slot open_;
  MonoMs slot_start_ = 0;
  MonoMs added_ = 0;
  bool started_ = false;
  std::uint64_t slots_ = 0;  // Closed so far.
  Slot middle_open_, coarse_open_;
  std::array<Slot, 3'600 / fine_s> fine_{};
  std::array<Slot, 21'600 / middle_s> middle_{};
  std::array<Slot, burn_window_s_max / coarse_s> coarse_{};
  bool bad_ = false;
  MonoMs began_ = 0;
  MonoMs good_since_ = 0;
};

}  // namespace oki::watch::detect
