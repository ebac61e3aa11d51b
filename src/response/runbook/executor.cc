#include "response/runbook/executor.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "host/child.h"

namespace oki::response {
namespace {

constexpr std::int64_t look_every_ms = 20;
constexpr std::int64_t kill_after_ms = 2'000;  // From SIGTERM on.

// The first output_bytes_max bytes; `cut` when there are more.
std::string read_output(const std::string& path, bool& cut) {
  std::string out;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return out;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(count));
    cut = out.size() > output_bytes_max;
    if (cut) break;
  }
  close(file);
  if (cut) out.resize(output_bytes_max);
  return out;
}

}  // namespace

struct ChildExecutor::Running {
  host::Child child;
  MonoTimeNs deadline;
  bool timed_out = false;
  Done done;
  Error fault;
};

ChildExecutor::ChildExecutor(Timers& timers, const Clock& clock, std::string directory)
    : timers_(timers), clock_(clock), output_path_(std::move(directory) + "/runbook-output") {}

ChildExecutor::~ChildExecutor() { timers_.cancel(timer_); }

void ChildExecutor::run(const std::vector<std::string>& words, std::int64_t timeout_ms, Done done) {
  const auto refuse = [this, &done](Error fault) {
    timers_.after_ms(0, [done = std::move(done), fault = std::move(fault)] {
      done(tl::unexpected<Error>(fault));
    });
  };
  if (running_) return refuse({Errc::full, "another command is running"});
  if (words.empty()) return refuse({Errc::invalid, "the command line is empty"});
  if (access(words.front().c_str(), X_OK) != 0) {
    return refuse({Errc::not_found, words.front() + " is no program that may be run"});
  }
  unlink(output_path_.c_str());
  auto child = host::Child::start(words, output_path_, host::Environment::only_path);
  if (!child) return refuse(child.error());
  running_ = std::make_unique<Running>();
  running_->child = std::move(*child);
  running_->deadline = clock_.mono_now() + timeout_ms * ns_per_ms;
  running_->done = std::move(done);
  timer_ = timers_.after_ms(look_every_ms, [this] { look(); });
}

void ChildExecutor::look() {
  if (!running_->child.running()) return finish();
  if (clock_.mono_now() >= running_->deadline) {
    if (running_->timed_out) {
      running_->child.kill_group_now();
      return finish();
    }
    running_->timed_out = true;
    running_->deadline = clock_.mono_now() + kill_after_ms * ns_per_ms;
    running_->child.signal(SIGTERM);
  }
  timer_ = timers_.after_ms(look_every_ms, [this] { look(); });
}

void ChildExecutor::finish() {
  const std::unique_ptr<Running> ended = std::move(running_);
  Executed executed;
  executed.exit_code = ended->child.exit_status();
  executed.timed_out = ended->timed_out;
  executed.output = read_output(output_path_, executed.cut);
  unlink(output_path_.c_str());
  ended->done(std::move(executed));
}

}  // namespace oki::response
