// A child process of this program's own: started, watched, killed, never left behind.
//
// The child is killed by the kernel when the process (main thread) that started it dies, so that
// even kill -9 of a demo leaves nothing running. Its output goes to a file.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace oki::host {

// What the child sees of this process's environment.
enum class Environment { all, only_path };  // only_path: PATH=/usr/bin:/bin and nothing else.

class Child {
 public:
  // Starts `arguments[0]` with the rest as its arguments; stdin is /dev/null, stdout and stderr are
  // appended to `log_file`. REQUIRES: called on the main thread.
  static Result<Child> start(const std::vector<std::string>& arguments, const std::string& log_file,
                             Environment environment = Environment::all);

  Child() = default;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();  // Kills (SIGKILL) and waits.

  pid_t pid() const { return pid_; }

  // False once the child has ended; reaps it then.
  bool running();

  // The exit status as a shell would show it (128 + signal), once running() is false; else -1.
  int exit_status() const { return exit_status_; }

  void signal(int number);

  // SIGKILL and wait for the end.
  void kill_now();

  // As kill_now(), for the child and all that it started and that did not leave its group.
  void kill_group_now();

  // Blocks until the child has ended or the patience is over; true when it has ended.
  bool wait(int patience_ms);

  // SIGTERM, then SIGKILL after `patience_ms`; blocking.
  void terminate(int patience_ms);

 private:
  void take(Child& other);

  pid_t pid_ = 0;
  int exit_status_ = -1;
};

// The path of the running binary.
Result<std::string> own_binary();

// A free TCP port on loopback at this moment, a different one each time.
Result<std::uint16_t> free_port();

}  // namespace oki::host
