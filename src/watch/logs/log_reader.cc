#include "watch/logs/log_reader.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/assert.h"

namespace oki::watch::logs {

LogBatch read_batch(LogTail& tail) {
  LogBatch batch;
  const std::uint64_t read = tail.read_bytes();
  const std::uint64_t skipped = tail.skipped_bytes();
  const std::uint64_t cut = tail.cut_lines();
  tail.poll([&batch](ByteView path, ByteView line, bool old) {
    const std::size_t slash = path.rfind('/');
    const ByteView name = slash == ByteView::npos ? path : path.substr(slash + 1);
    batch.lines.push_back({std::string(name), std::string(line), old});
  });
  batch.has_more = tail.has_more();
  batch.files = tail.files();
  batch.left_out = tail.left_out();
  batch.read_bytes = tail.read_bytes() - read;
  batch.skipped_bytes = tail.skipped_bytes() - skipped;
  batch.cut_lines = tail.cut_lines() - cut;
  return batch;
}

// The thread owns the files; the loop only asks.
class LogReader::Worker {
 public:
  Worker(std::vector<std::string> patterns, std::unique_ptr<LogFiles> files)
      : files_(files ? std::move(files) : std::make_unique<HostLogFiles>()),
        tail_(*files_, std::move(patterns)),
        thread_([this] { run(); }) {}

  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    asked_.notify_one();
    thread_.join();
  }

  void ask(std::function<void(LogBatch)> found) {
    {
      const std::lock_guard lock(mutex_);
      ASSERT(!wanted_);
      wanted_ = std::move(found);
    }
    asked_.notify_one();
  }

 private:
  void run() {
    while (true) {
      std::function<void(LogBatch)> found;
      {
        std::unique_lock lock(mutex_);
        asked_.wait(lock, [this] { return ends_ || wanted_; });
        if (ends_) return;
        found = std::exchange(wanted_, nullptr);
      }
      found(read_batch(tail_));
    }
  }

  std::unique_ptr<LogFiles> files_;
  LogTail tail_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::function<void(LogBatch)> wanted_;
  bool ends_ = false;
  std::thread thread_;  // Last: it begins when everything is there.
};

LogReader::LogReader(std::vector<std::string> patterns, Post post, std::unique_ptr<LogFiles> files)
    : post_(std::move(post)),
      worker_(std::make_unique<Worker>(std::move(patterns), std::move(files))) {}

LogReader::~LogReader() {
  *alive_ = false;
  worker_.reset();
}

void LogReader::read(Done done) {
  ASSERT(!reading_);
  reading_ = true;
  worker_->ask([this, post = post_, alive = alive_, done = std::move(done)](LogBatch batch) {
    // A std::function must be copyable; the batch is given on, not copied.
    auto found = std::make_shared<LogBatch>(std::move(batch));
    post([this, alive, done, found] {
      if (!*alive) return;  // Both on the loop's thread.
      reading_ = false;
      done(std::move(*found));
    });
  });
}

}  // namespace oki::watch::logs
