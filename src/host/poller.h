// epoll, level-triggered, with the receiver of each event behind a pointer.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace oki::host {

// A receiver that was removed during a turn may still be told of an event of that turn: it must
// live, and know that it is gone, until the turn's end.
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  Result<void> add(int fd, std::uint32_t events, Pollable& receiver);
  void modify(int fd, std::uint32_t events, Pollable& receiver);
  void remove(int fd);

  // Waits up to `timeout_ms` (-1: for ever), then dispatch() tells the receivers.
  void wait(int timeout_ms);
  void dispatch();

 private:
  int epoll_fd_;
  std::vector<epoll_event> events_;
  std::size_t ready_ = 0;
};

// "what: No such file or directory" with the code that errno stands for.
tl::unexpected<Error> errno_error(int code, const std::string& what);

}  // namespace oki::host
