// One table of commands: the parser, the help in both languages and the exit codes come from it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace oki::app {

// Documented by `okiagari help exit-codes`; the same for every command.
namespace exit_code {
constexpr int ok = 0;
constexpr int failed = 1;
constexpr int usage = 2;
constexpr int degraded = 3;
constexpr int unavailable = 5;
constexpr int unknown_outcome = 6;
constexpr int verification_failed = 7;
constexpr int interrupted = 130;
}  // namespace exit_code

struct Words {
  const char* en;
  const char* ja;
};

struct OptionSpec {
  const char* name;             // "seeds": given as --seeds N or --seeds=N
  const char* value = nullptr;  // What stands for the value in the help; nullptr: a flag.
  const char* fallback = "";    // Used when not given; "" for none.
  Words help{"", ""};
  bool required = false;
};

class Arguments {
 public:
  bool has(const std::string& option) const { return values_.contains(option); }
  const std::string& text(const std::string& option) const;  // "" when nobody gave it.

  // REQUIRES: the option was parsed with this command's table. A bad number is a usage error that
  // `parse` has reported already for options whose value is N.
  std::uint64_t number(const std::string& option) const;

  bool japanese() const { return japanese_; }
  const char* say(const Words& words) const { return japanese_ ? words.ja : words.en; }

 private:
  friend class CommandTable;
  std::map<std::string, std::string> values_;
  bool japanese_ = false;
};

struct CommandSpec {
  const char* name;  // One word, or two: "bench log".
  Words summary;
  std::vector<OptionSpec> options;
  std::function<int(const Arguments&)> run;
  const char* operand =
      nullptr;  // "mix": a word without dashes that must be given, kept by that name.
};

class CommandTable {
 public:
  explicit CommandTable(std::vector<CommandSpec> commands) : commands_(std::move(commands)) {}

  // Runs the command that the words name; prints help or a usage error otherwise.
  int run(int count, char** words) const;

  // The value of an option of `spec`, or what is wrong with the words. Public for tests.
  Result<Arguments> parse(const CommandSpec& spec, const std::vector<std::string>& words,
                          bool japanese) const;

  std::string help(bool japanese) const;
  std::string help(const CommandSpec& spec, bool japanese) const;
  const CommandSpec* find(std::string_view name) const;

 private:
  int print_help(std::vector<std::string> words, bool japanese) const;

  // The command that the first words name, taken off them; nullptr when there is none.
  const CommandSpec* take_command(std::vector<std::string>& words) const;
  const CommandSpec& nearest(const std::vector<std::string>& words) const;

  std::vector<CommandSpec> commands_;
};

// "90s", "10m", "2h" or a number of seconds, in milliseconds.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

}  // namespace oki::app
