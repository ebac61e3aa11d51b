// What a step of a runbook can do: one table of actions, their parameters, and the command line
// that each one is. A later part of the exchange adds its rows here.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "response/runbook/values.h"

namespace oki::response {

struct ParameterSpec {
  const char* name;
  ValueKind kind;
};

struct ActionSpec {
  const char* name;  // "edge.drain"
  std::vector<ParameterSpec> parameters;

  // Words behind the program's name, with placeholders for the parameters and for what
  // deploy/actions.toml knows: {cluster}, {nodes}, {admin} (of the edge), {token}, {by}, {words}.
  // Empty: the command line is configured under the action's name, or it is a task.
  std::vector<std::string> arguments;

  bool is_task = false;
};

const std::vector<ActionSpec>& action_specs();
const ActionSpec* find_action(ByteView name);

}  // namespace oki::response
