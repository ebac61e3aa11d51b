// Where the exchange is and what starts and stops its processes, from one TOML file; and from both,
// the command line of a call. Format: deploy/actions.toml is the documented example.
//
// A command line is an array of words. No shell ever sees it, every value put into it has been
// checked, and it is run with an empty environment but for PATH.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/net.h"
#include "base/result.h"
#include "response/runbook/scene.h"

namespace oki::response {

constexpr std::size_t actions_bytes_max = 64u << 10;
constexpr std::size_t command_words_max = 64;

struct ActionsConfig {
  std::string program;  // The binary of this project, with its full path.
  std::uint64_t cluster = 0;
  std::vector<Address> nodes;         // Of the log, by seat.
  std::vector<Address> node_metrics;  // By seat.
  std::vector<Address> edges;         // Where customers come in, edge 1 first.
  std::vector<Address> edge_metrics;  // Metrics and admin pages.
  std::string admin_token;            // A file.
  // All of it is there to be hurt. Otherwise steps of drills are said and not run.
  bool drill_ground = false;
  std::map<std::string, std::vector<std::string>> commands;  // By action: a command line.
};

// Errc::invalid with a sentence: an unknown key, a missing one, an action that has no command line
// of its own, a placeholder that its action does not have.
Result<ActionsConfig> read_actions_config(ByteView toml);

// The file that reads back as this; for those who set up an exchange themselves.
Bytes write_actions_config(const ActionsConfig& config);

// Empty for a task. Errc::not_found: the action's command is not configured, or there is no such
// edge.
Result<std::vector<std::string>> command_line(const ActionsConfig& config, const Call& call,
                                              IncidentId incident);

// As a person would type it.
std::string shown(const std::vector<std::string>& words);

}  // namespace oki::response
