// Time and timers, passed in everywhere so that the simulator and the tests step them.
#pragma once

#include <cstdint>
#include <functional>

#include "base/strong.h"

namespace oki {

class Clock {
 public:
  virtual ~Clock() = default;

  // May jump in both directions when an operator sets the machine's clock.
  virtual WallTimeMs wall_now() const = 0;

  // Never goes back.
  virtual MonoTimeNs mono_now() const = 0;
};

constexpr std::int64_t ns_per_ms = 1'000'000;

constexpr MonoTimeNs operator+(MonoTimeNs time, std::int64_t ns) { return {time.value + ns}; }
constexpr std::int64_t operator-(MonoTimeNs a, MonoTimeNs b) { return a.value - b.value; }

using TimerId = Strong<struct TimerIdTag, std::uint64_t>;  // 0 names no timer.

// One-shot timers that fire on the loop that owns them, in order of their time.
class Timers {
 public:
  virtual ~Timers() = default;
  virtual TimerId after_ms(std::int64_t delay_ms, std::function<void()> action) = 0;

  // Without effect when the timer has fired or never was.
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace oki
