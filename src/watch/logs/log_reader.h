// Reads log files on a thread of its own, so that a disk that hangs stops nothing but the reading
// of logs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "watch/logs/log_tail.h"

namespace oki::watch::logs {

struct LogLine {
  std::string file;  // Without its folder.
  std::string text;
  bool old = false;
};

// What one look at all files gave; as much as LogTail gives in one poll.
struct LogBatch {
  std::vector<LogLine> lines;
  bool has_more = false;
  std::size_t files = 0, left_out = 0;
  std::uint64_t read_bytes = 0, skipped_bytes = 0, cut_lines = 0;  // In this look.
};

// One look of `tail`. Blocking.
LogBatch read_batch(LogTail& tail);

class LogReader {
 public:
  // Runs an action on the loop, from any thread.
  using Post = std::function<void(std::function<void()>)>;
  using Done = std::function<void(LogBatch)>;

  // What `post` reaches must outlive the reader. `files`: null for the real ones.
  LogReader(std::vector<std::string> patterns, Post post,
            std::unique_ptr<LogFiles> files = nullptr);
  ~LogReader();  // Waits for the look that is under way; its Done comes no more.
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // Looks once and gives what it found, later, on the loop. REQUIRES: no look is under way.
  void read(Done done);

 private:
  class Worker;
  Post post_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool reading_ = false;
  std::unique_ptr<Worker> worker_;
};

}  // namespace oki::watch::logs
