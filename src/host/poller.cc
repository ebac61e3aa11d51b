#include "host/poller.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/assert.h"

namespace oki::host {
namespace {

constexpr std::size_t events_per_turn_max = 256;

}  // namespace

Poller::Poller() : epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), events_(events_per_turn_max) {
  ASSERT(epoll_fd_ >= 0);
}

Poller::~Poller() { ::close(epoll_fd_); }

Result<void> Poller::add(int fd, std::uint32_t events, Pollable& receiver) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &receiver;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return errno_error(errno, "cannot watch file descriptor " + std::to_string(fd));
}

void Poller::modify(int fd, std::uint32_t events, Pollable& receiver) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &receiver;
  ASSERT(epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0);
}

void Poller::remove(int fd) { epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr); }

void Poller::wait(int timeout_ms) {
  const int count =
      epoll_wait(epoll_fd_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
  ASSERT(count >= 0 || errno == EINTR);
  ready_ = count < 0 ? 0 : static_cast<std::size_t>(count);
}

void Poller::dispatch() {
  for (std::size_t i = 0; i < ready_; ++i) {
    static_cast<Pollable*>(events_[i].data.ptr)->on_ready(events_[i].events);
  }
  ready_ = 0;
}

tl::unexpected<Error> errno_error(int code, const std::string& what) {
  Errc kind = Errc::io;
  if (code == ENOENT) kind = Errc::not_found;
  if (code == EEXIST || code == EADDRINUSE) kind = Errc::exists;
  if (code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENFILE) kind = Errc::full;
  return error(kind, what + ": " + std::generic_category().message(code));
}

}  // namespace oki::host
