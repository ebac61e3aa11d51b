// One look at a machine and at the own process: counters as the kernel keeps them, in its units
// turned into bytes, microseconds and milliseconds. What could not be read is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "watch/host/host_files.h"

namespace oki::watch {

constexpr std::size_t host_devices_max =
    32;  // Disks, and network devices; further ones are left out.
constexpr std::uint64_t ticks_per_second = 100;  // USER_HZ, the same on every Linux machine.

// Since the machine started, in ticks, over all processors.
struct CpuTimes {
  std::uint64_t user = 0;    // With nice.
  std::uint64_t system = 0;  // With interrupts.
  std::uint64_t idle = 0;
  std::uint64_t iowait = 0;
  std::uint64_t steal = 0;  // Taken by the machine underneath.

  std::uint64_t total() const { return user + system + idle + iowait + steal; }
};

struct MemoryReading {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;  // Without pushing anything to swap.
  std::uint64_t swap_used_bytes = 0;
};

// How long somebody (some) or everybody (full) waited for a resource (PSI).
struct PressureReading {
  std::string resource;  // "cpu", "memory", "io"
  std::optional<std::uint64_t> some_us;
  std::optional<std::uint64_t> full_us;
};

struct DiskReading {
  std::string device;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t busy_ms = 0;  // With at least one request under way.
};

struct NetworkReading {
  std::string device;
  std::uint64_t received_bytes = 0;
  std::uint64_t received_errors = 0;
  std::uint64_t received_drops = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t sent_errors = 0;
  std::uint64_t sent_drops = 0;
  std::optional<std::uint64_t> bytes_per_second_max;  // Unknown for most virtual ones.
};

struct PathSpace {
  std::string path;
  SpaceReading space;
};

struct HostReading {
  std::optional<CpuTimes> cpu;
  std::optional<std::uint64_t> load_centi;  // Over a minute, in hundredths.
  std::optional<MemoryReading> memory;
  std::vector<PressureReading> pressures;
  std::vector<DiskReading> disks;
  std::vector<NetworkReading> networks;
  std::vector<PathSpace> spaces;
  std::optional<std::uint64_t> open_files, open_files_max;
  std::optional<std::uint64_t> tcp_retransmits;
  std::optional<std::uint64_t> listen_overflows;  // Connections that no listener took in time.
  std::optional<std::uint64_t> oom_kills;
};

struct ProcessReading {
  std::optional<std::uint64_t> cpu_ticks;
  std::optional<std::uint64_t> resident_bytes, virtual_bytes;
  std::optional<std::uint64_t> threads;
  std::optional<std::uint64_t> open_files, open_files_max;
};

}  // namespace oki::watch
