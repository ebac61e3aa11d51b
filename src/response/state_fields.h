// The fields of the state, of commands and of events: docs/formats/response.md.
#pragma once

#include "notify/notice.h"
#include "response/commands.h"
#include "response/events.h"
#include "response/signal_fields.h"
#include "response/state.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<response::Role> = response::roles;
template <>
inline constexpr std::uint8_t numbers_of<response::Severity> = response::severities;
template <>
inline constexpr std::uint8_t numbers_of<response::Phase> = response::phases;
template <>
inline constexpr std::uint8_t numbers_of<response::CheckKind> = response::check_kinds;
template <>
inline constexpr std::uint8_t numbers_of<response::RowKind> = response::row_kinds;
template <>
inline constexpr std::uint8_t numbers_of<response::Refusal> = response::refusals;
template <>
inline constexpr std::uint8_t numbers_of<response::TargetKind> = response::target_kinds;
template <>
inline constexpr std::uint8_t numbers_of<response::Approval> = response::approvals;
template <>
inline constexpr std::uint8_t numbers_of<response::NoticeState> = response::notice_states;
template <>
inline constexpr std::uint8_t numbers_of<response::StepState> = response::step_states;
template <>
inline constexpr std::uint8_t numbers_of<response::PostmortemState> = response::postmortem_states;
template <>
inline constexpr std::uint8_t numbers_of<response::ChangeKind> = response::change_kinds;
template <>
inline constexpr std::uint8_t numbers_of<response::PageReason> = response::page_reasons;
template <>
inline constexpr std::uint8_t numbers_of<response::ToldOutcome> = response::told_outcomes;
template <>
inline constexpr std::uint8_t numbers_of<response::Telling> = response::tellings;
template <>
inline constexpr std::uint8_t numbers_of<response::WorkPhase> = response::work_phases;
template <>
inline constexpr std::uint8_t numbers_of<notify::Language> = 2;

}  // namespace oki

