// The real world on one thread: epoll, timers, TCP sockets, signals; and one thread per Disk for
// writes. Implements the interfaces of base/.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/disk.h"
#include "base/net.h"
#include "base/result.h"

namespace oki::host {

class RealClock : public Clock {
 public:
  WallTimeMs wall_now() const override;
  MonoTimeNs mono_now() const override;
};

class Loop {
 public:
  Loop();
  ~Loop();

  const Clock& clock() const;
  Timers& timers();
  Net& net();

  // A directory as a Disk with a thread of its own; created when missing, locked against a second
  // process. Its completions arrive on this loop.
  Result<std::unique_ptr<Disk>> open_disk(const std::string& directory);

  // Runs `action` on the loop, from any thread.
  void post(std::function<void()> action);

  // Calls back on the loop for SIGINT, SIGTERM or another signal. SIGPIPE is ignored.
  void on_signal(int signal, std::function<void(int)> action);

  // Watches a file descriptor that is not a socket of ours (terminal keys, a child's pipe).
  void watch_readable(int fd, std::function<void()> action);
  void unwatch(int fd);

  // Until stop(). One turn: expired timers, then ready sockets, then posted actions. Handlers added
  // by `at_turn_end` run after each turn: sends are written there, so that a turn's bytes to one
  // connection leave in one system call.
  void run();
  void stop();
  void at_turn_end(std::function<void()> action);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Blocking file helpers for configuration and tools; not for the loop.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);
Result<void> write_file(const std::string& path, ByteView bytes, int mode);

}  // namespace oki::host
