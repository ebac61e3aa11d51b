// Held out since the two before it have been looked at, and written before it was run. A crowd of
// different traders instead of one rate: bots that quote on the beat of each second and stop for a
// while together, people whose mood drifts (a Cox process), candles that close with a burst each
// minute, liquidations that set each other off (avalanches with a power law). Edges are restarted
// one after the other each night, and their customers come back through the other one; nodes write
// snapshots every hour; collectors of garbage stop an edge for a moment; posts on social networks
// bring inquiries in clumps; leader changes; a network between watch and edges that loses its
// breath for a second.
#include <algorithm>

#include "drill/noise/blips.h"
#include "drill/noise/model.h"

namespace oki::drill::noise {
namespace {

constexpr std::int64_t hour_ticks = 36'000;
constexpr std::int64_t minute_ticks = 600;
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t restart_s = 3 * hour_s;  // Of the day: edges are restarted then.
constexpr std::int64_t restart_lasts_s = 8;

class CrowdModel final : public Model {
 public:
  CrowdModel(std::uint64_t seed, std::int64_t start_s)
      : shapes_(seed),
        tick_(start_s * ticks_a_second),
        blip_(7 * hour_ticks, shapes_),
        avalanche_(2 * minute_ticks, shapes_),
        stop_(hour_ticks / 4, shapes_),
        breath_(5 * hour_ticks, shapes_),
        bots_away_(hour_s, shapes_),
        post_(6 * hour_s, shapes_),
        busy_disk_(20 * hour_s, shapes_) {}

  void step(Conditions& c) override {
    if (tick_ % ticks_a_second == 0) step_second(c);
    ++tick_;
    step_arrivals(c);
    step_errors(c);
    step_probers(c);
  }

 private:
  void step_second(Conditions& c) {
    const std::int64_t second = tick_ / ticks_a_second;
    people_milli_ = 12'000 * power_of_two(mood_.step(shapes_)) / one * hours_milli(second) / 1000;
    const bool away = bots_away_.step(shapes_, [this](std::int64_t& length, std::int64_t& left) {
      length = shapes_.between(5, 240);
      left = shapes_.between(200, 700);
    });
    bots_milli_ = 300'000 * (away ? bots_away_.strength() : 1'000) / 1000;
    restarting_ = restarting_edge(second);
    error_ppb_ = 25'000 * power_of_two(dust_.step(shapes_)) / one;
    step_nodes(c, second);
    step_customers(c, second);
  }

  // A long day in Asia, a shorter one in Europe and America, hardly a night.
  static std::int64_t hours_milli(std::int64_t second) {
    const std::int64_t hour = second / hour_s % 24;
    if (hour < 7) return 450;
    if (hour < 9) return 800;
    return hour < 20 ? 1'300 : 1'000;
  }

  static std::int64_t restarting_edge(std::int64_t second) {
    const std::int64_t into = second % day_s - restart_s;
    if (into < 0 || into >= 120 * static_cast<std::int64_t>(edges)) return -1;
    return into % 120 < restart_lasts_s ? into / 120 : -1;
  }

  void step_arrivals(Conditions& c) {
    const std::int64_t beat = tick_ % ticks_a_second;
    const bool candle = tick_ % minute_ticks < 5;
    const bool falls = avalanche_.step(shapes_, [this](std::int64_t& length, std::int64_t& size) {
      size = shapes_.pareto(20'000, 900'000, 600);
      length = shapes_.pareto(2, 60, 700);
    });
    // Half of the bots quote in the first tick of a second, the others whenever they like.
    std::int64_t mean = people_milli_ + bots_milli_ / 20 + (beat == 1 ? bots_milli_ / 2 : 0);
    if (candle) mean += people_milli_ * 4;
    if (falls) mean += avalanche_.strength();
    if (blip_.on()) mean = mean * 4 / 10;
    const std::uint32_t all = shapes_.poisson(mean);
    const std::int64_t share = std::clamp<std::int64_t>(500 + tilt_.step(shapes_), 300, 700);
    c.edge[0].requests = static_cast<std::uint32_t>(all * share / 1000);
    c.edge[1].requests = all - c.edge[0].requests;
    if (restarting_ < 0) return;
    // Its customers reconnect elsewhere; a few are told that it goes.
    const auto gone = static_cast<std::size_t>(restarting_);
    c.edge[1 - gone].requests += c.edge[gone].requests;
    c.edge[gone].requests = 0;
  }

