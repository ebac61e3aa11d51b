// Runs one command line to its end: no shell, an empty environment but for PATH, a limit on time
// and on what is kept of its output.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace oki::response {

constexpr std::size_t output_bytes_max = 64u << 10;

struct Executed {
  int exit_code = -1;      // 128 + signal, as a shell would show it.
  bool timed_out = false;  // It was ended; whatever it did by then is done.
  std::string output;      // stdout and stderr, the first output_bytes_max of them.
  bool cut = false;        // There was more.
};

class Executor {
 public:
  virtual ~Executor() = default;

  // `done` is called once, never inside this call. An error: it was surely never begun.
  using Done = std::function<void(Result<Executed>)>;
  virtual void run(const std::vector<std::string>& words, std::int64_t timeout_ms, Done done) = 0;
};

// Real children of this process, which die with it. One runs at a time; another is refused `full`.
class ChildExecutor final : public Executor {
 public:
  // Output passes through a file in `directory`, which exists. REQUIRES: used on the main thread.
  ChildExecutor(Timers& timers, const Clock& clock, std::string directory);
  ~ChildExecutor() override;

  void run(const std::vector<std::string>& words, std::int64_t timeout_ms, Done done) override;

 private:
  struct Running;
  void look();
  void finish();

  Timers& timers_;
  const Clock& clock_;
  std::string output_path_;
  std::unique_ptr<Running> running_;
  TimerId timer_;
};

}  // namespace oki::response
