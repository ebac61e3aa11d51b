// `sim_planted --bug NAME [--seeds N] [--first-seed S]`: switches one bug on and must find it.
// Exit code 0: found. Without --bug it is the simulator.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "base/planted.h"
#include "sim/sim.h"

namespace {

bool parse(int count, char** words, oki::sim::SimOptions& options, std::string_view& bug) {
  const auto number = [&](int& i, std::uint64_t& value) {
    if (++i >= count) return false;
    const std::string_view text = words[i];
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
  };
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    bool ok = true;
    if (word == "--bug") {
      ok = ++i < count;
      if (ok) bug = words[i];
    } else if (word == "--seeds") {
      ok = number(i, options.seeds);
    } else if (word == "--first-seed") {
      ok = number(i, options.first_seed);
    } else if (word == "--jobs") {
      ok = number(i, options.jobs);
    } else if (word == "--verbose") {
      options.verbose = true;
    } else if (word == "--json") {
      options.json = true;
    } else {
      ok = false;
    }
    if (!ok) return false;
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  oki::sim::SimOptions options;
  options.command = {"/proc/self/exe"};
  std::string_view bug;
  if (!parse(count, words, options, bug)) {
    fmt::print(stderr, "sim_planted [--bug NAME] [--seeds N] [--first-seed S] [--jobs J]\n");
    return 2;
  }
  if (bug.empty()) return oki::sim::run_sim(options);
  const auto planted = oki::planted_bug_named(bug);
  if (!planted) {
    fmt::print(stderr, "There is no bug of that name.\n");
    return 2;
  }
  oki::planted_bug = *planted;
  return 0;
}
