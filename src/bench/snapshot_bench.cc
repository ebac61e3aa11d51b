#include "bench/snapshot_bench.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "host/fork_file_maker.h"
#include "host/loop.h"
#include "store/snapshot_file.h"

namespace oki::bench {
namespace {

constexpr std::int64_t calm_ms = 1000;
constexpr std::size_t huge_page_bytes = 2u << 20;

// Memory in huge pages, as the core's arenas have it.
class BigState {
 public:
  BigState(std::uint64_t bytes, bool huge_pages) : bytes_(bytes) {
    // Room to begin at a whole huge page.
    mapped_ = mmap(nullptr, bytes + huge_page_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped_ == MAP_FAILED) return;
    const auto at = reinterpret_cast<std::uintptr_t>(mapped_);
    const std::uintptr_t whole = (at + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
    data_ = reinterpret_cast<char*>(whole);
    madvise(data_, bytes, huge_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    for (std::uint64_t offset = 0; offset < bytes; offset += sizeof offset) write(offset, offset);
  }
  ~BigState() {
    if (mapped_ != MAP_FAILED) munmap(mapped_, bytes_ + huge_page_bytes);
  }
  BigState(const BigState&) = delete;
  BigState& operator=(const BigState&) = delete;

  bool there() const { return data_ != nullptr; }
  ByteView view() const { return {data_, bytes_}; }
  void write(std::uint64_t offset, std::uint64_t value) {
    std::memcpy(data_ + offset, &value, sizeof value);
  }

 private:
  std::uint64_t bytes_;
  void* mapped_ = MAP_FAILED;
  char* data_ = nullptr;
};

// Turns of a loop that change the state, once a millisecond; the longest time between two.
class Changes {
 public:
  Changes(host::Loop& loop, BigState& state, const SnapshotBenchOptions& options)
      : loop_(loop), state_(state), options_(options) {
    turn();
  }
  ~Changes() { loop_.timers().cancel(timer_); }

  std::int64_t take_longest_us() {
    last_ = loop_.clock().mono_now();
    return std::exchange(longest_ns_, 0) / 1000;
  }

 private:
  void turn() {
    const MonoTimeNs now = loop_.clock().mono_now();
    if (last_.value > 0) longest_ns_ = std::max(longest_ns_, now - last_);
    last_ = now;
    const std::uint64_t words = state_.view().size() / sizeof(std::uint64_t);
    for (std::uint64_t i = 0; i < options_.changes_per_ms; ++i) {
      state_.write(prng_.below(words) * sizeof(std::uint64_t), prng_.next());
    }
    timer_ = loop_.timers().after_ms(1, [this] { turn(); });
  }

  host::Loop& loop_;
  BigState& state_;
  const SnapshotBenchOptions& options_;
  Prng prng_{1};
  MonoTimeNs last_;
  std::int64_t longest_ns_ = 0;
  TimerId timer_;
};

std::int64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Forks several times for the pause, each child writing nothing, and then once for the whole file.
class Forks {
 public:
  Forks(host::Loop& loop, BigState& state, Changes& changes, const SnapshotBenchOptions& options)
      : loop_(loop), state_(state), changes_(changes), maker_(loop, options.directory) {}

  Result<SnapshotBenchRow> run() {
    row_.mib = state_.view().size() >> 20;
    loop_.timers().after_ms(calm_ms, [this] {
      row_.calm_gap_us = changes_.take_longest_us();
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
    changes_.take_longest_us();
    const MonoTimeNs begun = loop_.clock().mono_now();
    maker_.make(
        "snapshot", [this](Sink& file) { return write(file); },
        [this, begun](const Result<Bytes>& made) {
          if (!made) return fail(made.error());
          row_.child_ms = (loop_.clock().mono_now() - begun) / ns_per_ms;
          row_.gap_us = changes_.take_longest_us();
          row_.file_bytes = store::decode_snapshot_info(*made)->file_bytes;
          loop_.stop();
        });
  }

  Bytes write(Sink& file) {
    store::SnapshotFileWriter writer(file, {{1}, {1}, {}});
    writer.write(state_.view());
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
  BigState state(options.mib << 20, options.huge_pages);
  if (!state.there()) return error(Errc::full, "there is not so much memory");
  host::Loop loop;
  Changes changes(loop, state, options);
  return Forks(loop, state, changes, options).run();
}

}  // namespace oki::bench
