// What a process says about its machine and about itself: sampled once a second from /proc and
// /sys, shown on /metrics (docs/signals.md lists the names), and handed to the detectors as gauges.
//
// Shares and times of the last second come from two looks in a row. One look reads some fifteen
// small files of the kernel and costs about a quarter of a millisecond; what costs more (counting
// open files, asking for the room on a file system) is done every tenth time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "watch/host/fsync_probe.h"
#include "watch/host/host_reading.h"
#include "watch/host/loop_lag.h"

namespace oki::watch {

constexpr std::int64_t host_sample_every_ms = 1'000;
constexpr std::size_t host_paths_max = 8;

// For the detectors. `kind` is a name of theirs: "cpu_ppm", "memory_ppm", "disk_used_ppm",
// "disk_busy_ppm", "network_ppm", "fsync_probe_us", or one that only people look at:
// "steal_ppm", "open_files_ppm", "loop_lag_us". `about` is empty, a device or a path.
struct HostGauge {
  std::string kind;
  std::string about;
  std::int64_t value = 0;
  friend bool operator==(const HostGauge&, const HostGauge&) = default;
};

// Shares between two looks, in millionths.
struct HostShares {
  std::optional<std::int64_t> cpu_busy_ppm, cpu_iowait_ppm, cpu_steal_ppm;
  std::vector<HostGauge> disks_busy;
  std::vector<HostGauge> networks_busy;
};

HostShares shares_between(const HostReading& before, const HostReading& after, std::int64_t ns);

HostReading read_host(HostFiles& files);
ProcessReading read_process(HostFiles& files);

class HostSampler {
 public:
  // All must outlive the sampler. Without a disk nothing is written, and fsync is not measured.
  struct Parts {
    const Clock& clock;
    Timers& timers;
    HostFiles& files;
    Disk* probe_disk = nullptr;
  };

  // `paths`: where the room is watched, host_paths_max at most; further ones are left out.
  HostSampler(const Parts& parts, std::vector<std::string> paths);
  ~HostSampler();
  HostSampler(const HostSampler&) = delete;
  HostSampler& operator=(const HostSampler&) = delete;

  std::vector<HostGauge> gauges() const;

  // Exposition format 0.0.4, for the end of a /metrics page.
  Bytes prometheus_text() const;

  const HostReading& reading() const { return reading_; }
  const HostShares& shares() const { return shares_; }

 private:
  void sample();
  void sample_rarely();

  Parts parts_;
  std::vector<std::string> paths_;
  LoopLag loop_lag_;
  std::unique_ptr<FsyncProbe> probe_;
  TimerId timer_;
  std::uint64_t samples_ = 0;
  WallTimeMs started_;
  MonoTimeNs sampled_;
  HostReading reading_;
  ProcessReading process_;
  HostShares shares_;
  std::int64_t loop_lag_ns_ = 0;
};

}  // namespace oki::watch