  void step_errors(Conditions& c) {
    const bool blips = blip_.step(shapes_, [this](std::int64_t& length, std::int64_t& strength) {
      length = shapes_.between(1, blip_ticks_max);
      strength = shapes_.between(blip_error_ppm_min, blip_error_ppm_max);
    });
    const bool stops = stop_.step(shapes_, [this](std::int64_t& length, std::int64_t& edge) {
      length = shapes_.between(1, 3);
      edge = shapes_.between(0, edges - 1);
    });
    for (std::size_t i = 0; i < edges; ++i) {
      EdgeConditions& edge = c.edge[i];
      edge.error_ppb = blips ? blip_.strength() * 1000 : error_ppb_;
      const bool hit = stops && stop_.strength() == static_cast<std::int64_t>(i);
      edge.latency_us = shapes_.pareto(3'000, 40'000, 300) * (hit ? 6 : 1);
    }
  }

  void step_probers(Conditions& c) {
    const bool gasps = breath_.step(shapes_, [this](std::int64_t& length, std::int64_t& lost) {
      length = shapes_.between(3, 10);
      lost = shapes_.between(10'000, 60'000);
    });
    for (std::size_t i = 0; i < probers; ++i) {
      const bool away = restarting_ == static_cast<std::int64_t>(i / probers_per_edge);
      c.prober_away[i] = away;  // Who restarts an edge tells its probers.
      c.probe_failure_ppm[i] = blip_.on() ? blip_.strength() : gasps ? breath_.strength() : 150;
    }
  }

  void step_nodes(Conditions& c, std::int64_t second) {
    const bool busy = busy_disk_.step(shapes_, [this](std::int64_t& length, std::int64_t& node) {
      length = shapes_.between(300, 1'200);
      node = shapes_.between(0, nodes - 1);
    });
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto at = static_cast<std::int64_t>(i);
      NodeConditions& node = c.node[i];
      const bool snapshot = (second + at * 700) % hour_s < 6;
      const bool slow = busy && busy_disk_.strength() == at;
      const std::int64_t writes = shapes_.pareto(1'000, 30'000, 350);
      node.fsync_us = writes * (slow ? 3 : 1) * (snapshot ? 2 : 1);
      node.lag_ms = snapshot ? shapes_.between(50, 1'200) : shapes_.between(0, 80);
      node.cpu_ppm = std::clamp<std::int64_t>(250'000 + shapes_.normal(60'000), 0, 900'000) +
                     (snapshot ? 90'000 : 0);
      node.memory_ppm = 600'000 + second % day_s * 200'000 / day_s;
      node.disk_used_ppm = 500'000 + second % week_s * 250'000 / week_s;
    }
  }

  // Each post brings its own clump; most who write then have nothing.
  void step_customers(Conditions& c, std::int64_t second) {
    post_.step(shapes_, [this](std::int64_t& length, std::int64_t& size) {
      length = 2 * hour_s;
      size = shapes_.pareto(2, 40, 800);
    });
    const std::int64_t fading =
        post_.on() ? post_.strength() * power_of_two(-post_.age() * one / 900) / one : 0;
    c.inquiries_per_hour = 400 * hours_milli(second) / 1000 * (1 + fading);
    c.inquiry_failure_ppm = 40'000 * power_of_two(share_.step(shapes_)) / one;
  }

  Shapes shapes_;
  std::int64_t tick_;
  Drift mood_{one * 7 / 10, 900};
  Drift tilt_{60, 600};
  Drift dust_{one * 9 / 10, 3 * hour_s};
  Drift share_{one * 4 / 10, 2 * hour_s};
  Episode blip_, avalanche_, stop_, breath_;  // In ticks.
  Episode bots_away_, post_, busy_disk_;      // In seconds.
  std::int64_t people_milli_ = 0;
  std::int64_t bots_milli_ = 0;
  std::int64_t restarting_ = -1;
  std::int64_t error_ppb_ = 0;
};

}  // namespace

std::unique_ptr<Model> crowd_model(std::uint64_t seed, std::int64_t start_s) {
  return std::make_unique<CrowdModel>(seed, start_s);
}

}  // namespace oki::drill::noise
