#include "app/command_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "base/assert.h"

namespace oki::app {
namespace {

bool wants_japanese(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "--lang") return words[i + 1] == "ja";
  }
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("ja");
  }
  return false;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const OptionSpec* find_option(const CommandSpec& spec, std::string_view name) {
  for (const OptionSpec& option : spec.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

// The number of edits between two words, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

const char* exit_codes_help =
    "0    ok\n"
    "1    failed\n"
    "2    wrong use: see --help\n"
    "3    works, but not healthy\n"
    "5    unavailable: no leader\n"
    "6    timed out, the outcome is unknown\n"
    "7    verification failed: something acknowledged was lost or doubled, or hashes differ\n"
    "130  interrupted\n";

// The values given, checked against the table; defaults not yet filled in.
Result<std::map<std::string, std::string>> given_values(const CommandSpec& spec,
                                                        const std::vector<std::string>& words) {
  std::map<std::string, std::string> values;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (!word.starts_with("--") && spec.operand != nullptr && !values.contains(spec.operand)) {
      values[spec.operand] = word;
      continue;
    }
    if (!word.starts_with("--")) return error(Errc::invalid, "unexpected '" + word + "'");
    word.erase(0, 2);
    std::optional<std::string> value;
    if (const auto equals = word.find('='); equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.erase(equals);
    }
    if (word == "lang") {
      if (!value && ++i >= words.size()) return error(Errc::invalid, "--lang needs ja or en");
      continue;
    }
    const OptionSpec* option = find_option(spec, word);
    if (option == nullptr) return error(Errc::invalid, "unknown option --" + word);
    if (option->value == nullptr) {
      if (value) return error(Errc::invalid, "--" + word + " takes no value");
      value = "yes";
    } else if (!value) {
      if (++i >= words.size()) return error(Errc::invalid, "--" + word + " needs a value");
      value = words[i];
    }
    if (option->value != nullptr && std::string_view(option->value) == "N" &&
        !parse_number(*value)) {
      return error(Errc::invalid, "--" + word + " needs a whole number, not '" + *value + "'");
    }
    values[word] = *value;
  }
  return values;
}

}  // namespace

const std::string& Arguments::text(const std::string& option) const {
  static const std::string none;
  const auto it = values_.find(option);
  return it == values_.end() ? none : it->second;
}

std::uint64_t Arguments::number(const std::string& option) const {
  const std::optional<std::uint64_t> value = parse_number(text(option));
  ASSERT(value.has_value());
  return *value;
}

Result<Arguments> CommandTable::parse(const CommandSpec& spec,
                                      const std::vector<std::string>& words, bool japanese) const {
  auto values = given_values(spec, words);
  if (!values) return tl::unexpected(values.error());
  Arguments arguments;
  arguments.japanese_ = japanese;
  arguments.values_ = std::move(*values);
  if (spec.operand != nullptr && !arguments.has(spec.operand)) {
    return error(Errc::invalid, std::string("the ") + spec.operand + " is missing");
  }
  for (const OptionSpec& option : spec.options) {
    if (arguments.has(option.name)) continue;
    if (option.required)
      return error(Errc::invalid, std::string("--") + option.name + " is missing");
    if (*option.fallback != '\0') arguments.values_[option.name] = option.fallback;
  }
  return arguments;
}

