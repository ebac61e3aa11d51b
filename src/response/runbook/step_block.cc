#include "response/runbook/step_block.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <toml.hpp>

#include "base/utf8.h"
#include "response/runbook/catalogue.h"
#include "response/runbook/condition.h"
#include "response/runbook/scene.h"

namespace oki::response {
namespace {

using Fault = std::optional<BlockFault>;

std::size_t line_of(const toml::value& value) { return value.location().line(); }

class Block {
 public:
  Block(const toml::value& root, BookStep& step) : root_(root.as_table()), step_(step) {}

  Fault read() {
    check_keys();
    const std::string name = text("name", true);
    if (name != step_.name) fault("name", "'name' is not the one of the heading");
    step_.action = text("action", true);
    spec_ = find_action(step_.action);
    if (spec_ == nullptr) fault("action", "there is no action '" + step_.action + "'");
    read_each();
    read_with();
    read_approval();
    step_.timeout_ms = duration("timeout", step_timeout_ms_max);
    step_.within_ms = duration("within", step_within_ms_max);
    read_verify();
    const std::string on_failure = text("on_failure", true);
    step_.stop_on_failure = on_failure != "continue";
    if (on_failure != "stop" && on_failure != "continue") {
      fault("on_failure", "'on_failure' is stop or continue");
    }
    return fault_;
  }

 private:
  void fault(const std::string& key, const std::string& sentence) {
    if (fault_) return;
    const auto found = root_.find(key);
    fault_ = BlockFault{found == root_.end() ? 1 : line_of(found->second), sentence};
  }

  void check_keys() {
    static const std::set<std::string> known = {
        "name", "action", "with", "each", "approval", "timeout", "verify", "within", "on_failure"};
    for (const auto& [key, value] : root_) {
      if (!known.contains(key)) fault(key, "unknown key '" + key + "'");
    }
  }

  std::string text(const std::string& key, bool required) {
    const auto found = root_.find(key);
    if (found == root_.end()) {
      if (required) fault(key, "'" + key + "' is missing");
      return {};
    }
    if (found->second.is_string()) return found->second.as_string().str;
    fault(key, "'" + key + "' must be a text in quotes");
    return {};
  }

  std::int64_t duration(const std::string& key, std::int64_t ms_max) {
    const auto ms = parse_duration(text(key, true));
    if (ms && *ms <= ms_max) return *ms;
    fault(key,
          "'" + key + "' must be like 30s or 2m, at most " + std::to_string(ms_max / 60'000) + "m");
    return 0;
  }

  void read_each() {
    const std::string each = text("each", false);
    if (each.empty() && !root_.contains("each")) return;
    const auto found = parse_each(each);
    if (!found) return fault("each", "'each' is like 'affected edge' or 'every edge'");
    step_.each = *found;
  }

  void read_approval() {
    const std::string word = text("approval", true);
    constexpr const char* names[approvals] = {"automatic", "one_person", "two_people"};
    const auto found = std::find(std::begin(names), std::end(names), word);
    if (found == std::end(names)) {
      return fault("approval", "'approval' is automatic, one_person or two_people");
    }
    step_.approval = static_cast<Approval>(found - std::begin(names));
  }

  void read_with() {
    const auto found = root_.find("with");
    if (found != root_.end() && !found->second.is_table()) {
      return fault("with", "'with' must be a table");
    }
    if (found != root_.end()) {
      for (const auto& [key, value] : found->second.as_table()) {
        if (!value.is_string()) return fault("with", "'with." + key + "' must be a text in quotes");
        step_.with[key] = value.as_string().str;
      }
    }
    if (spec_ != nullptr) check_parameters();
  }

  void check_parameters() {
    std::set<std::string> wanted;
    for (const ParameterSpec& parameter : spec_->parameters) {
      wanted.insert(parameter.name);
      const auto given = step_.with.find(parameter.name);
      if (given == step_.with.end()) {
        return fault("with", std::string("the parameter '") + parameter.name + "' is missing");
      }
      const auto filled = fill_with_examples(given->second);
      if (!filled) return fault("with", filled.error().message);
      // What a fact will say is not known here; it is checked when it is.
      const bool by_fact = given->second.find("{fact.") != std::string::npos;
      if (!by_fact && !fits(parameter.kind, *filled)) {
        return fault("with", std::string("'") + parameter.name + "' must be like '" +
                                 example(parameter.kind) + "'");
      }
    }
    for (const auto& [key, value] : step_.with) {
      if (!wanted.contains(key)) {
        return fault("with", "'" + step_.action + "' has no parameter '" + key + "'");
      }
    }
  }

  void read_verify() {
    step_.verify = text("verify", true);
    if (fault_) return;
    const auto filled = fill_with_examples(step_.verify);
    if (!filled) return fault("verify", filled.error().message);
    const auto condition = parse_condition(*filled);
    if (!condition) return fault("verify", condition.error().message);
    const bool is_task = spec_ != nullptr && spec_->is_task;
    if ((condition->kind == ConditionKind::nothing) != is_task) {
      fault("verify", "only a task has nothing to verify, and it has nothing else");
    }
  }

  Result<std::string> fill_with_examples(const std::string& text) const {
    const auto names = placeholders_of(text);
    if (!names) return tl::unexpected<Error>(names.error());
    Values values;
    for (const std::string& name : *names) {
      if (const auto value = example_of(name)) values[name] = *value;
    }
    auto filled = fill(text, values);
    if (!filled) return error(Errc::invalid, "unknown placeholder in '" + text + "'");
    return filled;
  }

  const toml::table& root_;
  BookStep& step_;
  const ActionSpec* spec_ = nullptr;
  Fault fault_;
};

}  // namespace

std::optional<BlockFault> read_step_block(ByteView block, BookStep& step) {
  const auto brackets =
      std::count_if(block.begin(), block.end(), [](char c) { return c == '[' || c == '{'; });
  if (block.size() > block_bytes_max ||
      brackets > static_cast<std::ptrdiff_t>(block_brackets_max)) {
    return BlockFault{1, "the block is too long or too deep"};
  }
  if (!is_utf8(block)) return BlockFault{1, "the block is not UTF-8"};
  toml::value root;
  try {
    std::istringstream stream{std::string(block)};
    root = toml::parse(stream, "block");
    if (!root.is_table()) return BlockFault{1, "the block is no table"};
    return Block(root, step).read();
  } catch (const toml::exception& fault) {
    return BlockFault{fault.location().line(), "the block is no TOML"};
  } catch (const std::exception&) {
    return BlockFault{1, "the block is no TOML"};
  }
}

}  // namespace oki::response
