// The steps in the life of an incident, whoever or whatever causes them. docs/incidents.md, 4 to 7.
#pragma once

#include "response/turn.h"

namespace oki::response {

constexpr WallTimeMs never = notify::time_max;

bool is_open_incident(const State& state, IncidentId id);

// False at incidents_open_max.
bool has_room(const State& state);

IncidentId open_incident(Turn& turn, WallTimeMs began);
void join_component(Turn& turn, IncidentId id, const notify::ComponentId& component);

void set_phase(Turn& turn, IncidentId id, Phase phase, RowKind row, RowWords words = {});
void confirm(Turn& turn, IncidentId id, RowWords words = {});
void reopen(Turn& turn, IncidentId id);
void resolve(Turn& turn, IncidentId id, PersonId by);

// Closed, dismissed or merged away; its signals belong to nobody afterwards.
void close(Turn& turn, IncidentId id, RowKind row, RowWords words = {});

// To a worse severity, and whoever that severity pages.
void set_worse(Turn& turn, IncidentId id, Severity severity, RowWords words = {});

// Whether time closes it: sev3, sev4 and drills. People close the others.
bool closes_alone(const Incident& incident);

}  // namespace oki::response
