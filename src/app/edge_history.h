// The history database of an edge: the file, the thread that writes it, a Client of its own that
// follows the log from where the file stands, and the desk that answers from it.
//
// Its own Client, because history reads at its own pace: when the disk is slow, it falls behind
// and catches up, while the edge's own copy is always the newest.
#pragma once

#include <memory>
#include <string>

#include "app/process.h"
#include "edge/edge.h"
#include "edge/history_desk.h"
#include "history/log_reader.h"
#include "history/sql_thread.h"

namespace oki::app {

class EdgeHistory {
 public:
  // Blocks while the file is opened. REQUIRES: `process` and `edge` outlive it.
  static Result<std::unique_ptr<EdgeHistory>> open(const std::string& file, Process& process,
                                                   const replica::ClientOptions& client,
                                                   edge::Edge& edge);

 private:
  EdgeHistory(std::unique_ptr<history::SqlStore> store, Process& process,
              const replica::ClientOptions& client, edge::Edge& edge);

  // In the order in which one needs the other; the end goes the other way round.
  Metrics client_metrics_;  // Apart from those of the edge's own client.
  history::LogReader reader_;
  history::SqlQueue queue_;
  edge::HistoryDesk desk_;
  history::SqlThread thread_;
  replica::Client client_;
};

}  // namespace oki::app
