// A clock for single operations of a few nanoseconds: the time-stamp counter between fences, which
// let nothing of the operation start before or end after. Elsewhere than on x86-64 the steady
// clock.
#pragma once

#include <chrono>
#include <cstdint>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace oki::bench {

inline std::uint64_t cycles() {
#if defined(__x86_64__)
  _mm_lfence();
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// Measured against the steady clock once, which takes some milliseconds.
struct CycleScale {
  std::uint64_t cycles_per_second = 0;
  std::uint64_t read_cost = 0;  // Cycles between two readings with nothing in between.

  static CycleScale measure();
  std::uint64_t picoseconds(std::uint64_t cycles) const;
};

// Instructions that this thread retires in user space; nothing where the machine does not count.
class InstructionCounter {
 public:
  InstructionCounter();
  ~InstructionCounter();
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;

  bool counts() const { return descriptor_ >= 0; }
  std::uint64_t read() const;

 private:
  int descriptor_;
};

}  // namespace oki::bench
