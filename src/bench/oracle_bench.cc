#include "bench/oracle_bench.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/json.h"
#include "core/testing/coverage.h"
#include "core/testing/describe.h"
#include "core/testing/market_commands.h"

namespace oki::bench {
namespace {

using core::OracleCommand;

constexpr std::size_t tape_bytes = 256u << 20;  // Only what is written takes memory.
constexpr int code_same = 0;
constexpr int code_different = 3;
constexpr unsigned trial_seconds_max = 60;
constexpr unsigned hang_seconds = 4;
constexpr double progress_seconds = 5;

// Memory that outlives the process that writes to it: the commands of a run, the newest at the end,
// so that they are known whatever the run ended with.
class Tape {
 public:
  Tape()
      : memory_(mmap(nullptr, tape_bytes, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Tape() {
    if (usable()) munmap(memory_, tape_bytes);
  }
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  bool usable() const { return memory_ != MAP_FAILED; }

  void clear() { *head() = {}; }

  void write(const OracleCommand& command) {
    Head& now = *head();
    const std::size_t need = sizeof(std::int64_t) + sizeof(std::uint32_t) + command.bytes.size();
    if (sizeof(Head) + now.used + need > tape_bytes) return;
    char* out = data() + now.used;
    const auto size = static_cast<std::uint32_t>(command.bytes.size());
    std::memcpy(out, &command.time.value, sizeof(std::int64_t));
    std::memcpy(out + sizeof(std::int64_t), &size, sizeof size);
    std::memcpy(out + sizeof(std::int64_t) + sizeof size, command.bytes.data(), size);
    now.used += need;
    ++now.count;
  }

  // What a run says at its end: its coverage, or the kind of the difference.
  void note(const std::string& text) {
    Head& now = *head();
    now.note_size = std::min(text.size(), sizeof now.note);
    std::memcpy(now.note, text.data(), now.note_size);
  }
  std::string note() const { return {head()->note, head()->note_size}; }

  std::vector<OracleCommand> commands() const {
    std::vector<OracleCommand> list;
    const char* in = data();
    for (std::uint64_t i = 0; i < head()->count; ++i) {
      OracleCommand command;
      std::uint32_t size = 0;
      std::memcpy(&command.time.value, in, sizeof(std::int64_t));
      std::memcpy(&size, in + sizeof(std::int64_t), sizeof size);
      command.bytes.assign(in + sizeof(std::int64_t) + sizeof size, size);
      in += sizeof(std::int64_t) + sizeof size + size;
      list.push_back(std::move(command));
    }
    return list;
  }

 private:
  struct Head {
    std::uint64_t count;
    std::uint64_t used;
    std::size_t note_size;
    char note[4096];
  };
  Head* head() const { return static_cast<Head*>(memory_); }
  char* data() const { return static_cast<char*>(memory_) + sizeof(Head); }

  void* memory_;
};

// Ends this process after so many seconds of processor time from now: time that others take does
// not count.
void end_after(unsigned seconds) {
  const itimerval timer{{0, 0}, {static_cast<time_t>(seconds), 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

// Runs `work` in a process of its own; it is killed after `seconds`. Gives its pid, or -1.
template <typename Work>
pid_t in_child(unsigned seconds, const Work& work) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGPROF, SIGTERM}) {
    signal(number, SIG_DFL);
  }
  end_after(seconds);
  const int code = work();
  std::fflush(nullptr);
  _exit(code);
}

// What became of a child, as a kind of difference; empty: nothing.
std::string ended(int status, const Tape& tape) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == code_same) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == code_different) return tape.note();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF) return "hangs";
  return WIFSIGNALED(status) ? fmt::format("ends with signal {}", WTERMSIG(status))
                             : fmt::format("ends with status {}", WEXITSTATUS(status));
}

std::string wait_for(pid_t pid, const Tape& tape) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return "is lost";
  }
  return ended(status, tape);
}

std::uint64_t run_seed(const OracleOptions& options, std::uint64_t run) {
  return options.seed * 1'000'000 + run;
}

// One run, in the child. The code is that of the process.
int work(const OracleOptions& options, std::uint64_t run, std::uint64_t count, Tape& tape) {
  const std::uint64_t seed = run_seed(options, run);
  core::MarketCommands commands(seed);
  core::Oracle oracle(options.cores, core::MarketCommands::limits(commands.is_crowd(seed)));
  core::Coverage coverage;
  OracleCommand command;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const core::MarketCommands::Timed& next = commands.next();
    command.time = next.time;
    command.bytes = next.command;
    tape.write(command);
    if (i % 1'000 == 0) end_after(static_cast<unsigned>(options.silent_seconds));
    auto difference = oracle.apply(command);
    if (!difference && (i % check_every == 0 || i == count)) difference = oracle.check();
    if (difference) {
      tape.note(difference->kind);
      return code_different;
    }
    commands.saw(oracle.reply(), oracle.events());
    if (run < covered_runs) coverage.saw(command.bytes, oracle.reply(), oracle.events());
  }
  tape.note(coverage.bytes());
  return code_same;
}

