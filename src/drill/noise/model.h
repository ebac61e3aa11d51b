// What an exchange without faults looks like to its watch: the noise that must not alarm.
//
// A model says for each tick of 100 ms how many requests come, how likely they fail, how slow the
// answers are, how hosts and customers feel. World (world.h) makes samples of it and hands them to
// the detectors. There are four models, built on different principles:
//   tuning         the only one that the numbers of the detectors may be chosen on
//   self_exciting  arrivals that bring arrivals, heavy tails, slow drift
//   regimes        regimes that switch, the shape of a week, batch jobs, clock steps, packet loss,
//                  late samples, probers that restart
//   crowd          held out: bots on the beat, moods, candles, avalanches, nightly restarts
// The middle two were held out once. What they showed has been looked at when it was decided which
// signals are proofs, so they judge no more. The same will happen to `crowd` when somebody changes
// anything because of it: a new model must then take its place, or zero false notices say nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace oki::drill::noise {

constexpr std::size_t edges = 2;
constexpr std::size_t probers_per_edge = 2;
constexpr std::size_t probers = edges * probers_per_edge;
constexpr std::size_t markets = 4;
constexpr std::size_t checks = markets + 1;
constexpr std::size_t nodes = 3;
constexpr std::size_t watches = 3;
constexpr std::int64_t tick_ms = 100;
constexpr std::int64_t ticks_a_second = 10;
constexpr std::int64_t week_s = 7 * 86'400;

struct EdgeConditions {
  std::uint32_t requests = 0;
  std::int64_t error_ppb = 0;        // Chance of each request to fail, in 10^-9.
  std::uint32_t clumped_errors = 0;  // Besides, in this tick.
  std::int64_t latency_us = 4'000;   // The 90th percentile.
};

struct NodeConditions {
  std::int64_t cpu_ppm = 200'000;
  std::int64_t memory_ppm = 500'000;
  std::int64_t disk_used_ppm = 400'000;
  std::int64_t fsync_us = 2'000;
  std::int64_t lag_ms = 10;
};

struct Conditions {
  std::array<EdgeConditions, edges> edge;
  std::array<NodeConditions, nodes> node;
  std::array<std::int64_t, probers> probe_failure_ppm{};  // Chance of each test trade to fail.
  std::array<bool, probers> prober_away{};                // Restarting: says nothing.
  std::int64_t inquiries_per_hour = 0;
  std::int64_t inquiry_failure_ppm = 0;  // Of them: have a failed order, by chance.
  std::int64_t wall_step_ms = 0;         // The clock was set by so much since the start.
  bool sample_lost = false;              // Counts of this tick come with a later one.
};

class Model {
 public:
  virtual ~Model() = default;

  // Fills in the next tick. What it does not touch keeps its value from the tick before.
  virtual void step(Conditions& conditions) = 0;
};

// `start_s`: seconds since the Monday the first tick lies in. Errc::not_found for other names.
Result<std::unique_ptr<Model>> make_model(const std::string& name, std::uint64_t seed,
                                          std::int64_t start_s);

std::unique_ptr<Model> tuning_model(std::uint64_t seed, std::int64_t start_s);
std::unique_ptr<Model> self_exciting_model(std::uint64_t seed, std::int64_t start_s);
std::unique_ptr<Model> regimes_model(std::uint64_t seed, std::int64_t start_s);
std::unique_ptr<Model> crowd_model(std::uint64_t seed, std::int64_t start_s);

}  // namespace oki::drill::noise
