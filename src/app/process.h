// What every server process of the house has: a loop, a log on stderr, counters on a listener of
// their own, an end on SIGTERM or SIGINT.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/command_table.h"
#include "base/log.h"
#include "base/metrics.h"
#include "crypto/crypto.h"
#include "host/loop.h"
#include "net/metrics_server.h"
#include "watch/host/host_sampler.h"

namespace oki::app {

class ProcessVitals;

class Process {
 public:
  // `name` stands in every log line: "node 2".
  explicit Process(std::string name);
  ~Process();

  host::Loop& loop() { return loop_; }
  Log& log() { return log_; }
  Metrics& metrics() { return metrics_; }
  Random& random() { return random_; }

  // Where `--metrics` says, when it was given, with the numbers of the machine and of this process;
  // pages are added before. With `--dir` also its room, and how long a small write takes there.
  net::MetricsServer& metrics_server() { return server_; }
  Result<void> serve_metrics(const Arguments& arguments);

  // Of this machine, as the page has them; empty before serve_metrics() has listened.
  std::vector<watch::HostGauge> host_gauges() const;

  // What is to be done between the signal and the end; it calls `end` once. A second signal ends at
  // once.
  void on_end(std::function<void(std::function<void()> end)> action) {
    on_end_ = std::move(action);
  }

  // Until a signal asks for the end or `fail`. Gives the exit code.
  int run();

  // Ends the process with this sentence, the same for people and for the log.
  void fail(const std::string& sentence);

 private:
  std::string name_;
  host::Loop loop_;
  Log log_;
  Metrics metrics_;
  crypto::SystemRandom random_;
  net::MetricsServer server_;
  std::unique_ptr<ProcessVitals> vitals_;
  std::function<void(std::function<void()>)> on_end_;
  int exit_code_ = exit_code::ok;
};

// "127.0.0.1:7001,127.0.0.1:7002"
Result<std::vector<Address>> parse_addresses(std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);

// A file with one line of hexadecimal digits: `bytes` bytes. The error never shows the content.
Result<Bytes> read_key_file(const std::string& path, std::size_t bytes);

// Says what is wrong with the use of a command; gives the exit code.
int usage(const char* command, const std::string& sentence);

}  // namespace oki::app
