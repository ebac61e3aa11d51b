// The real world on one thread: epoll, timers, TCP sockets, signals; and one thread per Disk for
// writes. Implements the interfaces of base/.
//
// Threads: everything is called, and calls back, on the thread that calls run(), except post() and
// stop(), which may come from any thread. Calls before run() come from the thread that will run it.
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
  // process. Its completions arrive on this loop, which must outlive it. Destroying the Disk waits
  // for the operation under way; those not begun are dropped and no completion comes any more.
  Result<std::unique_ptr<Disk>> open_disk(const std::string& directory);

  // Runs `action` on the loop, from any thread.
  void post(std::function<void()> action);

  // Calls back on the loop for SIGINT, SIGTERM or another signal. SIGPIPE is ignored. A signal
  // belongs to the loop that asked last; the default comes back when that loop is destroyed.
  void on_signal(int signal, std::function<void(int)> action);

  // Watches a file descriptor that is not a socket of ours (terminal keys, a child's pipe) until
  // unwatch(). Errc::io for what cannot be watched, such as a regular file or /dev/null.
  Result<void> watch_readable(int fd, std::function<void()> action);
  void unwatch(int fd);

  // Until stop(). One turn: expired timers, then ready sockets, then posted actions. Handlers added
  // by `at_turn_end` (for the life of the loop) run after each turn, and then the sends of the turn
  // are written, so that its bytes to one connection leave in one system call.
  void run();
  void stop();
  void at_turn_end(std::function<void()> action);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Blocking file helpers for configuration and tools; not for the loop. read_file refuses a file of
// more than `bytes_max` (Errc::full); write_file replaces the file as a whole or not at all.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);
Result<void> write_file(const std::string& path, ByteView bytes, int mode);

}  // namespace oki::host
