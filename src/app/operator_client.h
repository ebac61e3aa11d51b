// One request to the operators' API of whichever watch is there, and how it ended as an exit code.
#pragma once

#include <functional>
#include <string>

#include "app/process.h"
#include "net/http.h"
#include "net/json_reader.h"

namespace oki::app {

struct OperatorAnswer {
  int code = exit_code::failed;
  std::uint16_t status = 0;
  std::string body;
  std::string why;  // One sentence, when it failed.
};

// Tries one address after the other while surely nobody has taken the request, and while each says
// that another watch keeps what is asked for. Blocking: runs the loop. `arguments` has --at and
// --token.
OperatorAnswer ask_operators(const char* command, const Arguments& arguments,
                             const std::string& method, const std::string& target,
                             const std::string& body);

// The options that every such command has.
std::vector<OptionSpec> with_operators(std::vector<OptionSpec> options);

}  // namespace oki::app
