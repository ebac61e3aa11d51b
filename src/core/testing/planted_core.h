// A core with a fault on purpose, to prove that the oracle finds one and shrinks to it. Only tests
// and tools put it beside a sound one.
//
// The fault needs a history: an order that has traded in part and is then cancelled by its owner.
// It shows as a wrong last byte of the events (`difference`), or ends or hangs the process.
#pragma once

#include <cstdlib>

#include "base/assert.h"
#include "core/core.h"
#include "core/events.h"

namespace oki::core {

enum class CoreFault : std::uint8_t { difference, crash, hang };

template <typename T, CoreFault fault>
class PlantedCore {
 public:
  explicit PlantedCore(const CoreLimits& limits) : core_(limits) {}

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
    const std::size_t before = events.size();
    core_.apply(time, command, reply, events);
    ByteView left = ByteView(events).substr(before);
    while (const auto event = take_event(left)) {
      const auto* order = std::get_if<OrderChanged>(&*event);
      if (order == nullptr || order->status != OrderStatus::canceled_partially_filled) continue;
      ASSERT(fault != CoreFault::crash);
      while (fault == CoreFault::hang) turns_ = turns_ + 1;
      events.back() = static_cast<char>(events.back() ^ 1);
      return;
    }
  }

  Bytes snapshot() const { return core_.snapshot(); }
  static Result<PlantedCore> restore(ByteView snapshot, const CoreLimits& limits) {
    auto restored = T::restore(snapshot, limits);
    if (!restored) return tl::unexpected(restored.error());
    PlantedCore core(limits);
    core.core_ = std::move(*restored);
    return core;
  }
  void verify() const { core_.verify(); }
  const T& sound() const { return core_; }

 private:
  T core_;
  volatile std::uint64_t turns_ = 0;  // A loop that does something is not optimised away.
};

template <typename T, CoreFault fault>
Bytes view_of(const PlantedCore<T, fault>& core) {
  return view_of(core.sound());
}

}  // namespace oki::core
