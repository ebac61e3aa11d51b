// Which runbook fits an incident, and which of its steps comes next. A help for people; the watch
// asks by itself only for steps that the house calls automatic.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "response/causes.h"
#include "response/runbook/book.h"
#include "response/state.h"

namespace oki::response {

constexpr std::size_t suggested_max = 5;

// Names of runbooks, the likeliest cause's first, each once.
std::vector<std::string> suggested_runbooks(const std::vector<Cause>& causes);

struct NextStep {
  const BookStep* step = nullptr;  // Nothing: all are done, one is under way, or one stopped it.
  bool stopped = false;            // A step failed whose `on_failure` is stop.
};

// As the incident's records say: steps go in the order of the text; a task counts as done when it
// is recorded so, a failed step that says `continue` too.
NextStep next_step(const Book& book, const Incident& incident);

// What the watch may ask for itself: the next step of the runbook that fits best, when the house
// agrees on this very text and calls the step automatic, and the incident is confirmed.
struct AutomaticStep {
  std::string runbook, step;
  friend bool operator==(const AutomaticStep&, const AutomaticStep&) = default;
};
std::optional<AutomaticStep> automatic_step(const State& state, IncidentId id,
                                            const std::map<std::string, Book>& books);

}  // namespace oki::response
