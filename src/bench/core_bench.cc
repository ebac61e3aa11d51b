#include "bench/core_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/json.h"
#include "bench/book_bench.h"
#include "bench/core_script.h"
#include "bench/cycle_clock.h"
#include "core/core.h"

namespace oki::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t nanoseconds(Clock::duration took) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count());
}

// A core, and where its answers go: written over once they fill what a batch may.
class Run {
 public:
  explicit Run(const CoreScript& script) : script_(script), core_(script.limits) {
    reply_.reserve(out_bytes * 2);
    events_.reserve(out_bytes * 2);
    for (std::size_t i = 0; i < script.timed; ++i) apply(i);
    event_bytes_ = 0;
  }

  // With what comes later known, as it is to a node that has a batch of commands.
  void apply(std::size_t i) {
    const std::size_t later = i + core::Core::prepare_ahead;
    if (later < script_.size()) core_.prepare(script_.command(later));
    core_.apply(script_.time(i), script_.command(i), reply_, events_);
    if (events_.size() > out_bytes || reply_.size() > out_bytes) [[unlikely]]
      forget();
  }
  void forget() {
    event_bytes_ += events_.size();
    reply_.clear();
    events_.clear();
  }
  std::uint64_t event_bytes() const { return event_bytes_; }
  bool ended_well() const { return core_.running_hash() == script_.hash; }

 private:
  static constexpr std::size_t out_bytes = std::size_t{1} << 16;

  const CoreScript& script_;
  core::Core core_;
  Bytes reply_, events_;
  std::uint64_t event_bytes_ = 0;
};

struct Gathered : GatheredTimes {
  std::uint64_t event_bytes = 0;
};

Result<void> ended(const Run& run) {
  if (run.ended_well()) return {};
  return error(Errc::mismatch, "a repetition of the same commands ended in another state");
}

Result<void> run_throughput(const CoreScript& script, const InstructionCounter& counter,
                            Gathered& gathered) {
  Run run(script);
  std::size_t i = script.timed;
  const std::uint64_t instructions = counter.counts() ? counter.read() : 0;
  const auto began = Clock::now();
  auto before = began;
  for (std::uint64_t& fastest_ns : gathered.chunks_ns) {
    const std::size_t end = std::min<std::size_t>(i + chunk_ops, script.size());
    for (; i < end; ++i) run.apply(i);
    const auto now = Clock::now();
    fastest_ns = std::min(fastest_ns, nanoseconds(now - before));
    before = now;
  }
  gathered.whole_ns = std::min(gathered.whole_ns, nanoseconds(before - began));
  if (counter.counts()) gathered.instructions = counter.read() - instructions;
  run.forget();
  gathered.event_bytes = run.event_bytes();
  return ended(run);
}

Result<void> run_isolated(const CoreScript& script, Gathered& gathered) {
  Run run(script);
  gathered.isolated.assign(script.size() - script.timed, 0);
  for (std::size_t i = script.timed; i < script.size(); ++i) {
    const std::uint64_t before = cycles();
    run.apply(i);
    gathered.isolated[i - script.timed] = cycles() - before;
  }
  std::ranges::sort(gathered.isolated);
  return ended(run);
}

}  // namespace

Result<CoreBenchRow> run_core_bench(const Ops& ops, const CoreBenchOptions& options) {
  if (ops.timed() == 0) return error(Errc::invalid, "the operations file has no timed part");
  options.progress("writing commands");
  const Result<CoreScript> script = write_core_script(ops);
  if (!script) return tl::unexpected(script.error());
  const CycleScale scale = CycleScale::measure();
  const InstructionCounter counter;
  Gathered gathered;
  const std::size_t timed = script->size() - script->timed;
  gathered.chunks_ns.assign((timed + chunk_ops - 1) / chunk_ops,
                            std::numeric_limits<std::uint64_t>::max());
  for (std::uint64_t i = 0; i <= options.repeat; ++i) {
    options.progress(i < options.repeat ? fmt::format("repetition {} of {}", i + 1, options.repeat)
                                        : "one command at a time");
    const auto done = i < options.repeat ? run_throughput(*script, counter, gathered)
                                         : run_isolated(*script, gathered);
    if (!done) return tl::unexpected(done.error());
  }
  return CoreBenchRow{conclude(gathered, timed, scale), gathered.event_bytes / timed,
                      ops.has_expected()};
}

std::string to_json(const std::string& variant, const CoreBenchRow& row) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("variant", variant);
  write_times(json, row);
  json.field("event_bytes_per_op", row.event_bytes_per_op);
  json.field("verified", row.verified).end_object();
  return out;
}

std::string to_text(const std::string& variant, const CoreBenchRow& row) {
  std::string text =
      fmt::format("{}: {} commands, {}\n", variant, row.ops,
                  row.verified ? "trades as the file says" : "nothing to verify against");
  text += "  ns/op  chunks     p50     p99   p99.9  p99.99       max  instr/op  event bytes/op\n";
  text += fmt::format(
      "{:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9}  {:>8} {:>15}\n", thousandths(row.ps_per_op),
      thousandths(row.ps_per_op_chunk_min), row.p50_ps / 1000, row.p99_ps / 1000,
      row.p99_9_ps / 1000, row.p99_99_ps / 1000, row.max_ps / 1000,
      row.milli_instructions_per_op ? thousandths(*row.milli_instructions_per_op) : "-",
      row.event_bytes_per_op);
  return text;
}

}  // namespace oki::bench
