// A notice that a person proposes: what the record says by itself, the templates' words, and what
// the person writes over them.
#pragma once

#include <functional>

#include "net/json_reader.h"
#include "notify/notice.h"
#include "response/state.h"

namespace oki::watch {

// {"phase", "next_update": "+600", "cause": {"ja","en"}, "title": {...}, "body": {...}, "assets":
// {...}}: all but phase may be left out. `write` makes title and body from the rest.
// REQUIRES: the incident is there.
Result<notify::Notice> notice_draft(const response::State& state, response::IncidentId id,
                                    const net::Json& body,
                                    const std::function<Result<void>(notify::Notice&)>& write,
                                    WallTimeMs now);

}  // namespace oki::watch
