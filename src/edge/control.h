// The switches of a running edge: its settings, and whether it is being taken out.
//
// A change is written to the disk first and holds from then on, so that what was answered as done
// survives a kill. One change is under way at a time. Without a disk changes hold until the end of
// the process.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "edge/settings_book.h"

namespace oki::edge {

constexpr const char* settings_file = "settings.json";

class Control {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Log& log;
    Metrics& metrics;
    Disk* disk = nullptr;
  };

  // As the disk says, else as `first`. Errc::corrupt: what is stored is no book; nobody can say
  // what was meant to be in force.
  static Result<std::unique_ptr<Control>> open(const Parts& parts, const Settings& first);
  ~Control();

  // In force now; the reference stays good and its content changes.
  const Settings& settings() const { return settings_; }
  bool draining() const { return draining_; }
  const SettingsBook& book() const { return book_; }

  // Called whenever draining begins.
  void on_drain(std::function<void()> action) { on_drain_ = std::move(action); }

  // `change` is tried on a copy of the book. Errc::full: another change is being written; io: the
  // disk refused, nothing has changed. `done` may be called inside.
  using Try = std::function<Result<void>(SettingsBook&, WallTimeMs now)>;
  using Done = std::function<void(Result<void>)>;
  void change(const Try& change, Done done);

 private:
  Control(const Parts& parts, SettingsBook book);
  void take(SettingsBook book);
  void write(SettingsBook book, Done done);
  void finish(SettingsBook book);
  void wait_for_end();
  void on_end();

  Parts parts_;
  SettingsBook book_;
  Settings settings_;
  bool draining_ = false;
  bool writing_ = false;
  std::shared_ptr<Control*> alive_;
  std::function<void()> on_drain_;
  TimerId timer_;
  Gauge& version_;
  Gauge& tightened_;
  Gauge& drained_;
};

}  // namespace oki::edge
