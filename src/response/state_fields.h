// The fields of the state, of commands and of events: docs/formats/response.md.
#pragma once

#include "response/commands.h"
#include "response/events.h"
#include "response/signal_fields.h"
#include "response/state.h"

namespace oki::response {

template <>
inline constexpr std::uint8_t numbers_of<Role> = roles;
template <>
inline constexpr std::uint8_t numbers_of<Severity> = severities;
template <>
inline constexpr std::uint8_t numbers_of<Phase> = phases;
template <>
inline constexpr std::uint8_t numbers_of<CheckKind> = check_kinds;
template <>
inline constexpr std::uint8_t numbers_of<RowKind> = row_kinds;
template <>
inline constexpr std::uint8_t numbers_of<Refusal> = refusals;

// --- The house.
void fields(auto& io, Like<Component> auto& x) {
  io(x.id, x.tier);
  io.list(x.needs, needs_max);
}

void fields(auto& io, Like<Speaker> auto& x) {
  io(x.silent_ms, x.state);
  io.list(x.components, signal_components_max);
}

void fields(auto& io, Like<Rules> auto& x) {
  io(x.join_window_ms, x.reopen_window_ms, x.flap_starts, x.flap_window_ms, x.flap_calm_ms,
     x.new_signals_per_minute, x.new_proofs_per_minute, x.signals_per_source, x.proofs_per_source,
     x.opens_per_hour, x.gate_trades, x.gate_trades_each, x.gate_span_ms, x.gate_fresh_ms,
     x.check_fresh_ms, x.monitoring_trades, x.resolve_alone);
}

void fields(auto& io, Like<SeverityTable> auto& x) {
  io.list(x.by_tier_and_state, std::size_t{tiers} * 3);
  io(x.wrong, x.suspected_best);
}

void fields(auto& io, Like<House> auto& x) {
  io.list(x.components, notify::components_max);
  io.table(x.speakers, speakers_max);
  io(x.rules, x.severities);
}

// --- Signals and incidents.
void fields(auto& io, Like<SignalKey> auto& x) {
  io(x.source);
  io.text(x.key, signal_key_bytes_max);
}

void fields(auto& io, Like<HeldSignal> auto& x) {
  io(x.signal, x.heard, x.changed, x.expired, x.suppressed, x.flapping);
  io.list(x.starts, flap_starts_kept_max);
  io(x.incident);
}

void fields(auto& io, Like<Row> auto& x) {
  io(x.at, x.kind, x.by, x.number);
  io.text(x.subject, row_subject_bytes_max);
  io.text(x.words, words_bytes_max);
  io(x.index, x.hash);
}

void fields(auto& io, Like<ProberCount> auto& x) { io(x.trades, x.last); }

void fields(auto& io, Like<TradeRun> auto& x) {
  io(x.since, x.last);
  io.table(x.probers, probers_max);
}

void fields(auto& io, Like<Incident> auto& x) {
  io(x.opened, x.began);
  io.maybe(x.confirmed);
  io.maybe(x.ended);
  io.maybe(x.resolved);
  io.maybe(x.closed);
  io(x.active, x.disturbed, x.phase, x.severity, x.severity_seen, x.severity_worst, x.state,
     x.state_worst, x.drill, x.dismissed, x.reopened);
  io.text(x.title, title_bytes_max);
  io.list(x.components, notify::components_max);
  io(x.run);
  io.list(x.rows, rows_max);
  io(x.rows_dropped);
}

void fields(auto& io, Like<CheckKey> auto& x) { io(x.kind, x.speaker); }
void fields(auto& io, Like<CheckState> auto& x) { io(x.fine, x.at, x.fine_since); }

void fields(auto& io, Like<Budget> auto& x) {
  io(x.minute, x.new_signals);
  io.list(x.opens, std::size_t{256});
}

void fields(auto& io, Like<Heard> auto& x) { io(x.at, x.proved_to, x.silent); }

void fields(auto& io, Like<State> auto& x) {
  io(x.now, x.applied, x.chain, x.house);
  io.table(x.signals, signals_kept_max);
  io.table(x.budgets, sources);
  io.table(x.heard, speakers_max);
  io.table(x.checks, speakers_max * check_kinds);
  io.table(x.incidents, incidents_open_max + incidents_closed_max);
  io(x.incident_last);
}

// --- Commands and replies.
void fields(auto&, Like<Tick> auto&) {}

void fields(auto& io, Like<Observe> auto& x) { io(x.speaker, x.signal); }

void fields(auto& io, Like<Prove> auto& x) { io(x.speaker, x.from, x.to, x.succeeded, x.failed); }

void fields(auto& io, Like<Check> auto& x) { io(x.speaker, x.kind, x.fine, x.at); }

void fields(auto& io, Like<Alive> auto& x) { io(x.speaker); }

void fields(auto& io, Like<Reply> auto& x) { io(x.refusal, x.id, x.gate_shut); }

// --- Events.
void fields(auto& io, Like<RowAdded> auto& x) { io(x.incident, x.row); }

void fields(auto& io, Like<IncidentChanged> auto& x) {
  io(x.incident, x.phase, x.severity, x.state, x.drill);
}

}  // namespace oki::response
