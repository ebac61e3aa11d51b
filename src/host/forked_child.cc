#include "host/forked_child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace oki::host {
namespace {

constexpr int report_fd = 3;
constexpr int file_fd = 4;
constexpr std::size_t buffer_bytes = 1u << 20;
constexpr off_t flush_bytes = 8 << 20;

// Handlers of the parent would write into its pipes.
void forget_signals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is the parent's business, and it ends us.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void give_way(int nice) {
  setpriority(PRIO_PROCESS, 0, nice);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0) return;
  if (::write(score, "1000", 4) < 0) errno = 0;  // Only a wish.
  close(score);
}

int write_whole(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Through one buffer to the file.
class FileSink final : public Sink {
 public:
  FileSink() { buffer_.reserve(buffer_bytes); }

  void write(ByteView bytes) override {
    while (!bytes.empty()) {
      const std::size_t count = std::min(bytes.size(), buffer_bytes - buffer_.size());
      buffer_.append(bytes.substr(0, count));
      bytes.remove_prefix(count);
      if (buffer_.size() == buffer_bytes) flush();
    }
  }

  // The errno of the first failure, or 0 when all is durable.
  int finish() {
    flush();
    if (code_ == 0 && fsync(file_fd) != 0) code_ = errno;
    return code_;
  }

 private:
  void flush() {
    if (code_ == 0) code_ = write_whole(file_fd, buffer_);
    written_ += static_cast<off_t>(buffer_.size());
    buffer_.clear();
    if (written_ - flushed_ < flush_bytes) return;
    constexpr unsigned wait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    // Only advice: fsync has the last word, and reports what failed here.
    if (sync_file_range(file_fd, flushed_, written_ - flushed_, wait) == 0) {
      posix_fadvise(file_fd, flushed_, written_ - flushed_, POSIX_FADV_DONTNEED);
    }
    flushed_ = written_;
  }

  Bytes buffer_;
  int code_ = 0;
  off_t written_ = 0;
  off_t flushed_ = 0;
};

[[noreturn]] void end(ChildReport kind, ByteView text) {
  Bytes report(1, static_cast<char>(kind));
  report.append(text);
  _exit(write_whole(report_fd, report) == 0 && kind == ChildReport::done ? 0 : 1);
}

[[noreturn]] void end_with_errno(const char* what, int code) {
  end(ChildReport::failed, std::string(what) + ": " + std::strerror(code));
}

}  // namespace

void run_child(const ChildTask& task) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != task.parent) _exit(1);  // It died before the line above took effect.
  forget_signals();
  alarm(task.seconds_max);
  if (dup2(task.report, report_fd) < 0) _exit(1);
  close_range(report_fd + 1, ~0u, 0);
  give_way(task.nice);
  const int file = open(task.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) end_with_errno("cannot create the file", errno);
  if (file != file_fd && dup2(file, file_fd) < 0) end_with_errno("cannot keep the file", errno);
  FileSink sink;
  const Bytes summary = task.write(sink);
  if (const int code = sink.finish(); code != 0) end_with_errno("cannot write the file", code);
  end(ChildReport::done, summary);
}

}  // namespace oki::host
