#include "response/runbook/actions_config.h"

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>
#include <toml.hpp>
#include <utility>

#include "base/decimal.h"
#include "base/utf8.h"
#include "response/runbook/catalogue.h"

namespace oki::response {
namespace {

std::string joined(const std::vector<Address>& addresses) {
  std::string out;
  for (const Address& address : addresses) {
    if (!out.empty()) out += ',';
    out += to_string(address);
  }
  return out;
}

class Reading {
 public:
  Result<ActionsConfig> read(const toml::table& root) {
    for (const auto& [key, value] : root) {
      if (key != "exchange" && key != "command") fault("unknown key '" + key + "'");
    }
    const auto exchange = root.find("exchange");
    if (exchange == root.end() || !exchange->second.is_table()) {
      fault("[exchange] is missing");
    } else {
      read_exchange(exchange->second.as_table());
    }
    const auto commands = root.find("command");
    if (commands != root.end()) read_commands(commands->second);
    if (!fault_.empty()) return error(Errc::invalid, fault_);
    return std::move(config_);
  }

 private:
  void fault(const std::string& sentence) {
    if (fault_.empty()) fault_ = "actions: " + sentence;
  }

  std::string text(const toml::table& table, const std::string& key) {
    const auto found = table.find(key);
    if (found == table.end() || !found->second.is_string()) {
      fault("'" + key + "' must be there, as a text in quotes");
      return {};
    }
    return found->second.as_string().str;
  }

  std::vector<std::string> texts(const toml::table& table, const std::string& key) {
    std::vector<std::string> out;
    const auto found = table.find(key);
    if (found == table.end() || !found->second.is_array()) {
      fault("'" + key + "' must be there, as a list of texts");
      return out;
    }
    for (const toml::value& one : found->second.as_array()) {
      if (one.is_string()) {
        out.push_back(one.as_string().str);
      } else {
        fault("'" + key + "' must be a list of texts");
      }
    }
    return out;
  }

  std::vector<Address> addresses(const toml::table& table, const std::string& key) {
    std::vector<Address> out;
    for (const std::string& one : texts(table, key)) {
      const auto address = parse_address(one);
      if (address) out.push_back(*address);
      if (!address) fault("'" + key + "': " + address.error().message);
    }
    if (out.empty()) fault("'" + key + "' names no address");
    return out;
  }

  void read_exchange(const toml::table& table) {
    static const std::set<std::string> known = {"program",      "cluster",     "nodes",
                                                "node_metrics", "edges",       "edge_metrics",
                                                "admin_token",  "drill_ground"};
    for (const auto& [key, value] : table) {
      if (!known.contains(key)) fault("unknown key 'exchange." + key + "'");
    }
    const auto ground = table.find("drill_ground");
    if (ground != table.end()) {
      if (!ground->second.is_boolean()) return fault("'drill_ground' must be true or false");
      config_.drill_ground = ground->second.as_boolean();
    }
    config_.program = text(table, "program");
    config_.admin_token = text(table, "admin_token");
    const auto cluster = parse_decimal(text(table, "cluster"), 0);
    if (!cluster) fault("'cluster' must be the cluster's number, in quotes");
    config_.cluster = cluster.value_or(0);
    config_.nodes = addresses(table, "nodes");
    config_.node_metrics = addresses(table, "node_metrics");
    config_.edges = addresses(table, "edges");
    config_.edge_metrics = addresses(table, "edge_metrics");
    for (const std::string& path : {config_.program, config_.admin_token}) {
      if (!path.starts_with('/') || !is_safe_word(path)) fault("'" + path + "' is no full path");
    }
    if (config_.edges.size() != config_.edge_metrics.size() ||
        config_.nodes.size() != config_.node_metrics.size()) {
      fault("each edge and each node has one address for its metrics");
    }
  }

  void read_commands(const toml::value& value) {
    if (!value.is_table()) return fault("[command] must be a table");
    for (const auto& [name, words] : value.as_table()) {
      const ActionSpec* spec = find_action(name);
      if (spec == nullptr || spec->is_task || !spec->arguments.empty()) {
        return fault("'" + name + "' is no action with a command line of its own");
      }
      config_.commands[name] = texts(value.as_table(), name);
      check_command(*spec, config_.commands[name]);
    }
  }

