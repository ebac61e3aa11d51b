// The thread that writes history. Blocks and snapshots that wait when it ends are written first,
// unless the database cannot be written: then they are left to the nodes, and the database says
// from where to go on.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "history/sql_queue.h"

namespace oki::history {

constexpr int sql_retry_ms = 1'000;  // After a write that failed.

class SqlThread {
 public:
  // REQUIRES: `queue` outlives it, and nobody else calls its step().
  explicit SqlThread(SqlQueue& queue);
  ~SqlThread();
  SqlThread(const SqlThread&) = delete;
  SqlThread& operator=(const SqlThread&) = delete;

 private:
  void work();

  SqlQueue& queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool has_work_ = true;  // Guarded by mutex_, and so is stop_.
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace oki::history
