// Held out. A market that switches between four regimes within seconds to a minute (a semi-Markov
// chain), under the shape of a day and a week; batch jobs on the hour; clocks that are set; one
// percent packet loss for minutes; samples that come late in a lump; leader changes; a network
// between watch and edge that hiccups; probers that restart.
#include <algorithm>

#include "drill/noise/blips.h"
#include "drill/noise/model.h"

namespace oki::drill::noise {
namespace {

constexpr std::int64_t hour_ticks = 36'000;
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t day_s = 86'400;
constexpr std::array<std::int64_t, 4> regime_milli{300, 1'000, 2'500, 6'000};
constexpr std::array<std::int64_t, 4> regime_stay_s{2'400, 3'600, 900, 240};

class RegimesModel final : public Model {
 public:
  RegimesModel(std::uint64_t seed, std::int64_t start_s)
      : shapes_(seed),
        tick_(start_s * ticks_a_second),
        blip_(6 * hour_ticks, shapes_),
        hiccup_(6 * hour_ticks, shapes_),
        late_(hour_ticks / 2, shapes_),
        loss_(8 * hour_s, shapes_),
        clock_(12 * hour_s, shapes_),
        restart_(24 * hour_s, shapes_),
        slow_disk_(hour_s, shapes_),
        news_(24 * hour_s, shapes_) {}

  void step(Conditions& c) override {
    if (tick_ % ticks_a_second == 0) step_second(c);
    ++tick_;
    const bool blips = blip_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = shapes_.between(1, blip_ticks_max);
      strength = shapes_.between(blip_error_ppm_min, blip_error_ppm_max);
    });
    for (std::size_t i = 0; i < edges; ++i) {
      c.edge[i].requests = shapes_.poisson(blips ? mean_milli_ * 3 / 10 : mean_milli_);
      c.edge[i].error_ppb = blips ? blip_.strength() * 1000 : error_ppb_;
    }
    c.sample_lost = late_.step(
        shapes_, [this](std::int64_t& length, std::int64_t&) { length = shapes_.between(1, 8); });
    step_probers(c, blips);
  }

 private:
  void step_second(Conditions& c) {
    const std::int64_t second = tick_ / ticks_a_second % week_s;
    step_regime();
    mean_milli_ = 40 * regime_now_ * week_shape_milli(second) / 1000;
    const bool batch = second % hour_s < 90;
    const bool midnight = second % day_s < 300;
    lossy_ = loss_.step(shapes_, [this](std::int64_t& length, std::int64_t&) {
      length = shapes_.between(300, 1'200);
    });
    error_ppb_ = 30'000 + (lossy_ ? 70'000 : 0) + (midnight ? 60'000 : 0);
    for (EdgeConditions& edge : c.edge) {
      const std::int64_t jitter = power_of_two(shapes_.normal(one / 3));
      edge.latency_us = 3'000 * jitter / one * (batch ? 5 : 2) / 2 * (lossy_ ? 3 : 2) / 2;
    }
    step_clock(c);
    step_hosts(c, batch);
    step_customers(c, second);
  }

  // Moves towards the regime's rate by a part of the way each second, so that a switch takes from
  // two seconds to a minute.
  void step_regime() {
    if (--stay_s_ <= 0) {
      std::size_t next = static_cast<std::size_t>(shapes_.between(0, 3));
      if (next == regime_) next = (regime_ + 1) % regime_milli.size();
      regime_ = next;
      stay_s_ = shapes_.exponential(regime_stay_s[next]) + 10;
      switch_s_ = shapes_.between(2, 60);
    }
    regime_now_ += (regime_milli[regime_] - regime_now_) * 3 / (2 + switch_s_);
  }

  // Two humps on working days, half as much on the weekend.
  static std::int64_t week_shape_milli(std::int64_t second) {
    const std::int64_t minute = second % day_s / 60;
    const auto hump = [minute](std::int64_t centre) {
      const std::int64_t away =
          std::min(std::abs(minute - centre), 1'440 - std::abs(minute - centre));
      return std::max<std::int64_t>(0, 300 - away) * 700 / 300;
    };
    const std::int64_t weekday = 500 + hump(600) + hump(1'290);
    return second >= 5 * day_s ? weekday / 2 : weekday;
  }

  void step_probers(Conditions& c, bool blips) {
    const bool hiccups = hiccup_.step(shapes_, [this](std::int64_t& length, std::int64_t& edge) {
      length = shapes_.between(1, 3);
      edge = shapes_.between(0, edges - 1);
    });
    for (std::size_t i = 0; i < probers; ++i) {
      const bool hit =
          hiccups && hiccup_.strength() == static_cast<std::int64_t>(i / probers_per_edge);
      c.probe_failure_ppm[i] = blips ? blip_.strength() : hit ? 500'000 : lossy_ ? 3'000 : 100;
      c.prober_away[i] = restart_.on() && restart_.strength() == static_cast<std::int64_t>(i);
    }
  }

  void step_clock(Conditions& c) {
    const bool was = clock_.on();
    const bool set = clock_.step(shapes_, [this](std::int64_t& length, std::int64_t& by) {
      length = 1;
      by = shapes_.between(-2'000, 2'000);
    });
    if (set && !was) c.wall_step_ms += clock_.strength();
    restart_.step(shapes_, [this](std::int64_t& length, std::int64_t& prober) {
      length = shapes_.between(3, 10);
      prober = shapes_.between(0, probers - 1);
    });
  }

  void step_hosts(Conditions& c, bool batch) {
    const bool slow = slow_disk_.step(shapes_, [this](std::int64_t& length, std::int64_t& node) {
      length = shapes_.between(1, 4);
      node = shapes_.between(0, nodes - 1);
    });
    for (std::size_t i = 0; i < nodes; ++i) {
      NodeConditions& node = c.node[i];
      const bool hit = slow && slow_disk_.strength() == static_cast<std::int64_t>(i);
      node.cpu_ppm = std::min<std::int64_t>(80 * regime_now_ + (batch ? 400'000 : 50'000), 990'000);
      node.fsync_us = 2'500 * power_of_two(shapes_.normal(one / 3)) / one * (batch ? 5 : 1);
      if (hit) node.fsync_us = 180'000;
      node.lag_ms = hit ? shapes_.between(500, 1'900) : shapes_.between(0, 60);
    }
  }

  void step_customers(Conditions& c, std::int64_t second) {
    const bool news = news_.step(shapes_, [this](std::int64_t& length, std::int64_t& times) {
      length = shapes_.between(600, 5'400);
      times = shapes_.between(6, 12);
    });
    c.inquiries_per_hour = 600 * week_shape_milli(second) / 1000 * (news ? news_.strength() : 1);
    c.inquiry_failure_ppm = 45'000;
  }

  Shapes shapes_;
  std::int64_t tick_;
  Episode blip_, hiccup_, late_;                       // In ticks.
  Episode loss_, clock_, restart_, slow_disk_, news_;  // In seconds.
  std::size_t regime_ = 1;
  std::int64_t regime_now_ = 1'000;
  std::int64_t stay_s_ = 600;
  std::int64_t switch_s_ = 10;
  std::int64_t mean_milli_ = 0;
  std::int64_t error_ppb_ = 0;
  bool lossy_ = false;
};

}  // namespace

std::unique_ptr<Model> regimes_model(std::uint64_t seed, std::int64_t start_s) {
  return std::make_unique<RegimesModel>(seed, start_s);
}

}  // namespace oki::drill::noise