  void check_command(const ActionSpec& spec, const std::vector<std::string>& words) {
    const std::string name = spec.name;
    if (words.empty() || words.size() > command_words_max || !words.front().starts_with('/')) {
      return fault("'" + name + "' must begin with a full path and have at most 64 words");
    }
    for (const std::string& word : words) {
      const auto placeholders = placeholders_of(word);
      if (!placeholders) return fault("'" + name + "': " + placeholders.error().message);
      for (const std::string& one : *placeholders) {
        const bool known =
            std::any_of(spec.parameters.begin(), spec.parameters.end(),
                        [&](const ParameterSpec& parameter) { return one == parameter.name; });
        if (!known) fault("'" + name + "' has no parameter '" + one + "'");
      }
    }
    if (words.front().find('{') != std::string::npos) {
      fault("'" + name + "': which program it is may not depend on a parameter");
    }
  }

  ActionsConfig config_;
  std::string fault_;
};

// Of the edge that the call is about.
Result<std::string> admin_of(const ActionsConfig& config, const Call& call) {
  const auto edge = call.parameters.find("edge");
  if (edge == call.parameters.end()) return std::string();
  const auto number = parse_decimal(edge->second, 0);
  if (!number || *number == 0 || *number > config.edge_metrics.size()) {
    return error(Errc::not_found, "there is no edge " + edge->second);
  }
  return to_string(config.edge_metrics[*number - 1]);
}

}  // namespace

Result<ActionsConfig> read_actions_config(ByteView text) {
  if (text.size() > actions_bytes_max) return error(Errc::invalid, "actions: longer than 64 KiB");
  if (!is_utf8(text)) return error(Errc::invalid, "actions: not UTF-8");
  try {
    std::istringstream stream{std::string(text)};
    const toml::value root = toml::parse(stream, "actions");
    return Reading().read(root.as_table());
  } catch (const std::exception& fault) {
    return error(Errc::invalid, fault.what());
  }
}

namespace {

// Between single quotes TOML takes every character as it is.
std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", '" : "'") + text + "'";
  return out + "]";
}

std::string list_of(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) texts.push_back(to_string(address));
  return list_of(texts);
}

}  // namespace

Bytes write_actions_config(const ActionsConfig& config) {
  Bytes out = "[exchange]\nprogram = '" + config.program + "'\ncluster = '" +
              std::to_string(config.cluster) + "'\nadmin_token = '" + config.admin_token + "'\n";
  out += "nodes = " + list_of(config.nodes) + "\nnode_metrics = " + list_of(config.node_metrics);
  out += "\nedges = " + list_of(config.edges) + "\nedge_metrics = " + list_of(config.edge_metrics);
  out += std::string("\ndrill_ground = ") + (config.drill_ground ? "true" : "false");
  out += "\n\n[command]\n";
  for (const auto& [name, words] : config.commands)
    out += "'" + name + "' = " + list_of(words) + "\n";
  return out;
}

Result<std::vector<std::string>> command_line(const ActionsConfig& config, const Call& call,
                                              IncidentId incident) {
  const ActionSpec* spec = find_action(call.action);
  if (spec == nullptr) return error(Errc::invalid, "there is no action '" + call.action + "'");
  std::vector<std::string> words;
  if (spec->is_task) return words;
  Values values = call.parameters;
  std::vector<std::string> pattern = spec->arguments;
  if (pattern.empty()) {
    const auto configured = config.commands.find(call.action);
    if (configured == config.commands.end()) {
      return error(Errc::not_found, "no command line is configured for '" + call.action + "'");
    }
    pattern = configured->second;
  } else {
    words.push_back(config.program);
    auto admin = admin_of(config, call);
    if (!admin) return tl::unexpected<Error>(admin.error());
    values["admin"] = std::move(*admin);
    values["token"] = config.admin_token;
    values["cluster"] = std::to_string(config.cluster);
    values["nodes"] = joined(config.nodes);
    values["by"] = name(incident);
    values["words"] = "runbook";
  }
  for (const std::string& word : pattern) {
    auto filled = fill(word, values);
    if (!filled) return tl::unexpected<Error>(filled.error());
    words.push_back(std::move(*filled));
  }
  return words;
}

std::string shown(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace oki::response
