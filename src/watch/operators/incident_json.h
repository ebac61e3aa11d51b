// What the operators' API shows, as JSON: pure functions of the state. docs/operators.md.
#pragma once

#include <string>

#include "base/json.h"
#include "notify/time_text.h"
#include "response/state.h"

namespace oki::watch {

// One object of a list: number, phase, severity, times.
void incident_line(JsonWriter& json, const response::State& state, response::IncidentId id);

// Everything but the timeline. REQUIRES: the incident is there.
std::string incident_json(notify::Language language, const response::State& state,
                          response::IncidentId id);

// Rows from `first` on (from 1), at most `count`, each with its data link.
std::string timeline_json(notify::Language language, const response::State& state,
                          response::IncidentId id, std::size_t first, std::size_t count);

// What became of each rule's alarms, as `okiagari watch tune` reads it: one object a line, of every
// decided incident that is kept, oldest first.
std::string alarm_lines(const response::State& state, bool drills);

std::string house_json(const response::State& state);

// Planned work that the public is told of, newest first.
std::string works_json(const response::State& state);

std::string wishes_json(notify::Language language, const response::State& state);

// What a change of the house is about, in words: what whoever agrees to it reads.
std::string change_text(const response::House& house, const response::Change& change);

}  // namespace oki::watch
