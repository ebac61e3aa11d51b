#include "app/watch_logs.h"

#include <utility>

namespace oki::app {

std::vector<OptionSpec> log_options() {
  return {{"logs",
           "FILES",
           "",
           {"log files of the exchange's processes, or patterns: \"log/node*.log,log/edge*.log\"",
            "読むログファイル。最後の部分には * を使える"}},
          {"logs-learn",
           "N",
           "60000",
           {"milliseconds after the start in which everything in them is usual",
            "起動後、すべてを平常とみなすミリ秒"}}};
}

Result<std::optional<WatchLogsOptions>> read_log_options(const Arguments& arguments,
                                                         std::string speaker, std::size_t nodes,
                                                         const std::vector<Address>& edges) {
  if (!arguments.has("logs")) return std::nullopt;
  auto patterns = watch::logs::read_log_patterns(arguments.text("logs"));
  if (!patterns) return tl::unexpected(patterns.error());
  WatchLogsOptions options{std::move(*patterns), std::move(speaker), {}};
  options.miner.learn_ms = static_cast<std::int64_t>(arguments.number("logs-learn"));
  for (std::size_t i = 1; i <= nodes; ++i) {
    const std::string number = std::to_string(i);
    options.miner.processes["node " + number] = {notify::ComponentKind::node, number};
  }
  for (std::size_t i = 0; i < edges.size(); ++i) {
    options.miner.processes["edge " + to_string(edges[i])] = {notify::ComponentKind::edge,
                                                              std::to_string(i + 1)};
  }
  return options;
}

WatchLogs::WatchLogs(Process& process, const WatchLogsOptions& options, response::Tell tell)
    : feed_({process.loop().clock(), process.loop().timers(), process.metrics(), std::move(tell),
             [this](watch::logs::LogReader::Done done) { reader_.read(std::move(done)); }},
            options.speaker, options.miner),
      reader_(options.patterns, [&loop = process.loop()](std::function<void()> action) {
        loop.post(std::move(action));
      }) {}

}  // namespace oki::app
