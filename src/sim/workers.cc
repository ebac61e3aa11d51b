#include "sim/workers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "sim/report.h"

extern char** environ;

namespace oki::sim {
namespace {

constexpr std::uint64_t seeds_per_worker = 32;
constexpr int silent_ms_max = 120'000;  // A seed takes a fraction of a second.

class Worker {
 public:
  Worker(std::uint64_t first, std::uint64_t count) : next_(first), left_(count) {}

  bool start(const SimOptions& options) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    std::vector<std::string> words = options.command;
    for (const auto& [name, value] : {std::pair{"--first-seed", next_}, {"--seeds", left_}}) {
      words.emplace_back(name);
      words.push_back(fmt::format("{}", value));
    }
    words.insert(words.end(), {"--jobs", "1", "--verbose"});
    if (options.quiet) words.emplace_back("--quiet");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int failed =
        posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
    return failed == 0;
  }

  int output() const { return output_; }
  bool done() const { return left_ == 0; }

  // Reads what the worker has printed; false at its end.
  bool read_some(std::vector<WorldReport>& reports) {
    char piece[4096];
    const ssize_t size = read(output_, piece, sizeof piece);
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    text_.append(piece, static_cast<std::size_t>(size));
    for (std::size_t end; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1)) {
      const std::string line = text_.substr(0, end);
      if (line.starts_with("! ")) violations_.push_back(line.substr(2));
      std::optional<WorldReport> report = parse_line(line);
      if (!report || report->seed != next_) continue;
      report->violations = std::exchange(violations_, {});
      reports.push_back(std::move(*report));
      ++next_;
      --left_;
    }
    return true;
  }

  // Ends it; a seed that it did not finish by itself counts as a violation.
  void end(std::vector<WorldReport>& reports) {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    close(output_);
    text_.clear();
    if (done()) return;
    WorldReport report;
    report.seed = next_;
    report.violations = std::exchange(violations_, {});
    report.violations.push_back(fmt::format(
        "The simulator stopped or hung ({} {}).", WIFSIGNALED(status) ? "signal" : "status",
        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
    reports.push_back(std::move(report));
    ++next_;
    --left_;
  }

 private:
  std::uint64_t next_;
  std::uint64_t left_;
  pid_t pid_ = 0;
  int output_ = -1;
  std::string text_;
  std::vector<std::string> violations_;  // Of the seed whose line is to come.
};

// Takes what they print; one that has ended with seeds left is started again behind the one that
// ended it. False when that fails.
bool wait_for(std::vector<Worker>& workers, const SimOptions& options,
              std::vector<WorldReport>& reports) {
  std::vector<pollfd> waiting;
  for (const Worker& worker : workers) waiting.push_back({worker.output(), POLLIN, 0});
  const int ready = poll(waiting.data(), waiting.size(), silent_ms_max);
  if (ready < 0) return errno == EINTR;
  for (std::size_t i = workers.size(); i-- > 0;) {
    const bool spoke = waiting[i].revents != 0;
    if (ready != 0 && (!spoke || workers[i].read_some(reports))) continue;
    workers[i].end(reports);
    if (workers[i].done()) {
      workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (!workers[i].start(options)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool run_workers(const SimOptions& options, const TakeReport& take) {
  std::uint64_t given = 0;
  bool wanted = true;
  std::vector<Worker> workers;
  while (wanted && (given < options.seeds || !workers.empty())) {
    while (given < options.seeds && workers.size() < options.jobs) {
      const std::uint64_t count = std::min(seeds_per_worker, options.seeds - given);
      workers.emplace_back(options.first_seed + given, count);
      given += count;
      if (!workers.back().start(options)) return false;
    }
    std::vector<WorldReport> reports;
    if (!wait_for(workers, options, reports)) return false;
    for (const WorldReport& report : reports) wanted = wanted && take(report);
  }
  std::vector<WorldReport> unwanted;
  for (Worker& worker : workers) worker.end(unwanted);
  return true;
}

}  // namespace oki::sim
