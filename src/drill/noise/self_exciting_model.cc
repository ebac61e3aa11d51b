// Held out. Arrivals that bring arrivals (a Hawkes process of branching ratio 0.85, A. Hawkes,
// Biometrika 58, 1971) with heavy-tailed shocks; errors that drift for hours and come in
// Pareto-sized clumps; leader changes with a pause and the rush after it; probers that flake in
// stretches; answers, disks and customers with heavy tails. No curve of the day at all.
#include <algorithm>

#include "drill/noise/blips.h"
#include "drill/noise/model.h"

namespace oki::drill::noise {
namespace {

constexpr std::int64_t hour_ticks = 36'000;
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t decay_ticks = 64;  // An arrival's children come within some 6 s.

class SelfExcitingModel final : public Model {
 public:
  SelfExcitingModel(std::uint64_t seed, std::int64_t start_s)
      : shapes_(seed),
        tick_(start_s * ticks_a_second),
        shock_(1'200, shapes_),
        blip_(8 * hour_ticks, shapes_),
        clump_(hour_ticks, shapes_),
        flaking_(6 * hour_ticks, shapes_),
        pause_(hour_s / 2, shapes_),
        slow_disk_(hour_s / 3, shapes_),
        lag_(2 * hour_s, shapes_),
        news_(12 * hour_s, shapes_) {}

  void step(Conditions& c) override {
    if (tick_ % ticks_a_second == 0) step_second(c);
    ++tick_;
    step_arrivals(c);
    step_failures(c);
  }

 private:
  void step_second(Conditions& c) {
    base_milli_ = 9'000 * power_of_two(level_.step(shapes_)) / one;
    share_ = std::clamp<std::int64_t>(700 + split_.step(shapes_), 400, 900);
    error_ppb_ = 40'000 * power_of_two(error_drift_.step(shapes_)) / one;
    const bool pauses = pause_.step(shapes_, [this](std::int64_t& length, std::int64_t& edge) {
      length = shapes_.between(1, 2);
      edge = shapes_.between(0, edges - 1);
    });
    for (std::size_t i = 0; i < edges; ++i) {
      const bool hit = pauses && pause_.strength() == static_cast<std::int64_t>(i);
      const std::int64_t usual = shapes_.pareto(5'000, 60'000, 250);
      c.edge[i].latency_us = hit ? usual * 16 : usual;
    }
    step_hosts(c);
    step_customers(c);
  }

  void step_arrivals(Conditions& c) {
    const bool shocked = shock_.step(shapes_, [this](std::int64_t& length, std::int64_t& size) {
      length = 1;
      size = shapes_.pareto(1, 60, 700);
    });
    if (shocked) excited_milli_ += base_milli_ * shock_.strength();
    const bool blips = blip_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = std::min<std::int64_t>(shapes_.pareto(1, blip_ticks_max, 800), blip_ticks_max);
      strength = shapes_.between(blip_error_ppm_min, blip_error_ppm_max);
    });
    const std::int64_t mean = base_milli_ + excited_milli_;
    const std::uint32_t all = shapes_.poisson(blips ? mean / 5 : mean);
    // What had to wait comes at once when the new leader is there.
    if (blips) waiting_ += mean * 4 / 5;
    const std::int64_t rush = blips ? 0 : waiting_ / 2;
    waiting_ -= rush;
    excited_milli_ += std::int64_t{all} * 850 / decay_ticks - excited_milli_ / decay_ticks;
    excited_milli_ = std::min(excited_milli_, base_milli_ * 100);
    const auto total = all + static_cast<std::uint32_t>(rush / 1000);
    c.edge[0].requests = static_cast<std::uint32_t>(total * share_ / 1000);
    c.edge[1].requests = total - c.edge[0].requests;
  }

  void step_failures(Conditions& c) {
    const bool clumps = clump_.step(shapes_, [this](std::int64_t& length, std::int64_t& size) {
      length = 1;
      size = shapes_.pareto(2, 25, 830);
    });
    const auto unlucky = static_cast<std::size_t>(shapes_.between(0, edges - 1));
    for (std::size_t i = 0; i < edges; ++i) {
      c.edge[i].error_ppb = blip_.on() ? blip_.strength() * 1000 : error_ppb_;
      c.edge[i].clumped_errors =
          clumps && i == unlucky ? static_cast<std::uint32_t>(clump_.strength()) : 0;
    }
    const bool flakes = flaking_.step(shapes_, [this](std::int64_t& length, std::int64_t& prober) {
      length = shapes_.between(100, 300);
      prober = shapes_.between(0, probers - 1);
    });
    for (std::size_t i = 0; i < probers; ++i) {
      const bool hit = flakes && flaking_.strength() == static_cast<std::int64_t>(i);
      c.probe_failure_ppm[i] = blip_.on() ? blip_.strength() : hit ? 50'000 : 100;
    }
  }

  void step_hosts(Conditions& c) {
    const bool slow = slow_disk_.step(shapes_, [this](std::int64_t& length, std::int64_t& node) {
      length = std::min<std::int64_t>(shapes_.pareto(1, 4, 700), 4);
      node = shapes_.between(0, nodes - 1);
    });
    const bool lags = lag_.step(shapes_, [this](std::int64_t& length, std::int64_t& node) {
      length = shapes_.between(1, 3);
      node = shapes_.between(0, nodes - 1);
    });
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto at = static_cast<std::int64_t>(i);
      NodeConditions& node = c.node[i];
      const std::int64_t busy = (base_milli_ + excited_milli_) * 2 + shapes_.between(0, 100'000);
      node.cpu_ppm = std::min<std::int64_t>(busy, 1'000'000);
      // A cache that fills for half a day and is emptied.
      node.memory_ppm = 450'000 + tick_ % (12 * hour_ticks) * 450'000 / (12 * hour_ticks);
      node.fsync_us = shapes_.pareto(1'200, 80'000, 400);
      if (slow && slow_disk_.strength() == at) node.fsync_us = shapes_.between(90'000, 400'000);
      node.lag_ms =
          lags && lag_.strength() == at ? shapes_.between(500, 2'500) : shapes_.pareto(5, 400, 500);
    }
  }

  void step_customers(Conditions& c) {
    news_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = 2 * hour_s;
      strength = shapes_.between(5, 15);
    });
    // Falls by half every twenty minutes.
    const std::int64_t fading =
        news_.on() ? news_.strength() * power_of_two(-news_.age() * one / 1'200) : 0;
    c.inquiries_per_hour = 500 + 500 * fading / one;
    c.inquiry_failure_ppm = 30'000 * power_of_two(share_drift_.step(shapes_)) / one;
  }

  Shapes shapes_;
  std::int64_t tick_;
  Drift level_{one * 6 / 10, 3 * hour_s};
  Drift split_{60, hour_s};
  Drift error_drift_{one * 8 / 10, 2 * hour_s};
  Drift share_drift_{one * 5 / 10, hour_s};
  Episode shock_, blip_, clump_, flaking_;  // In ticks.
  Episode pause_, slow_disk_, lag_, news_;  // In seconds.
  std::int64_t base_milli_ = 9'000;
  std::int64_t excited_milli_ = 0;
  std::int64_t waiting_ = 0;
  std::int64_t share_ = 700;
  std::int64_t error_ppb_ = 0;
};

}  // namespace

std::unique_ptr<Model> self_exciting_model(std::uint64_t seed, std::int64_t start_s) {
  return std::make_unique<SelfExcitingModel>(seed, start_s);
}

}  // namespace oki::drill::noise
