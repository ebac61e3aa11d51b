#include <ctime>

#include "base/assert.h"
#include "host/loop.h"

namespace oki::host {
namespace {

std::int64_t read_ns(clockid_t which) {
  timespec now{};
  ASSERT(clock_gettime(which, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

WallTimeMs RealClock::wall_now() const { return {read_ns(CLOCK_REALTIME) / ns_per_ms}; }

MonoTimeNs RealClock::mono_now() const { return {read_ns(CLOCK_MONOTONIC)}; }

}  // namespace oki::host
