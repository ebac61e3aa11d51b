// Who is called, in which order, until somebody answers. docs/incidents.md, 9.
#pragma once

#include "response/turn.h"

namespace oki::response {

// From the first step of the incident's severity on.
void start_paging(Turn& turn, IncidentId id);

// The severity has become worse: begins anew unless somebody has acknowledged, and even then when
// it is sev1 now.
void page_for_severity(Turn& turn, IncidentId id);

// A suspected incident, when its severity's escalation says so: the first step, once.
void page_suspected(Turn& turn, IncidentId id);

// A call that is given up: nobody brought it out in time.
void lapse(Turn& turn, std::uint32_t page);

void page(Turn& turn, IncidentId id, PersonId person, PageReason reason);

// What is due by now: the next steps, promises that were missed, wishes that lapse.
void page_due(Turn& turn);
WallTimeMs next_page(const State& state);

}  // namespace oki::response
