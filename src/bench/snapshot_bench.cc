#include "bench/snapshot_bench.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "host/fork_file_maker.h"
#include "host/loop.h"
#include "store/snapshot_file.h"

namespace oki::bench {
namespace {

constexpr std::int64_t calm_ms = 1000;

std::int64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Turns of a loop that change the state, once a millisecond.
class Changes {
 public:
  Changes(host::Loop& loop, BigState& state, const SnapshotBenchOptions& options)
      : loop_(loop), state_(state), options_(options) {
    turn();
  }
  ~Changes() { loop_.timers().cancel(timer_); }

  // The longest since it was last asked for; of both numbers by itself.
  SnapshotBenchTurn take_longest() {
    last_ = loop_.clock().mono_now();
    last_cpu_ns_ = thread_cpu_ns();
    return std::exchange(longest_, {});
  }

 private:
  void turn() {
    const MonoTimeNs now = loop_.clock().mono_now();
    const std::int64_t cpu_ns = thread_cpu_ns();
    if (last_.value > 0) {
      longest_.us = std::max(longest_.us, (now - last_) / 1000);
      longest_.cpu_us = std::max(longest_.cpu_us, (cpu_ns - last_cpu_ns_) / 1000);
    }
    last_ = now;
    last_cpu_ns_ = cpu_ns;
    state_.change(options_.commands_per_ms);
    timer_ = loop_.timers().after_ms(1, [this] { turn(); });
  }

  host::Loop& loop_;
  BigState& state_;
  const SnapshotBenchOptions& options_;
  MonoTimeNs last_;
  std::int64_t last_cpu_ns_ = 0;
  SnapshotBenchTurn longest_;
  TimerId timer_;
};

// Forks several times for the pause, each child writing nothing, and then once for the whole file.
class Forks {
 public:
  Forks(host::Loop& loop, BigState& state, Changes& changes, const SnapshotBenchOptions& options)
      : loop_(loop), state_(state), changes_(changes), maker_(loop, options.directory) {}

  Result<SnapshotBenchRow> run() {
    loop_.timers().after_ms(calm_ms, [this] {
      row_.calm = changes_.take_longest();
      next();
    });
    loop_.run();
    if (failed_) return tl::unexpected<Error>(*failed_);
    std::sort(pauses_ns_.begin(), pauses_ns_.end());
    std::sort(cpu_ns_.begin(), cpu_ns_.end());
    row_.pause_us = pauses_ns_[pauses_ns_.size() / 2] / 1000;
    row_.pause_max_us = pauses_ns_.back() / 1000;
    row_.pause_cpu_us = cpu_ns_[cpu_ns_.size() / 2] / 1000;
    return row_;
  }

 private:
  void next() {
    if (maker_.tidies()) {
      next_ = loop_.timers().after_ms(20, [this] { next(); });
      return;
    }
    if (pauses_ns_.size() == forks_for_median) return write_all();
    const MonoTimeNs begun = loop_.clock().mono_now();
    const std::int64_t cpu = thread_cpu_ns();
    maker_.make(
        "nothing", [](Sink&) { return Bytes(); },
        [this](const Result<Bytes>& made) {
          if (!made) return fail(made.error());
          next_ = loop_.timers().after_ms(100, [this] { next(); });
        });
    cpu_ns_.push_back(thread_cpu_ns() - cpu);
    pauses_ns_.push_back(loop_.clock().mono_now() - begun);
  }

  void write_all() {
    changes_.take_longest();
    const MonoTimeNs begun = loop_.clock().mono_now();
    maker_.make(
        "snapshot", [this](Sink& file) { return write(file); },
        [this, begun](const Result<Bytes>& made) {
          if (!made) return fail(made.error());
          row_.child_ms = (loop_.clock().mono_now() - begun) / ns_per_ms;
          row_.meanwhile = changes_.take_longest();
          row_.file_bytes = store::decode_snapshot_info(*made)->file_bytes;
          loop_.stop();
        });
  }

  Bytes write(Sink& file) {
    store::SnapshotFileWriter writer(file, {{1}, {1}, {}});
    state_.core().snapshot(writer);
    return encode(writer.finish());
  }

  void fail(const Error& error) {
    failed_ = error;
    loop_.stop();
  }

  host::Loop& loop_;
  BigState& state_;
  Changes& changes_;
  host::ForkFileMaker maker_;
  SnapshotBenchRow row_;
  std::vector<std::int64_t> pauses_ns_;
  std::vector<std::int64_t> cpu_ns_;
  std::optional<Error> failed_;
  TimerId next_;
};

}  // namespace

Result<SnapshotBenchRow> run_snapshot_bench(const SnapshotBenchOptions& options) {
  BigState state(options.state);
  const Result<BigStateMemory> memory = state.fill();
  if (!memory) return tl::unexpected(memory.error());
  options.state.progress("snapshots");
  host::Loop loop;
  Changes changes(loop, state, options);
  Result<SnapshotBenchRow> row = Forks(loop, state, changes, options).run();
  if (row) {
    row->memory = *memory;
    row->resident_bytes = resident_bytes();
  }
  return row;
}

}  // namespace oki::bench
