#include "host/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/assert.h"
#include "host/file_disk.h"
#include "host/poller.h"
#include "host/signals.h"
#include "host/tcp.h"
#include "host/timers.h"

namespace oki::host {
namespace {

// Actions from other threads; the loop is woken once for all that wait.
class Mailbox : public Pollable {
 public:
  Mailbox() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { ASSERT(fd_ >= 0); }
  ~Mailbox() override { ::close(fd_); }

  void post(std::function<void()> action) {
    {
      const std::lock_guard lock(mutex_);
      actions_.push_back(std::move(action));
      if (actions_.size() > 1) return;
    }
    wake();
  }

  void wake() {
    const std::uint64_t one = 1;
    // A full counter has woken the loop already.
    if (::write(fd_, &one, sizeof one) < 0) ASSERT(errno == EAGAIN);
  }

  void run_posted() {
    std::vector<std::function<void()>> actions;
    {
      const std::lock_guard lock(mutex_);
      actions.swap(actions_);
    }
    for (const auto& action : actions) action();
  }

  void on_ready(std::uint32_t) override {
    std::uint64_t count = 0;
    if (::read(fd_, &count, sizeof count) < 0) ASSERT(errno == EAGAIN);
  }

  int fd() const { return fd_; }

 private:
  const int fd_;
  std::mutex mutex_;
  std::vector<std::function<void()>> actions_;  // Guarded by mutex_.
};

class Watch : public Pollable {
 public:
  explicit Watch(std::function<void()> action) : action_(std::move(action)) {}
  void on_ready(std::uint32_t) override {
    if (!gone) action_();
  }
  bool gone = false;

 private:
  std::function<void()> action_;
};

}  // namespace

class Loop::Impl {
 public:
  Impl() : timers(clock), net(poller, clock, timers) {
    ignore_sigpipe();
    ASSERT(poller.add(mailbox.fd(), EPOLLIN, mailbox).has_value());
    ASSERT(poller.add(signals.read_fd(), EPOLLIN, signals).has_value());
  }

  void turn() {
    poller.wait(wait_ms());
    timers.run_due();
    poller.dispatch();
    mailbox.run_posted();
    for (const auto& action : turn_end) action();
    net.finish_turn();
    gone_watches.clear();
  }

  int wait_ms() {
    if (net.has_work()) return 0;
    const std::optional<std::int64_t> delay_ns = timers.next_delay_ns();
    if (!delay_ns) return -1;
    const std::int64_t delay_ms = (*delay_ns + ns_per_ms - 1) / ns_per_ms;
    return static_cast<int>(std::min<std::int64_t>(delay_ms, std::numeric_limits<int>::max()));
  }

  RealClock clock;
  Poller poller;
  HeapTimers timers;
  TcpNet net;
  Mailbox mailbox;
  SignalPipe signals;
  std::unordered_map<int, std::unique_ptr<Watch>> watches;
  std::vector<std::unique_ptr<Watch>> gone_watches;  // Until the turn's end; see Pollable.
  std::vector<std::function<void()>> turn_end;
  std::atomic<bool> stopped{false};
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

const Clock& Loop::clock() const { return impl_->clock; }
Timers& Loop::timers() { return impl_->timers; }
Net& Loop::net() { return impl_->net; }

Result<std::unique_ptr<Disk>> Loop::open_disk(const std::string& directory) {
  return FileDisk::open(directory, [mailbox = &impl_->mailbox](std::function<void()> action) {
    mailbox->post(std::move(action));
  });
}

void Loop::post(std::function<void()> action) { impl_->mailbox.post(std::move(action)); }

void Loop::on_signal(int signal, std::function<void(int)> action) {
  impl_->signals.on_signal(signal, std::move(action));
}

Result<void> Loop::watch_readable(int fd, std::function<void()> action) {
  auto watch = std::make_unique<Watch>(std::move(action));
  if (auto added = impl_->poller.add(fd, EPOLLIN, *watch); !added) return added;
  impl_->watches[fd] = std::move(watch);
  return {};
}

void Loop::unwatch(int fd) {
  const auto found = impl_->watches.find(fd);
  if (found == impl_->watches.end()) return;
  impl_->poller.remove(fd);
  found->second->gone = true;
  impl_->gone_watches.push_back(std::move(found->second));
  impl_->watches.erase(found);
}

void Loop::run() {
  while (!impl_->stopped.exchange(false)) impl_->turn();
}

void Loop::stop() {
  impl_->stopped = true;
  impl_->mailbox.wake();
}

void Loop::at_turn_end(std::function<void()> action) {
  impl_->turn_end.push_back(std::move(action));
}

}  // namespace oki::host
