// `core_oracle`: what `okiagari bench oracle` does, linked with nothing but the core, so that it is
// built in seconds; and with faults planted in one of the two cores.
//
//     core_oracle [--commands N] [--seed S] [--jobs J] [--json] [--quiet] [--cover]
//                 [--save FILE] [--shrink-seconds N] [--silent-seconds N]
//                 [--planted difference|crash|hang] [--replay
//                 FILE]
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/oracle_bench.h"

namespace {

bool parse_number(std::string_view text, std::uint64_t& value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

struct Words {
  oki::bench::OracleOptions options;
  std::string planted, replay;
};

bool parse(const std::vector<std::string>& words, Words& out) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    bool* const flag = word == "--json"    ? &out.options.json
                       : word == "--quiet" ? &out.options.quiet
                       : word == "--cover" ? &out.options.cover
                                           : nullptr;
    if (flag != nullptr) {
      *flag = true;
      continue;
    }
    if (++i == words.size()) return false;
    std::string* const text = word == "--save"      ? &out.options.save
                              : word == "--planted" ? &out.planted
                              : word == "--replay"  ? &out.replay
                                                    : nullptr;
    std::uint64_t* const number = word == "--commands"         ? &out.options.commands
                                  : word == "--seed"           ? &out.options.seed
                                  : word == "--jobs"           ? &out.options.jobs
                                  : word == "--shrink-seconds" ? &out.options.shrink_seconds
                                  : word == "--silent-seconds" ? &out.options.silent_seconds
                                                               : nullptr;
    if (text != nullptr) {
      *text = words[i];
    } else if (number == nullptr || !parse_number(words[i], *number)) {
      return false;
    }
  }
  return out.options.commands > 0;
}

}  // namespace

int main(int count, char** arguments) {
  Words words;
  bool good = parse({arguments + 1, arguments + count}, words);
  if (good && !words.planted.empty()) {
    const auto cores = oki::core::planted_cores(words.planted);
    good = cores.has_value();
    if (good) words.options.cores = *cores;
  }
  if (!good) {
    fmt::print(stderr,
               "core_oracle [--commands N] [--seed S] [--jobs J] [--json] [--quiet] [--cover] "
               "[--save FILE] "
               "[--shrink-seconds N] [--silent-seconds N] [--planted difference|crash|hang] "
               "[--replay FILE]\n");
    return 2;
  }
  if (!words.replay.empty()) return oki::bench::replay_oracle(words.replay, words.options);
  return oki::bench::run_oracle(words.options);
}
