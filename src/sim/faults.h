// The faults of a simulated world, drawn from its seed: which kinds at all (so that some seeds have
// calm disks and others calm links), when, where and for how long.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "base/prng.h"
#include "sim/node.h"

namespace oki::sim {

class World;

#define OKI_SIM_FAULTS(X) \
  X(crash)                \
  X(power_cut)            \
  X(crash_at_event)       \
  X(partition)            \
  X(one_way_cut)          \
  X(loss)                 \
  X(delay)                \
  X(disorder)             \
  X(pause)                \
  X(full_disk)            \
  X(slow_disk)            \
  X(lost_disk)            \
  X(lost_snapshots)       \
  X(clock_jump)           \
  X(transfer)

enum class Fault : std::uint8_t {
#define X(fault) fault,
  OKI_SIM_FAULTS(X)
#undef X
      count,
};
constexpr std::size_t fault_kinds = static_cast<std::size_t>(Fault::count);

const char* name(Fault fault);

using FaultCounts = std::array<std::uint64_t, fault_kinds>;

class Faults {
 public:
  Faults(World& world, std::uint64_t seed);

  void begin();  // From now on, until stop().
  void stop();   // No more faults; everything is mended and every node comes back.
  bool stopped() const { return stopped_; }

  // Also without begin(): brings nodes back that are down, from now on.
  void watch_nodes();

  const FaultCounts& counts() const { return counts_; }

 private:
  void next();
  void inject(Fault fault);

  // False when there was nothing to do it to.
  bool try_to(Fault fault);
  bool crash();
  bool power_cut();
  bool set_traps();
  bool partition();
  bool cut_one_way();
  void weather(const LinkWeather& nodes, const LinkWeather& clients);
  bool loss();
  bool delay();
  bool disorder();
  bool pause();
  bool fill_disk();
  bool slow_disk();
  bool lose_disk();
  bool lose_snapshots();
  bool clock_jump();
  bool transfer();

  void watch();
  void restart_later(std::uint32_t seat);
  void heal_links_later(std::int64_t max_ms);
  std::uint32_t victim();  // The leader in half of the cases.
  void after_ms(std::int64_t delay_ms, std::function<void()> action);

  World& world_;
  Prng prng_;
  std::array<bool, fault_kinds> enabled_{};
  FaultCounts counts_{};
  bool stopped_ = false;
  bool watching_ = false;
  bool disk_lost_ = false;
  std::array<bool, 8> restarting_{};
  std::uint64_t link_fault_ = 0;  // Counts faults of the links: only the last one's end heals.
};

}  // namespace oki::sim