class Campaign {
 public:
  explicit Campaign(const OracleOptions& options)
      : options_(options),
        runs_((options.commands + run_commands - 1) / run_commands),
        began_(std::chrono::steady_clock::now()) {}

  int run();

 private:
  struct Job {
    pid_t pid = 0;
    std::uint64_t run = 0;
    std::unique_ptr<Tape> tape = std::make_unique<Tape>();
  };

  bool start(Job& job);
  Job* wait(int& status);
  void progress(bool last);
  void found(const Job& job, const std::string& kind);
  void show(bool crowd, const core::OracleList& list, const std::vector<std::size_t>& places,
            const std::string& kind);
  std::string trial(const core::OracleList& list, const std::vector<std::size_t>& places,
                    const std::string& kind) const;
  std::vector<std::size_t> shrunk(const core::OracleList& list, const core::OracleParts& parts,
                                  const std::string& kind);
  int conclude();
  std::uint64_t count_of(std::uint64_t run) const {
    return std::min(run_commands, options_.commands - run * run_commands);
  }
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

  const OracleOptions& options_;
  std::uint64_t runs_;
  std::uint64_t next_ = 0;
  std::uint64_t done_commands_ = 0;
  std::uint64_t differences_ = 0;
  double told_at_ = 0;
  std::chrono::steady_clock::time_point began_;
  std::vector<Job> jobs_;
  core::Coverage coverage_;
};

bool Campaign::start(Job& job) {
  if (next_ >= runs_ || differences_ > 0 || !job.tape->usable()) return false;
  job.run = next_++;
  job.tape->clear();
  job.pid = in_child(static_cast<unsigned>(options_.silent_seconds),
                     [&] { return work(options_, job.run, count_of(job.run), *job.tape); });
  return job.pid > 0;
}

Campaign::Job* Campaign::wait(int& status) {
  const pid_t pid = waitpid(-1, &status, 0);
  for (Job& job : jobs_) {
    if (job.pid == pid && pid > 0) return &job;
  }
  return nullptr;
}

void Campaign::progress(bool last) {
  if (options_.quiet || (!last && seconds() - told_at_ < progress_seconds)) return;
  told_at_ = seconds();
  fmt::print(stderr, "oracle: {} of {} commands, {:.0f} s\n", done_commands_, options_.commands,
             told_at_);
}

