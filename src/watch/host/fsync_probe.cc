#include "watch/host/fsync_probe.h"

#include <algorithm>

namespace oki::watch {
namespace {

constexpr const char* probe_name = "fsync_probe";

}  // namespace

FsyncProbe::FsyncProbe(const Clock& clock, Timers& timers, Disk& disk)
    : clock_(clock), timers_(timers), disk_(disk) {
  on_time();
}

FsyncProbe::~FsyncProbe() {
  *alive_ = false;
  timers_.cancel(timer_);
}

void FsyncProbe::prepare() {
  if (disk_.size(probe_name)) {
    is_there_ = true;
    return;
  }
  under_way_ = true;
  began_ = clock_.mono_now();
  disk_.create(probe_name, fsync_probe_bytes, [this, alive = alive_](const Result<void>& result) {
    if (!*alive) return;
    under_way_ = false;
    is_there_ = result.has_value();
    if (!is_there_) ++failures_;
  });
}

void FsyncProbe::on_time() {
  timer_ = timers_.after_ms(fsync_probe_every_ms, [this] { on_time(); });
  if (under_way_) return;
  if (is_there_) {
    write();
  } else {
    prepare();
  }
}

void FsyncProbe::write() {
  under_way_ = true;
  began_ = clock_.mono_now();
  disk_.write(probe_name, 0, Bytes(fsync_probe_bytes, 'p'),
              [this, alive = alive_](const Result<void>& result) {
                if (*alive) on_written(result);
              });
}

void FsyncProbe::on_written(const Result<void>& result) {
  under_way_ = false;
  if (!result) {
    ++failures_;
    is_there_ = false;  // Perhaps the file is gone.
    return;
  }
  last_ns_ = clock_.mono_now() - began_;
  all_.record_ns(last_ns_);
}

std::int64_t FsyncProbe::duration_ns() const {
  return under_way_ ? std::max(last_ns_, clock_.mono_now() - began_) : last_ns_;
}

}  // namespace oki::watch
