// What the demo shows a person: the welcome with URLs and a snippet to paste, a line a second, and
// the verdict of a script.
#pragma once

#include "app/command_table.h"
#include "drill/circuit_break.h"
#include "drill/scripts.h"
#include "drill/session.h"

namespace oki::app {

void print_welcome(const Arguments& arguments, drill::Session& session);

// Keys k (kill the leader), r (restart it), q (quit) until q or a signal; then the audit. Gives the
// exit code.
int run_interactive(drill::Session& session, const Arguments& arguments);

void print_result(const Arguments& arguments, const drill::ScriptResult& result);

// A line for each check, those that failed with what was expected.
void print_result(const Arguments& arguments, const drill::CircuitBreakResult& result);

}  // namespace oki::app