const CommandSpec* CommandTable::find(std::string_view name) const {
  for (const CommandSpec& command : commands_) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::string CommandTable::help(bool japanese) const {
  std::string out =
      japanese
          ? "okiagari: 起き上がる暗号資産取引所\n\n使い方: okiagari コマンド [--オプション]\n\n"
          : "okiagari: a crypto-asset exchange that always rights itself\n\n"
            "usage: okiagari COMMAND [--options]\n\n";
  for (const CommandSpec& command : commands_) {
    fmt::format_to(std::back_inserter(out), "  {:<20} {}\n", command.name,
                   japanese ? command.summary.ja : command.summary.en);
  }
  out += japanese
             ? "\nokiagari コマンド --help で詳細、okiagari help exit-codes で終了コード。\n"
             : "\nokiagari COMMAND --help tells more; okiagari help exit-codes lists the codes.\n";
  return out;
}

std::string CommandTable::help(const CommandSpec& spec, bool japanese) const {
  std::string out = fmt::format(
      "okiagari {}{}{}: {}\n\n", spec.name, spec.operand != nullptr ? " " : "",
      spec.operand != nullptr ? spec.operand : "", japanese ? spec.summary.ja : spec.summary.en);
  for (const OptionSpec& option : spec.options) {
    std::string left = fmt::format("--{}{}{}", option.name, option.value != nullptr ? " " : "",
                                   option.value != nullptr ? option.value : "");
    fmt::format_to(std::back_inserter(out), "  {:<24} {}", left,
                   japanese ? option.help.ja : option.help.en);
    if (*option.fallback != '\0') {
      fmt::format_to(std::back_inserter(out), " [{}]", option.fallback);
    }
    if (option.required) out += japanese ? "（必須）" : " (required)";
    out += '\n';
  }
  return out;
}

int CommandTable::run(int count, char** words) const {
  std::vector<std::string> all(words + 1, words + count);
  const bool japanese = wants_japanese(all);
  if (all.empty()) {
    std::fputs(help(japanese).c_str(), stderr);
    return exit_code::usage;
  }
  if (all[0] == "--help") all[0] = "help";
  if (all[0] == "help") return print_help({all.begin() + 1, all.end()}, japanese);
  const CommandSpec* spec = take_command(all);
  if (spec == nullptr) {
    fmt::print(stderr, "okiagari: unknown command '{}'; did you mean '{}'?\n", all[0],
               nearest(all).name);
    return exit_code::usage;
  }
  if (std::find(all.begin(), all.end(), "--help") != all.end()) {
    std::fputs(help(*spec, japanese).c_str(), stdout);
    return exit_code::ok;
  }
  const Result<Arguments> arguments = parse(*spec, all, japanese);
  if (!arguments) {
    fmt::print(stderr, "okiagari {}: {}; see okiagari {} --help\n", spec->name,
               arguments.error().message, spec->name);
    return exit_code::usage;
  }
  return spec->run(*arguments);
}

int CommandTable::print_help(std::vector<std::string> words, bool japanese) const {
  if (words.empty() || words[0].starts_with("--")) {
    std::fputs(help(japanese).c_str(), stdout);
  } else if (words[0] == "exit-codes") {
    std::fputs(exit_codes_help, stdout);
  } else if (const CommandSpec* spec = take_command(words)) {
    std::fputs(help(*spec, japanese).c_str(), stdout);
  } else {
    fmt::print(stderr, "okiagari: no help on '{}'\n", words[0]);
    return exit_code::usage;
  }
  return exit_code::ok;
}

const CommandSpec* CommandTable::take_command(std::vector<std::string>& words) const {
  for (const std::size_t length : {std::size_t{2}, std::size_t{1}}) {
    if (words.size() < length) continue;
    const std::string name = length == 2 ? words[0] + " " + words[1] : words[0];
    if (const CommandSpec* spec = find(name)) {
      words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(length));
      return spec;
    }
  }
  return nullptr;
}

const CommandSpec& CommandTable::nearest(const std::vector<std::string>& words) const {
  const std::string& word = words[0];
  return *std::min_element(commands_.begin(), commands_.end(),
                           [&](const CommandSpec& a, const CommandSpec& b) {
                             return distance(a.name, word) < distance(b.name, word);
                           });
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  std::int64_t unit_ms = 1000;
  if (text.ends_with("ms")) {
    unit_ms = 1;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  } else if (text.ends_with('m')) {
    unit_ms = 60'000;
    text.remove_suffix(1);
  } else if (text.ends_with('h')) {
    unit_ms = 3'600'000;
    text.remove_suffix(1);
  }
  const std::optional<std::uint64_t> number = parse_number(text);
  constexpr std::uint64_t hours_max = 24 * 366;
  if (!number || *number > hours_max * 3'600'000 / static_cast<std::uint64_t>(unit_ms)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number) * unit_ms;
}

}  // namespace oki::app