namespace oki::response {

// --- The house.
void fields(auto& io, Like<Component> auto& x) {
  io(x.id, x.tier);
  io.list(x.needs, needs_max);
}

void fields(auto& io, Like<Service> auto& x) {
  io(x.name);
  io.text(x.title_ja, title_bytes_max);
  io.text(x.title_en, title_bytes_max);
  io.list(x.components, notify::components_max);
}

void fields(auto& io, Like<Person> auto& x) {
  io(x.name);
  io.texts(x.contacts, contacts_max, contact_bytes_max);
  io(x.rights, x.left, x.language);
}

void fields(auto& io, Like<Layer> auto& x) {
  io(x.start, x.end, x.rotation_ms, x.day_from, x.day_to);
  io.list(x.people, layer_people_max);
}

void fields(auto& io, Like<Override> auto& x) { io(x.from, x.to, x.person); }

void fields(auto& io, Like<Schedule> auto& x) {
  io.text(x.title, title_bytes_max);
  io.list(x.layers, layers_max);
  io.list(x.overrides, overrides_max);
  io(x.revision, x.changed);
}

void fields(auto& io, Like<Target> auto& x) { io(x.kind, x.person, x.schedule, x.role); }

void fields(auto& io, Like<EscalationStep> auto& x) {
  io.list(x.targets, targets_max);
  io(x.ack_ms);
}

void fields(auto& io, Like<Escalation> auto& x) {
  io.list(x.steps, escalation_steps_max);
  io(x.repeats, x.when_suspected);
}

void fields(auto& io, Like<Suppression> auto& x) {
  io(x.from, x.to);
  io.list(x.components, notify::components_max);
  io.text(x.words, words_bytes_max);
  io.text(x.title.ja, notify::notice_title_bytes_max);
  io.text(x.title.en, notify::notice_title_bytes_max);
  io.text(x.body.ja, work_text_bytes_max);
  io.text(x.body.en, work_text_bytes_max);
}

void fields(auto& io, Like<RunbookStep> auto& x) { io(x.name, x.approval); }

void fields(auto& io, Like<Runbook> auto& x) {
  io.text(x.digest, digest_bytes_max);
  io.list(x.steps, runbook_steps_max);
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
  io(x.revision);
  io.list(x.components, notify::components_max);
  io.list(x.services, services_max);
  io.table(x.people, people_max);
  io.table(x.schedules, schedules_max);
  io.list(x.escalations, severities);
  io.table(x.suppressions, suppressions_max);
  io(x.suppression_last);
  io.table(x.runbooks, runbooks_max);
  io.table(x.speakers, speakers_max);
  io(x.rules, x.severity_table);
}

// --- Changes of the house.
void fields(auto& io, Like<SetTopology> auto& x) {
  io.list(x.components, notify::components_max);
  io.list(x.services, services_max);
}

void fields(auto& io, Like<PutPerson> auto& x) { io(x.id, x.person); }
void fields(auto& io, Like<PutSchedule> auto& x) { io(x.name, x.schedule); }
void fields(auto& io, Like<SetEscalation> auto& x) { io(x.severity, x.escalation); }
void fields(auto& io, Like<PutSuppression> auto& x) { io(x.id, x.suppression); }
void fields(auto& io, Like<PutSpeaker> auto& x) { io(x.name, x.present, x.speaker); }
void fields(auto& io, Like<PutRunbook> auto& x) { io(x.name, x.runbook); }
void fields(auto& io, Like<SetRules> auto& x) { io(x.rules, x.severity_table); }

// --- Signals and incidents.
void fields(auto& io, Like<SignalKey> auto& x) {
  io(x.source);
  io.text(x.key, signal_key_bytes_max);
}

void fields(auto& io, Like<HeldSignal> auto& x) {
  io(x.signal, x.heard, x.changed, x.expired, x.suppressed, x.dismissed, x.flapping);
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

void fields(auto& io, Like<Pager> auto& x) { io(x.running, x.step, x.round, x.due, x.pages); }

void fields(auto& io, Like<ChannelTold> auto& x) {
  io(x.channel, x.outcome, x.seat);
  io.text(x.proof, proof_bytes_max);
}

void fields(auto& io, Like<NoticeRecord> auto& x) {
  io.text(x.notice, notice_kept_bytes_max);
  io(x.state, x.number, x.by, x.decided_by, x.taken_by, x.taken_over, x.told);
  io.list(x.channels, channels_told_max);
}

void fields(auto& io, Like<StepRecord> auto& x) {
  io(x.runbook, x.step, x.state, x.by, x.decided_by);
  io.text(x.digest, digest_bytes_max);
  io(x.seat);
}

void fields(auto& io, Like<Item> auto& x) {
  io.text(x.words, words_bytes_max);
  io(x.owner, x.due);
  io.maybe(x.done);
}

void fields(auto& io, Like<Postmortem> auto& x) {
  io(x.state);
  io.text(x.digest, digest_bytes_max);
  io(x.by, x.decided_by);
  io.text(x.draft, digest_bytes_max);
  io(x.draft_seat);
}

void fields(auto& io, Like<Incident> auto& x) {
  io(x.opened, x.began);
  io.maybe(x.confirmed);
  io.maybe(x.ended);
  io.maybe(x.resolved);
  io.maybe(x.closed);
  io(x.active, x.disturbed, x.phase, x.severity, x.severity_seen, x.severity_worst, x.state,
     x.state_worst, x.drill, x.dismissed, x.by_person, x.merged_into, x.reopened);
  io.text(x.title, title_bytes_max);
  io.list(x.components, notify::components_max);
  io(x.run, x.acknowledged_by);
  io.maybe(x.acknowledged);
  io.table(x.holders, roles);
  io(x.pager);
  io.maybe(x.promise);
  io(x.promises_missed);
  io.list(x.notices, notices_max);
  io.list(x.steps, steps_max);
  io.list(x.items, items_max);
  io(x.postmortem);
  io.list(x.rows, rows_max);
  io(x.rows_dropped);
}

void fields(auto& io, Like<CheckKey> auto& x) { io(x.kind, x.speaker); }
void fields(auto& io, Like<CheckState> auto& x) { io(x.fine, x.at, x.fine_since); }

void fields(auto& io, Like<Budget> auto& x) {
  io(x.minute, x.new_signals);
  io.list(x.opens, std::size_t{256});
}

void fields(auto& io, Like<ChangeRecord> auto& x) {
  io(x.at, x.kind);
  io.list(x.components, notify::components_max);
  io(x.who);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<Change> auto& x) { io.variant(x); }
void fields(auto& io, Like<LowerSeverity> auto& x) { io(x.incident, x.to); }

void fields(auto& io, Like<Wish> auto& x) {
  io(x.by, x.at);
  io.variant(x.what);
}

void fields(auto& io, Like<PageOwed> auto& x) {
  io(x.incident, x.person, x.reason, x.step, x.attempt, x.drill, x.at, x.taken_by, x.taken_over);
}

void fields(auto& io, Like<PlannedWork> auto& x) {
  io(x.suppression, x.phase, x.plan, x.revision, x.announced, x.changed, x.by, x.agreed);
  io.list(x.notices, work_notices_max);
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
  io.list(x.changes, changes_kept_max);
  io.table(x.wishes, wishes_max);
  io(x.wish_last, x.page_last);
  io.table(x.pages, pages_waiting_max);
  io(x.notices_approved);
  io.table(x.works, works_kept_max);
  io(x.work_last);
}

// --- Commands and replies.
void fields(auto&, Like<Tick> auto&) {}

void fields(auto& io, Like<Observe> auto& x) { io(x.speaker, x.signal); }

void fields(auto& io, Like<Prove> auto& x) { io(x.speaker, x.from, x.to, x.succeeded, x.failed); }

void fields(auto& io, Like<Check> auto& x) { io(x.speaker, x.kind, x.fine, x.at); }

void fields(auto& io, Like<Alive> auto& x) { io(x.speaker); }

void fields(auto& io, Like<RecordChange> auto& x) { io(x.change); }

void fields(auto& io, Like<Configure> auto& x) {
  io(x.by);
  io.variant(x.change);
}

void fields(auto& io, Like<DecideWish> auto& x) { io(x.by, x.wish, x.yes); }

void fields(auto& io, Like<Declare> auto& x) {
  io(x.by, x.drill, x.severity, x.state, x.began);
  io.list(x.components, notify::components_max);
  io.text(x.title, title_bytes_max);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<Acknowledge> auto& x) { io(x.by, x.incident); }
void fields(auto& io, Like<TakeRole> auto& x) { io(x.by, x.incident, x.role); }

void fields(auto& io, Like<HandOver> auto& x) {
  io(x.by, x.incident, x.role, x.to);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<SetSeverity> auto& x) {
  io(x.by, x.incident, x.to);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<SetPhase> auto& x) {
  io(x.by, x.incident, x.to);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<AddNote> auto& x) {
  io(x.by, x.incident);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<Merge> auto& x) { io(x.by, x.incident, x.into); }
void fields(auto& io, Like<RequestResolve> auto& x) { io(x.by, x.incident); }
void fields(auto& io, Like<Close> auto& x) { io(x.by, x.incident); }

void fields(auto& io, Like<Dismiss> auto& x) {
  io(x.by, x.incident);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<ProposeNotice> auto& x) {
  io(x.by, x.incident);
  io.text(x.notice, notice_kept_bytes_max);
}

void fields(auto& io, Like<DecideNotice> auto& x) {
  io(x.by, x.incident, x.proposal, x.yes);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<Promise> auto& x) { io(x.by, x.incident, x.at); }
void fields(auto& io, Like<RequestStep> auto& x) { io(x.by, x.incident, x.runbook, x.step); }
void fields(auto& io, Like<DecideStep> auto& x) { io(x.by, x.incident, x.step, x.yes); }

void fields(auto& io, Like<RecordStep> auto& x) {
  io(x.by, x.incident, x.step, x.to);
  io.text(x.digest, digest_bytes_max);
  io.text(x.words, words_bytes_max);
  io(x.seat);
}

void fields(auto& io, Like<AddItem> auto& x) {
  io(x.by, x.incident);
  io.text(x.words, words_bytes_max);
  io(x.owner, x.due);
}

void fields(auto& io, Like<AssignItem> auto& x) { io(x.by, x.incident, x.item, x.owner, x.due); }

void fields(auto& io, Like<FinishItem> auto& x) {
  io(x.by, x.incident, x.item);
  io.text(x.words, words_bytes_max);
}

void fields(auto& io, Like<SubmitPostmortem> auto& x) {
  io(x.by, x.incident);
  io.text(x.digest, digest_bytes_max);
}

void fields(auto& io, Like<DecidePostmortem> auto& x) {
  io(x.by, x.incident);
  io.text(x.digest, digest_bytes_max);
  io(x.yes);
}

void fields(auto& io, Like<Take> auto& x) { io(x.seat, x.what, x.incident, x.number, x.from); }

void fields(auto& io, Like<RecordTold> auto& x) {
  io(x.seat, x.what, x.incident, x.number, x.channel, x.outcome);
  io.text(x.proof, proof_bytes_max);
  io(x.last);
}

void fields(auto& io, Like<RecordDraft> auto& x) {
  io(x.seat, x.incident);
  io.text(x.digest, digest_bytes_max);
}

void fields(auto& io, Like<Reply> auto& x) { io(x.refusal, x.id, x.gate_shut); }

// --- Events.
void fields(auto& io, Like<RowAdded> auto& x) { io(x.incident, x.row); }

void fields(auto& io, Like<IncidentChanged> auto& x) {
  io(x.incident, x.phase, x.severity, x.state, x.drill);
}

void fields(auto& io, Like<PageDue> auto& x) {
  io(x.page, x.incident, x.person, x.reason, x.step, x.attempt, x.drill);
}

void fields(auto& io, Like<NoticeApproved> auto& x) {
  io(x.incident);
  io.text(x.notice, notify::notice_bytes_max);
}

void fields(auto& io, Like<StepDue> auto& x) { io(x.incident, x.step, x.runbook, x.name, x.drill); }

void fields(auto& io, Like<HouseChanged> auto& x) { io(x.revision, x.by, x.agreed); }
void fields(auto& io, Like<WishChanged> auto& x) { io(x.wish, x.by, x.open); }

}  // namespace oki::response
