// What a person asks for, from the path and the JSON body of a request, as one command. Strict: an
// unknown field, a missing one and a value of the wrong kind are each an error with its name.
#pragma once

#include "base/result.h"
#include "net/json_reader.h"
#include "response/commands.h"
#include "response/state.h"

namespace oki::watch {

// POST /v1/incidents: {"title", "words", "severity", "state", "components", "began", "drill"}.
Result<response::Command> declaration(response::PersonId by, const net::Json& body, WallTimeMs now);

// POST /v1/incidents/7/VERB. Errc::not_found: there is no such verb. Notices are not among them:
// they are written from more than the body (notice_draft.h).
Result<response::Command> incident_command(response::PersonId by, response::IncidentId incident,
                                           ByteView verb, const net::Json& body, WallTimeMs now);

// POST /v1/wishes/3: {"yes"}.
Result<response::Command> wish_decision(response::PersonId by, std::uint32_t wish,
                                        const net::Json& body);

// POST /v1/planned-work: {"title", "body", "components", "from", "to", "words"}, and the same at
// /v1/planned-work/3 for what is to change of it. A wish of a change of the house.
Result<response::Command> planned_work(response::PersonId by, const net::Json& body,
                                       WallTimeMs now);
Result<response::Command> changed_work(response::PersonId by, const response::State& state,
                                       std::uint32_t work, const net::Json& body, WallTimeMs now);

// POST /v1/planned-work/3/end: {}.
Result<response::Command> ended_work(response::PersonId by, const response::State& state,
                                     std::uint32_t work, const net::Json& body);

// "2026-11-22T05:00:00Z", or "+600" seconds from now.
std::optional<WallTimeMs> time_of(ByteView text, WallTimeMs now);

std::optional<notify::ComponentId> component_of(ByteView text);  // "market btc_jpy"
std::optional<response::Role> role_of(ByteView text);
std::optional<response::Severity> severity_of(ByteView text);
std::optional<response::Phase> phase_of(ByteView text);

}  // namespace oki::watch
