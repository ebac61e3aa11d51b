#include "host/fork_file_maker.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "host/forked_child.h"

namespace oki::host {
namespace {

constexpr std::size_t report_bytes_max = 1 + FileMaker::summary_bytes_max;

// Ended by a signal of its own making: an ASSERT or a fault of the program.
bool is_fault(int status) {
  if (!WIFSIGNALED(status)) return false;
  const int signal = WTERMSIG(status);
  return signal == SIGABRT || signal == SIGSEGV || signal == SIGBUS || signal == SIGILL ||
         signal == SIGFPE || signal == SIGTRAP;
}

Result<Bytes> judge(int status, const Bytes& report) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !report.empty() &&
      report.front() == static_cast<char>(ChildReport::done)) {
    return report.substr(1);
  }
  if (is_fault(status)) {
    return error(Errc::mismatch, "the child that walked over the state stopped by signal " +
                                     std::to_string(WTERMSIG(status)) + ", see stderr");
  }
  if (WIFSIGNALED(status)) {
    const char* why = WTERMSIG(status) == SIGALRM ? "its time was over" : "it was killed";
    return error(Errc::unavailable, std::string("the child came to nothing: ") + why);
  }
  const bool says = !report.empty() && report.front() == static_cast<char>(ChildReport::failed);
  return error(Errc::io, says ? report.substr(1) : "the child ended without a report");
}

}  // namespace

ForkFileMaker::ForkFileMaker(Loop& loop, std::string directory, const ForkOptions& options)
    : loop_(loop), directory_(std::move(directory)), options_(options) {}

ForkFileMaker::~ForkFileMaker() {
  loop_.timers().cancel(failed_);
  if (child_ == 0) return;
  kill(child_, SIGKILL);
  loop_.unwatch(pipe_);
  close(pipe_);
  while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ForkFileMaker::make(const std::string& name, Write write, Done done) {
  ASSERT(child_ == 0);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail_soon({Errc::io, std::string("no pipe: ") + std::strerror(errno)}, std::move(done));
  }
  const ChildTask task{directory_ + "/" + name, std::move(write),    ends[1], getpid(),
                       options_.nice,           options_.seconds_max};
  huge_pages_.stop();
  // No handler of ours may run in the child.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = fork();
  if (child == 0) run_child(task);
  const int code = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return fail_soon({Errc::io, std::string("no child process: ") + std::strerror(code)},
                     std::move(done));
  }
  child_ = child;
  pipe_ = ends[0];
  fcntl(pipe_, F_SETFL, O_NONBLOCK);
  report_.clear();
  done_ = std::move(done);
  const Result<void> watched = loop_.watch_readable(pipe_, [this] { on_readable(); });
  ASSERT(watched.has_value());  // A pipe can be watched.
}

void ForkFileMaker::fail_soon(Error error, Done done) {
  failed_ = loop_.timers().after_ms(0, [error = std::move(error), done = std::move(done)] {
    done(tl::unexpected<Error>(error));
  });
}

void ForkFileMaker::on_readable() {
  std::array<char, 256> piece{};
  while (true) {
    const ssize_t count = read(pipe_, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return finish();
    if (report_.size() > report_bytes_max) continue;
    report_.append(piece.data(), static_cast<std::size_t>(count));
  }
}

// The pipe ends with the child: its memory has been given back by then, so the wait is short.
void ForkFileMaker::finish() {
  loop_.unwatch(pipe_);
  close(pipe_);
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = 0;
  huge_pages_.restore();
  const Done done = std::exchange(done_, nullptr);
  done(judge(status, report_));
}

}  // namespace oki::host
