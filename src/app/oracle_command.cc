#include "app/bench_command.h"
#include "bench/oracle_bench.h"

namespace oki::app {
namespace {

int run(const Arguments& arguments) {
  bench::OracleOptions options;
  options.commands = arguments.number("commands");
  options.seed = arguments.number("seed");
  options.jobs = arguments.number("jobs");
  options.shrink_seconds = arguments.number("shrink-seconds");
  options.json = arguments.has("json");
  options.cover = arguments.has("cover");
  if (arguments.has("save")) options.save = arguments.text("save");
  if (arguments.has("replay")) return bench::replay_oracle(arguments.text("replay"), options);
  return bench::run_oracle(options);
}

}  // namespace

CommandSpec bench_oracle_command() {
  return {"bench oracle",
          {"Compares the two implementations of the core on seeded commands",
           "2つのコア実装を同じ命令列で比較する"},
          {{"commands", "N", "1000000", {"how many commands", "命令の数"}},
           {"seed", "N", "1", {"of the commands", "命令列の種"}},
           {"jobs", "N", "0", {"processes; 0: one per processor", "並列数。0 は CPU 数"}},
           {"shrink-seconds", "N", "60", {"for the shortest list", "最短化の秒数"}},
           {"cover", nullptr, "", {"fails when a rule is not reached", "未到達の規則があれば失敗"}},
           {"save", "FILE", "", {"keeps what is found", "見つけた命令列の保存先"}},
           {"replay", "FILE", "", {"runs a kept list instead", "保存した命令列を再実行"}},
           {"json", nullptr, "", {"the last line is one JSON object", "最終行を JSON で出力"}}},
          run};
}

}  // namespace oki::app
