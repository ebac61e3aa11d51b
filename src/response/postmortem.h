// Texts about an incident, written from its record: the draft of a postmortem and the summary for
// whoever takes over. Pure functions of the state; Markdown; what people wrote is escaped.
#pragma once

#include <string>
#include <vector>

#include "notify/time_text.h"
#include "response/causes.h"
#include "response/scope.h"
#include "response/state.h"

namespace oki::response {

// REQUIRES: the incident is there. Every line of the timeline has its data link: log index, hash.
std::string postmortem_draft(notify::Language language, const State& state, IncidentId id,
                             const ScopeReport& scope, const std::vector<Cause>& causes);

// What the next one must know: where it stands, who does what, what is promised, what is pending.
std::string handover_summary(notify::Language language, const State& state, IncidentId id);

}  // namespace oki::response