int Campaign::run() {
  const auto wanted = static_cast<std::size_t>(
      options_.jobs > 0 ? options_.jobs
                        : static_cast<std::uint64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
  jobs_.resize(std::min<std::size_t>(wanted, runs_));
  std::size_t running = 0;
  for (Job& job : jobs_) running += start(job) ? 1 : 0;
  while (running > 0) {
    int status = 0;
    Job* const job = wait(status);
    if (job == nullptr) return 2;
    job->pid = 0;
    --running;
    if (differences_ > 0) continue;  // It was killed.
    const std::string kind = ended(status, *job->tape);
    if (!kind.empty()) {
      ++differences_;
      for (const Job& other : jobs_) {
        if (other.pid > 0) kill(other.pid, SIGKILL);
      }
      found(*job, kind);
      continue;
    }
    done_commands_ += count_of(job->run);
    coverage_.merge(job->tape->note());
    progress(done_commands_ == options_.commands);
    running += start(*job) ? 1 : 0;
  }
  if (done_commands_ < options_.commands && differences_ == 0) return 2;
  return conclude();
}

// Long enough that a list which only takes long is not taken for one that hangs.
unsigned patience(const std::string& kind) {
  return kind == "hangs" ? hang_seconds : trial_seconds_max;
}

// How often a list is checked that shows this: checks cost more than hundreds of commands.
std::size_t checked_every(const std::string& kind) {
  const bool at_once = kind.starts_with("reply") || kind.starts_with("events");
  return at_once ? ~std::size_t{0} : 500;
}

// How the commands at `places` end: a kind of difference, or nothing.
std::string Campaign::trial(const core::OracleList& list, const std::vector<std::size_t>& places,
                            const std::string& kind) const {
  Tape tape;
  const pid_t pid = in_child(patience(kind), [&] {
    if (kind.starts_with("ends")) close(STDERR_FILENO);
    const auto difference = list.run(places, checked_every(kind), nullptr);
    if (!difference) return code_same;
    tape.note(difference->kind);
    return code_different;
  });
  return wait_for(pid, tape);
}

// A trial that ends differently than the whole list did does not count: it would lead to another
// fault.
std::vector<std::size_t> Campaign::shrunk(const core::OracleList& list,
                                          const core::OracleParts& parts, const std::string& kind) {
  const double until = seconds() + static_cast<double>(options_.shrink_seconds);
  return core::shrink(
      parts,
      [&](const std::vector<std::size_t>& places) { return trial(list, places, kind) == kind; },
      [&] { return seconds() < until; });
}

void Campaign::found(const Job& job, const std::string& kind) {
  const std::uint64_t seed = run_seed(options_, job.run);
  const bool crowd = core::MarketCommands::is_crowd(seed);
  const std::vector<OracleCommand> commands = job.tape->commands();
  fmt::print("difference in run {} at command {}: {}\n", job.run, commands.size(), kind);
  const core::CoreLimits limits = core::MarketCommands::limits(crowd);
  core::OracleList list(options_.cores, limits, core::unsigned_commands(commands));
  std::vector<std::size_t> all(commands.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (trial(list, all, kind) != kind) list = core::OracleList(options_.cores, limits, commands);
  list.learn();
  const std::size_t set_up = std::min(core::MarketCommands(seed).set_up_size(), all.size() - 1);
  show(crowd, list, shrunk(list, {all.size(), set_up, core::fixed_part(commands)}, kind), kind);
}

// Prints the list, runs it once more for what differs, and keeps it.
void Campaign::show(bool crowd, const core::OracleList& list,
                    const std::vector<std::size_t>& places, const std::string& kind) {
  Tape tape;
  const pid_t pid = in_child(patience(kind), [&] {
    const auto record = [&tape](const OracleCommand& command) { tape.write(command); };
    const auto difference = list.run(places, checked_every(kind), record);
    tape.note(difference ? difference->text : "no difference in the shrunk list\n");
    return code_same;
  });
  const std::string end = wait_for(pid, tape);
  const std::vector<OracleCommand> shortest = tape.commands();
  fmt::print("shortest list: {} commands, the first {} add assets and markets\n", shortest.size(),
             core::fixed_part(shortest));
  for (const OracleCommand& command : shortest) {
    fmt::print("  {} {}\n", command.time.value, core::describe_command(command.bytes));
  }
  fmt::print("{}", end.empty() ? tape.note() : "the process " + end + "\n");
  if (options_.save.empty()) return;
  const std::string text = core::write_replay(crowd, shortest);
  std::FILE* file = std::fopen(options_.save.c_str(), "w");
  const bool written =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) std::fclose(file);
  fmt::print("{} {}\n", written ? "kept in" : "cannot write", options_.save);
}

int Campaign::conclude() {
  const std::vector<std::string> missing = coverage_.missing();
  if (!options_.json) {
    fmt::print("{} commands in {:.1f} s, {} differences; {} refusals, {} kinds of events\n",
               done_commands_, seconds(), differences_, coverage_.refusals(),
               coverage_.event_kinds());
  } else {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("commands", done_commands_).field("seed", options_.seed);
    json.field("milliseconds", static_cast<std::uint64_t>(seconds() * 1000));
    json.field("differences", differences_);
    json.field("refusals", std::uint64_t{coverage_.refusals()});
    json.field("events", std::uint64_t{coverage_.event_kinds()}).key("missing").begin_array();
    for (const std::string& name : missing) json.string(name);
    json.end_array().end_object();
    fmt::print("{}\n", out);
  }
  if (options_.cover) {
    for (const std::string& line : core::Coverage::unreachable()) {
      fmt::print(stderr, "oracle: not to be reached: {}\n", line);
    }
    for (const std::string& name : missing) fmt::print(stderr, "oracle: never seen: {}\n", name);
    if (!missing.empty()) return 1;
  }
  return differences_ == 0 ? 0 : 1;
}

}  // namespace

int run_oracle(const OracleOptions& options) { return Campaign(options).run(); }

int replay_oracle(const std::string& path, const OracleOptions& options) {
  std::string text;
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) {
    fmt::print(stderr, "oracle: cannot read {}: {}\n", path, std::strerror(errno));
    return 2;
  }
  char piece[4096];
  for (std::size_t size; (size = std::fread(piece, 1, sizeof piece, file)) > 0;) {
    text.append(piece, size);
  }
  std::fclose(file);
  const auto replay = core::read_replay(text);
  if (!replay) {
    fmt::print(stderr, "oracle: {} is no list of commands\n", path);
    return 2;
  }
  core::Oracle oracle(options.cores, core::MarketCommands::limits(replay->crowd));
  std::size_t left = replay->commands.size();
  for (const OracleCommand& command : replay->commands) {
    auto difference = oracle.apply(command);
    if (!difference && (--left % check_every == 0 || left < replay_checked)) {
      difference = oracle.check();
    }
    if (!difference) continue;
    fmt::print("{} {}\n{}", command.time.value, core::describe_command(command.bytes),
               difference->text);
    return 1;
  }
  fmt::print("{}: {} commands, no difference\n", path, replay->commands.size());
  return 0;
}

}  // namespace oki::bench
