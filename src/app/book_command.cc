#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/bench_command.h"
#include "base/json.h"
#include "bench/book_bench.h"
#include "bench/core_bench.h"
#include "bench/ops_generate.h"

namespace oki::app {
namespace {

// On a terminal one line that is written over, otherwise nothing: logs need no progress.
void show_progress(const std::string& what) {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{:<60}{}", what, what.empty() ? "\r" : "");
}

int fail(const char* command, const Error& fault) {
  show_progress("");
  fmt::print(stderr, "okiagari {}: {}\n", command, fault.message);
  if (fault.code == Errc::mismatch) return exit_code::verification_failed;
  return fault.code == Errc::invalid ? exit_code::usage : exit_code::failed;
}

int run_generate(const Arguments& arguments) {
  bench::GenerateOptions options;
  options.mix = arguments.text("mix");
  options.ops = arguments.number("ops");
  options.seed = arguments.number("seed");
  options.progress = [](std::uint64_t done, std::uint64_t all) {
    show_progress(fmt::format("{} of {}", done, all));
  };
  const Result<bench::Ops> ops = bench::generate_ops(options);
  if (!ops) return fail("bench generate", ops.error());
  const std::string& path = arguments.text("out");
  if (const auto written = bench::write_ops(path, *ops); !written) {
    return fail("bench generate", written.error());
  }
  show_progress("");
  fmt::print("{}: {} records before, {} timed, {} trades, {} orders live at the end\n", path,
             ops->prefill, ops->timed(), ops->expected.trades, ops->expected.live);
  return exit_code::ok;
}

using bench::thousandths;

void print_table(const std::string& variant, const std::vector<bench::BookBenchRow>& rows) {
  fmt::print("{}: {} operations, {}\n", variant, rows[0].ops,
             rows[0].verified ? "all engines as the file says" : "nothing to verify against");
  fmt::print("engine    ns/op  chunks     p50     p99   p99.9  p99.99       max  instr/op\n");
  for (const bench::BookBenchRow& row : rows) {
    fmt::print("{:<6} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9}  {:>8}\n", name(row.engine),
               thousandths(row.ps_per_op), thousandths(row.ps_per_op_chunk_min), row.p50_ps / 1000,
               row.p99_ps / 1000, row.p99_9_ps / 1000, row.p99_99_ps / 1000, row.max_ps / 1000,
               row.milli_instructions_per_op ? thousandths(*row.milli_instructions_per_op) : "-");
  }
  const std::uint64_t fastest = rows.front().ps_per_op_chunk_min;
  if (rows.size() > 1 && fastest > 0) {
    fmt::print("{} is {} times as fast as {}\n", name(rows.front().engine),
               thousandths(rows.back().ps_per_op_chunk_min * 1000 / fastest),
               name(rows.back().engine));
  }
}

std::string to_json(const std::string& variant, const bench::BookBenchRow& row) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("variant", variant).field("engine", name(row.engine));
  bench::write_times(json, row);
  json.field("verified", row.verified).end_object();
  return out;
}

constexpr std::uint64_t repeat_max = 1000;

// The engines that a word names; none for an unknown one.
std::vector<bench::BookEngine> engines_of(const std::string& word) {
  using enum bench::BookEngine;
  if (word == "all") return {fast, bench::BookEngine::core, plain};
  for (const bench::BookEngine engine : {fast, bench::BookEngine::core, plain}) {
    if (word == name(engine)) return {engine};
  }
  return {};
}

int run_book(const Arguments& arguments) {
  const bool as_json = arguments.has("json");
  bench::BookBenchOptions options;
  options.engines =
      engines_of(arguments.has("engine") ? arguments.text("engine") : (as_json ? "fast" : "all"));
  options.repeat = arguments.number("repeat");
  options.progress = show_progress;
  if (options.engines.empty() || options.repeat < 1 || options.repeat > repeat_max) {
    fmt::print(stderr,
               "okiagari bench book: engine must be fast, core, plain or all, and repeat 1 to {}\n",
               repeat_max);
    return exit_code::usage;
  }
  const Result<bench::Ops> ops = bench::read_ops(arguments.text("ops"));
  if (!ops) return fail("bench book", ops.error());
  const auto rows = bench::run_book_bench(*ops, options);
  if (!rows) return fail("bench book", rows.error());
  show_progress("");
  if (!as_json) {
    print_table(ops->variant, *rows);
    return exit_code::ok;
  }
  for (const bench::BookBenchRow& row : *rows) fmt::print("{}\n", to_json(ops->variant, row));
  return exit_code::ok;
}

int run_core(const Arguments& arguments) {
  bench::CoreBenchOptions options;
  options.repeat = arguments.number("repeat");
  options.progress = show_progress;
  if (options.repeat < 1 || options.repeat > repeat_max) {
    fmt::print(stderr, "okiagari bench core: repeat must be 1 to {}\n", repeat_max);
    return exit_code::usage;
  }
  const Result<bench::Ops> ops = bench::read_ops(arguments.text("ops"));
  if (!ops) return fail("bench core", ops.error());
  const auto row = bench::run_core_bench(*ops, options);
  if (!row) return fail("bench core", row.error());
  show_progress("");
  if (arguments.has("json")) {
    fmt::print("{}\n", bench::to_json(ops->variant, *row));
  } else {
    fmt::print("{}", bench::to_text(ops->variant, *row));
  }
  return exit_code::ok;
}

}  // namespace

CommandSpec bench_book_command() {
  return {"bench book",
          {"Nanoseconds per operation of the order book alone", "板だけの1操作あたりの時間"},
          {{"ops", "FILE", "", {"operations, of bench generate", "bench generate の出力"}, true},
           {"repeat", "N", "7", {"repetitions; the fastest chunks count", "繰り返しの回数"}},
           {"engine",
            "NAME",
            "",
            {"fast, core (with undo and sums), plain or all; without it all, with --json fast",
             "fast、core（取り消しと合計つき）、plain、all。省略時は all、--json では fast"}},
           {"json", nullptr, "", {"one JSON object per engine", "エンジンごとに1つの JSON"}}},
          run_book};
}

CommandSpec bench_core_command() {
  return {"bench core",
          {"Nanoseconds per command of the whole core", "コア全体の1コマンドあたりの時間"},
          {{"ops", "FILE", "", {"operations, of bench generate", "bench generate の出力"}, true},
           {"repeat", "N", "7", {"repetitions; the fastest chunks count", "繰り返しの回数"}},
           {"json", nullptr, "", {"one JSON object", "1つの JSON"}}},
          run_core};
}

CommandSpec bench_generate_command() {
  return {"bench generate",
          {"Writes a file of operations for bench book", "bench book 用の操作ファイルを作る"},
          {{"out", "FILE", "", {"the file to write", "出力ファイル"}, true},
           {"ops", "N", "2000000", {"timed operations", "計測する操作の数"}},
           {"seed", "N", "1", {"the same seed makes the same file", "乱数の種"}}},
          run_generate,
          "mix"};
}

}  // namespace oki::app
