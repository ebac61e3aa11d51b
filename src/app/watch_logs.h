// The logs that a watch reads in a process: their options, the thread that reads, what is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_table.h"
#include "app/process.h"
#include "response/tell.h"
#include "watch/logs/log_feed.h"
#include "watch/logs/log_reader.h"

namespace oki::app {

// --logs FILES, --logs-learn N.
std::vector<OptionSpec> log_options();

struct WatchLogsOptions {
  std::vector<std::string> patterns;
  std::string speaker;
  watch::logs::MinerOptions miner;
};

// Nothing when --logs is not given. Lines may be of so many nodes and of these edges.
Result<std::optional<WatchLogsOptions>> read_log_options(const Arguments& arguments,
                                                         std::string speaker, std::size_t nodes,
                                                         const std::vector<Address>& edges);

class WatchLogs {
 public:
  // The process must outlive it.
  WatchLogs(Process& process, const WatchLogsOptions& options, response::Tell tell);

  void start() { feed_.start(); }

 private:
  watch::logs::LogFeed feed_;
  watch::logs::LogReader reader_;  // Goes first, and then calls nobody.
};

}  // namespace oki::app
