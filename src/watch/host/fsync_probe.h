// How long a small write takes until it would survive a power cut: one sector, once a second, to a
// file that exists. A write that has not come back yet counts with the time it has taken so far, so
// that a disk which hangs is noticed while it hangs.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/disk.h"
#include "base/metrics.h"

namespace oki::watch {

constexpr std::int64_t fsync_probe_every_ms = 1'000;
constexpr std::size_t fsync_probe_bytes = 512;

class FsyncProbe {
 public:
  // All must outlive it. The disk is one of its own, so that no journal waits behind the probe.
  FsyncProbe(const Clock& clock, Timers& timers, Disk& disk);
  ~FsyncProbe();
  FsyncProbe(const FsyncProbe&) = delete;
  FsyncProbe& operator=(const FsyncProbe&) = delete;

  // The last one, or the one under way when that has taken longer. 0 before the first.
  std::int64_t duration_ns() const;
  const Histogram& all() const { return all_; }
  std::uint64_t failures() const { return failures_; }

 private:
  void prepare();
  void on_time();
  void write();
  void on_written(const Result<void>& result);

  const Clock& clock_;
  Timers& timers_;
  Disk& disk_;
  TimerId timer_;
  bool is_there_ = false;
  bool under_way_ = false;
  MonoTimeNs began_;
  std::int64_t last_ns_ = 0;
  std::uint64_t failures_ = 0;
  Histogram all_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::watch
