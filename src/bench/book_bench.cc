#include "bench/book_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "bench/book_engine.h"
#include "bench/cycle_clock.h"

namespace oki::bench {
namespace {

// How far ahead the operations themselves are fetched, and how far an engine is told: first of the
// id, then of what the id leads to.
constexpr std::size_t read_ahead = 16;
constexpr std::size_t prepare_ahead = 8;
constexpr std::size_t approach_ahead = 4;

using Clock = std::chrono::steady_clock;

std::uint64_t nanoseconds(Clock::duration took) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count());
}

template <typename Engine>
void run_ahead(Engine& engine, const Op* op, const Op* end, const Op* last) {
  const Op* const told =
      engine.wants_to_know() && last - end > std::ptrdiff_t{prepare_ahead} ? end : op;
  for (; op != told; ++op) {
    __builtin_prefetch(op + read_ahead);
    engine.prepare(op[prepare_ahead]);
    engine.approach(op[approach_ahead]);
    engine.apply(*op);
  }
  for (; op != end; ++op) {
    __builtin_prefetch(op + read_ahead);
    engine.apply(*op);
  }
}

// What the repetitions of one engine have given so far.
struct Gathered : GatheredTimes {
  BookEngine engine{};
};

Result<void> check(const Ops& ops, BookEngine engine, const OpsOutcome& outcome) {
  if (!ops.has_expected()) return {};
  const std::string differing = differences(outcome, ops.expected);
  if (differing.empty()) return {};
  return error(Errc::mismatch, fmt::format("{}: {}", name(engine), differing));
}

template <typename Engine>
std::unique_ptr<Engine> filled(const Ops& ops) {
  auto engine = std::make_unique<Engine>(ops);
  for (std::size_t i = 0; i < ops.prefill; ++i) engine->apply(ops.records[i]);
  engine->forget_trades();
  return engine;
}

template <typename Engine>
Result<void> run_throughput(const Ops& ops, const InstructionCounter& counter, Gathered& gathered) {
  const auto engine = filled<Engine>(ops);
  const Op* const last = ops.records.data() + ops.records.size();
  const Op* op = ops.records.data() + ops.prefill;
  const std::uint64_t instructions = counter.counts() ? counter.read() : 0;
  const auto began = Clock::now();
  auto before = began;
  for (std::uint64_t& fastest_ns : gathered.chunks_ns) {
    const Op* const end = op + std::min<std::ptrdiff_t>(chunk_ops, last - op);
    run_ahead(*engine, op, end, last);
    op = end;
    const auto now = Clock::now();
    fastest_ns = std::min(fastest_ns, nanoseconds(now - before));
    before = now;
  }
  gathered.whole_ns = std::min(gathered.whole_ns, nanoseconds(before - began));
  if (counter.counts()) gathered.instructions = counter.read() - instructions;
  return check(ops, gathered.engine, engine->outcome());
}

template <typename Engine>
Result<void> run_isolated(const Ops& ops, Gathered& gathered) {
  const auto engine = filled<Engine>(ops);
  gathered.isolated.assign(ops.timed(), 0);
  for (std::size_t i = 0; i < ops.timed(); ++i) {
    const std::uint64_t before = cycles();
    engine->apply(ops.records[ops.prefill + i]);
    gathered.isolated[i] = cycles() - before;
  }
  std::ranges::sort(gathered.isolated);
  return check(ops, gathered.engine, engine->outcome());
}

template <typename Run>
Result<void> with_engine(BookEngine engine, Run&& run) {
  switch (engine) {
    case BookEngine::fast:
      return run.template operator()<FastEngine<core::BareBookPolicy>>();
    case BookEngine::core:
      return run.template operator()<FastEngine<core::CoreBookPolicy>>();
    case BookEngine::plain:
      break;
  }
  return run.template operator()<PlainEngine>();
}

}  // namespace

const char* name(BookEngine engine) {
  switch (engine) {
    case BookEngine::fast:
      return "fast";
    case BookEngine::core:
      return "core";
    case BookEngine::plain:
      break;
  }
  return "plain";
}

std::string differences(const OpsOutcome& got, const OpsOutcome& expected) {
  std::string text;
  const auto compare = [&text](const char* field, std::uint64_t one, std::uint64_t other) {
    if (one == other) return;
    text += fmt::format("{}{} {} instead of {}", text.empty() ? "" : ", ", field, one, other);
  };
  compare("trades", got.trades, expected.trades);
  compare("quantity", got.lots, expected.lots);
  compare("hash", got.hash, expected.hash);
  compare("best prices", got.bbo, expected.bbo);
  compare("live orders", got.live, expected.live);
  return text;
}

Result<std::vector<BookBenchRow>> run_book_bench(const Ops& ops, const BookBenchOptions& options) {
  if (ops.timed() == 0) return error(Errc::invalid, "the operations file has no timed part");
  const CycleScale scale = CycleScale::measure();
  const InstructionCounter counter;
  std::vector<Gathered> all;
  for (const BookEngine engine : options.engines) {
    const std::size_t chunks = (ops.timed() + chunk_ops - 1) / chunk_ops;
    all.push_back({{}, engine});
    all.back().chunks_ns.assign(chunks, std::numeric_limits<std::uint64_t>::max());
  }
  for (std::uint64_t i = 0; i <= options.repeat; ++i) {
    options.progress(i < options.repeat ? fmt::format("repetition {} of {}", i + 1, options.repeat)
                                        : "one operation at a time");
    for (Gathered& gathered : all) {
      const auto done = with_engine(gathered.engine, [&]<typename Engine>() {
        return i < options.repeat ? run_throughput<Engine>(ops, counter, gathered)
                                  : run_isolated<Engine>(ops, gathered);
      });
      if (!done) return tl::unexpected(done.error());
    }
  }
  std::vector<BookBenchRow> rows;
  for (const Gathered& gathered : all) {
    rows.push_back({conclude(gathered, ops.timed(), scale), gathered.engine, ops.has_expected()});
  }
  return rows;
}

}  // namespace oki::bench
