// `sim_planted --bug NAME [--seeds N]`: switches one bug on and looks for it, by seeds first, then
// by the scripts. Exit code 0: found. Without --bug it is the simulator.
//
// `--script NAME` runs one script; exit code 1: it has violations.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/planted.h"
#include "replica/engine.h"
#include "sim/scripts.h"
#include "sim/sim.h"

extern char** environ;

namespace {

struct Words {
  oki::sim::SimOptions sim;
  std::string bug;
  std::string script;
};

bool parse_number(std::string_view text, std::uint64_t& value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

bool parse(const std::vector<std::string>& words, Words& out) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--verbose") {
      out.sim.verbose = true;
    } else if (word == "--quiet") {
      out.sim.quiet = true;
    } else if (word == "--json") {
      out.sim.json = true;
    } else if (i + 1 == words.size()) {
      return false;
    } else if (word == "--bug") {
      out.bug = words[++i];
    } else if (word == "--script") {
      out.script = words[++i];
    } else {
      std::uint64_t* number = word == "--seeds"        ? &out.sim.seeds
                              : word == "--first-seed" ? &out.sim.first_seed
                              : word == "--jobs"       ? &out.sim.jobs
                                                       : nullptr;
      if (number == nullptr || !parse_number(words[++i], *number)) return false;
    }
  }
  return true;
}

int run_script(const std::string& name) {
  for (const oki::sim::Script& script : oki::sim::scripts()) {
    if (script.name != name) continue;
    oki::replica::seed_raft_engine(1);
    const oki::sim::WorldReport report = script.run(oki::replica::make_raft_engine);
    for (const std::string& violation : report.violations) fmt::print("! {}\n", violation);
    return report.violations.empty() ? 0 : 1;
  }
  fmt::print(stderr, "There is no script of that name.\n");
  return 2;
}

// In a process of its own: a planted bug may end it. True when the script does not hold.
bool script_finds(const std::string& bug, const std::string& script) {
  std::vector<std::string> words = {"/proc/self/exe", "--bug", bug, "--script", script};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child) return false;
  return !WIFEXITED(status) || WEXITSTATUS(status) == 1;
}

int find(Words& words) {
  words.sim.quiet = words.sim.until_found = words.sim.verbose = true;
  if (oki::sim::run_sim(words.sim) != 0) {
    fmt::print("{}: found by a seed\n", words.bug);
    return 0;
  }
  for (const oki::sim::Script& script : oki::sim::scripts()) {
    if (!script_finds(words.bug, script.name)) continue;
    fmt::print("{}: found by the script {}\n", words.bug, script.name);
    return 0;
  }
  fmt::print("{}: NOT FOUND\n", words.bug);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  Words words;
  words.sim.command = {"/proc/self/exe"};
  if (!parse({arguments + 1, arguments + count}, words)) {
    fmt::print(stderr, "sim_planted [--bug NAME] [--script NAME] [--seeds N] [--first-seed S]\n");
    return 2;
  }
  if (!words.bug.empty()) {
    const auto planted = oki::planted_bug_named(words.bug);
    if (!planted) {
      fmt::print(stderr, "There is no bug of that name.\n");
      return 2;
    }
    oki::planted_bug = *planted;
    words.sim.command.insert(words.sim.command.end(), {"--bug", words.bug});
  }
  if (!words.script.empty()) return run_script(words.script);
  if (words.bug.empty() || words.sim.jobs == 1) return oki::sim::run_sim(words.sim);
  return find(words);
}
