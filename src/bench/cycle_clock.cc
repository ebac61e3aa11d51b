#include "bench/cycle_clock.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace oki::bench {

CycleScale CycleScale::measure() {
  using Clock = std::chrono::steady_clock;
  constexpr auto length = std::chrono::milliseconds(20);
  CycleScale scale;
  const auto began = Clock::now();
  const std::uint64_t first = cycles();
  scale.read_cost = ~std::uint64_t{0};
  while (Clock::now() - began < length) {
    const std::uint64_t before = cycles();
    scale.read_cost = std::min(scale.read_cost, cycles() - before);
  }
  const auto took = std::chrono::nanoseconds(Clock::now() - began).count();
  scale.cycles_per_second = (cycles() - first) * 1'000'000'000 / static_cast<std::uint64_t>(took);
  return scale;
}

std::uint64_t CycleScale::picoseconds(std::uint64_t cycles) const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{cycles} * 1'000'000'000'000 / cycles_per_second);
}

InstructionCounter::InstructionCounter() {
  perf_event_attr wanted{};
  wanted.type = PERF_TYPE_HARDWARE;
  wanted.size = sizeof wanted;
  wanted.config = PERF_COUNT_HW_INSTRUCTIONS;
  wanted.exclude_kernel = 1;
  wanted.exclude_hv = 1;
  descriptor_ = static_cast<int>(syscall(SYS_perf_event_open, &wanted, 0, -1, -1, 0));
}

InstructionCounter::~InstructionCounter() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::uint64_t InstructionCounter::read() const {
  std::uint64_t value = 0;
  return ::read(descriptor_, &value, sizeof value) == sizeof value ? value : 0;
}

}  // namespace oki::bench
