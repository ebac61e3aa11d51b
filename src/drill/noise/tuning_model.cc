// The model that the numbers of the detectors were chosen on: Poisson arrivals around 1,000 a
// second with the curve of a day, log-normal bursts, and five times as many within four minutes
// every two hours; errors at 5 in 100,000 with AR(1) drift; leader changes; flaking probers.
#include <algorithm>

#include "drill/noise/blips.h"
#include "drill/noise/model.h"

namespace oki::drill::noise {
namespace {

constexpr std::int64_t hour_ticks = 36'000;

// Thousandths of the mean, by hour.
constexpr std::array<std::int64_t, 25> day{700,  550,  450,  400,  420,  500,  650,  850,  1000,
                                           1200, 1250, 1150, 1100, 1150, 1200, 1250, 1300, 1350,
                                           1400, 1500, 1600, 1450, 1150, 900,  700};

class TuningModel final : public Model {
 public:
  TuningModel(std::uint64_t seed, std::int64_t start_s)
      : shapes_(seed),
        tick_(start_s * ticks_a_second),
        spike_(7'200, shapes_),
        blip_(6 * hour_ticks, shapes_),
        slow_disk_(7'200, shapes_),
        lag_(14'400, shapes_),
        news_(86'400, shapes_) {}

  void step(Conditions& c) override {
    if (tick_ % ticks_a_second == 0) step_second(c);
    ++tick_;
    const bool blips = blip_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = shapes_.between(1, blip_ticks_max);
      strength = shapes_.between(blip_error_ppm_min, blip_error_ppm_max);
    });
    for (EdgeConditions& edge : c.edge) {
      edge.requests = shapes_.poisson(blips ? mean_milli_ / 2 : mean_milli_);
      edge.error_ppb = blips ? blip_.strength() * 1000 : error_ppb_;
    }
    c.probe_failure_ppm.fill(blips ? blip_.strength() : 200);
  }

 private:
  void step_second(Conditions& c) {
    const std::int64_t second = tick_ / ticks_a_second;
    const std::int64_t hour = second / 3600 % 24;
    const std::int64_t into = second % 3600;
    const auto at = static_cast<std::size_t>(hour);
    const std::int64_t curve = day[at] + (day[at + 1] - day[at]) * into / 3600;
    const std::int64_t load = curve * spike_milli() / 1000;
    const std::int64_t burst = power_of_two(burst_.step(shapes_));
    mean_milli_ = 50 * load * burst / one;
    error_ppb_ = 50'000 * power_of_two(error_drift_.step(shapes_)) / one;
    for (EdgeConditions& edge : c.edge) {
      const std::int64_t jitter = power_of_two(shapes_.normal(one / 4));
      edge.latency_us = 4'000 * jitter / one * (3'000 + load) / 4'000;
    }
    step_hosts(c, load);
    const bool news = news_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = shapes_.exponential(2'400) + 600;
      strength = 10;
    });
    c.inquiries_per_hour = 720 * curve / 1000 * (news ? 10 : 1);
    c.inquiry_failure_ppm = 40'000;
  }

  // Five times within four minutes, for a while, and back within six.
  std::int64_t spike_milli() {
    spike_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = 600 + shapes_.exponential(300);
      strength = 4'000;
    });
    if (!spike_.on()) return 1'000;
    const std::int64_t up = std::min<std::int64_t>(spike_.age(), 240) * 4'000 / 240;
    const std::int64_t left = spike_.length() - spike_.age();
    const std::int64_t down = std::min<std::int64_t>(left, 360) * 4'000 / 360;
    return 1'000 + std::min(up, down);
  }

  void step_hosts(Conditions& c, std::int64_t load) {
    const bool slow = slow_disk_.step(shapes_, [this](std::int64_t& length, std::int64_t& node) {
      length = shapes_.between(1, 3);
      node = shapes_.between(0, nodes - 1);
    });
    const bool lags = lag_.step(shapes_, [this](std::int64_t& length, std::int64_t& node) {
      length = shapes_.between(1, 2);
      node = shapes_.between(0, nodes - 1);
    });
    for (std::size_t i = 0; i < nodes; ++i) {
      NodeConditions& node = c.node[i];
      const auto at = static_cast<std::int64_t>(i);
      node.cpu_ppm = std::min<std::int64_t>(150 * load, 990'000);
      node.fsync_us = 2'000 * power_of_two(shapes_.normal(one / 2)) / one;
      if (slow && slow_disk_.strength() == at) node.fsync_us *= 60;
      node.lag_ms = lags && lag_.strength() == at ? 1'500 : shapes_.between(0, 30);
    }
  }

  // Episodes below count in seconds but for the leader change.
  Shapes shapes_;
  std::int64_t tick_;
  Drift burst_{one * 4 / 10, 20};
  Drift error_drift_{one * 7 / 10, 600};
  Episode spike_, blip_, slow_disk_, lag_, news_;
  std::int64_t mean_milli_ = 0;
  std::int64_t error_ppb_ = 0;
};

}  // namespace

std::unique_ptr<Model> tuning_model(std::uint64_t seed, std::int64_t start_s) {
  return std::make_unique<TuningModel>(seed, start_s);
}

}  // namespace oki::drill::noise
