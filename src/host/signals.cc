#include "host/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/assert.h"

namespace oki::host {
namespace {

constexpr int signals_max = 65;

// Which pipe each signal goes to, plus one; 0: none. Signal handlers may only touch such as this.
std::array<std::atomic<int>, signals_max> pipe_of{};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void write_signal(int signal) {
  const int saved = errno;
  const int fd = pipe_of[static_cast<std::size_t>(signal)].load() - 1;
  const auto byte = static_cast<unsigned char>(signal);
  // A full pipe already holds what will wake the loop.
  if (fd >= 0 && ::write(fd, &byte, 1) < 0) errno = saved;
  errno = saved;
}

}  // namespace

SignalPipe::SignalPipe() { ASSERT(pipe2(fds_, O_NONBLOCK | O_CLOEXEC) == 0); }

SignalPipe::~SignalPipe() {
  for (const auto& [signal, action] : actions_) {
    int ours = fds_[1] + 1;
    if (pipe_of[static_cast<std::size_t>(signal)].compare_exchange_strong(ours, 0)) {
      std::signal(signal, SIG_DFL);
    }
  }
  ::close(fds_[0]);
  ::close(fds_[1]);
}

void SignalPipe::on_signal(int signal, std::function<void(int)> action) {
  ASSERT(signal > 0 && signal < signals_max);
  actions_[signal] = std::move(action);
  pipe_of[static_cast<std::size_t>(signal)] = fds_[1] + 1;
  struct sigaction how{};
  how.sa_handler = write_signal;
  how.sa_flags = SA_ONSTACK | SA_RESTART;
  sigemptyset(&how.sa_mask);
  ASSERT(sigaction(signal, &how, nullptr) == 0);
}

void SignalPipe::on_ready(std::uint32_t) {
  unsigned char bytes[64];
  const ssize_t count = ::read(fds_[0], bytes, sizeof bytes);
  for (ssize_t i = 0; i < count; ++i) {
    const auto found = actions_.find(bytes[i]);
    if (found == actions_.end()) continue;
    const std::function<void(int)> action = found->second;  // It may replace itself.
    action(bytes[i]);
  }
}

void ignore_sigpipe() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace oki::host
