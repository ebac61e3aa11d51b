// What can be told to the incident machine, and what it answers.
//
// A command is one kind byte (its place in `Command`, counted from 1) and its fields:
// docs/formats/response.md. It is decoded as if from a stranger: what does not decode exactly, or
// breaks a limit, is refused, changes nothing and stops nothing. Who a person is has been found out
// before: the outer part fills in `by` from the login and never passes 0 for one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "response/changes.h"
#include "response/incident.h"

namespace oki::response {

constexpr std::uint32_t proof_span_ms_max = 10'000;
constexpr std::uint32_t proof_trades_max = 10'000;
constexpr std::int64_t late_ms_max = 10'000;  // Older words than this are stale.
constexpr std::int64_t ahead_ms_max = 1'000;  // What a speaker's clock may be ahead.

struct Observe {
  std::string speaker;  // Who says it: "prober 1", "alertmanager".
  Signal signal;
  friend bool operator==(const Observe&, const Observe&) = default;
};

// Test trades of one prober in a stretch of time.
struct Prove {
  std::string speaker;
  WallTimeMs from, to;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;
  friend bool operator==(const Prove&, const Prove&) = default;
};

struct Check {
  std::string speaker;
  CheckKind kind = CheckKind::ledger;
  bool fine = false;
  WallTimeMs at;
  friend bool operator==(const Check&, const Check&) = default;
};

// "I am here", from a speaker who has nothing else to say.
struct Alive {
  std::string speaker;
  friend bool operator==(const Alive&, const Alive&) = default;
};

struct Tick {
  friend bool operator==(const Tick&, const Tick&) = default;
};

// Something was changed. The row goes to open incidents about these components or their neighbours.
struct RecordChange {
  ChangeRecord change;
  friend bool operator==(const RecordChange&, const RecordChange&) = default;
};

// --- By people. `by` 0 is the installation itself, where a comment allows it.

// By 0 while fewer than two people may configure, and done at once; from then on a wish that
// another one of them must agree to.
struct Configure {
  PersonId by;
  Change change;
  friend bool operator==(const Configure&, const Configure&) = default;
};

// Yes or no to a wish. Who made it may take it back, and not agree to it.
struct DecideWish {
  PersonId by;
  std::uint32_t wish = 0;
  bool yes = false;
  friend bool operator==(const DecideWish&, const DecideWish&) = default;
};

struct Declare {
  PersonId by;
  bool drill = false;
  Severity severity = Severity::sev3;
  notify::State state = notify::State::degraded_performance;
  WallTimeMs began;
  std::vector<notify::ComponentId> components;
  std::string title, words;
  friend bool operator==(const Declare&, const Declare&) = default;
};

struct Acknowledge {
  PersonId by;
  IncidentId incident;
  friend bool operator==(const Acknowledge&, const Acknowledge&) = default;
};

struct TakeRole {
  PersonId by;
  IncidentId incident;
  Role role = Role::commander;
  friend bool operator==(const TakeRole&, const TakeRole&) = default;
};

// By who holds the role, or by a commander.
struct HandOver {
  PersonId by;
  IncidentId incident;
  Role role = Role::commander;
  PersonId to;
  std::string words;  // What the next one must know.
  friend bool operator==(const HandOver&, const HandOver&) = default;
};

// Worse at once; better is a wish.
struct SetSeverity {
  PersonId by;
  IncidentId incident;
  Severity to = Severity::sev4;
  std::string words;
  friend bool operator==(const SetSeverity&, const SetSeverity&) = default;
};

// Confirms what is suspected (investigating), or goes between investigating, identified and
// monitoring. Nobody sets resolved or closed.
struct SetPhase {
  PersonId by;
  IncidentId incident;
  Phase to = Phase::investigating;
  std::string words;
  friend bool operator==(const SetPhase&, const SetPhase&) = default;
};

struct AddNote {
  PersonId by;
  IncidentId incident;
  std::string words;
  friend bool operator==(const AddNote&, const AddNote&) = default;
};

// The incident's signals and components go over to an older or newer open one; it is closed.
struct Merge {
  PersonId by;
  IncidentId incident, into;
  friend bool operator==(const Merge&, const Merge&) = default;
};

struct RequestResolve {
  PersonId by;
  IncidentId incident;
  friend bool operator==(const RequestResolve&, const RequestResolve&) = default;
};

// Of a resolved one, after the window of reopening; sev1 and sev2 with an approved postmortem.
struct Close {
  PersonId by;
  IncidentId incident;
  friend bool operator==(const Close&, const Close&) = default;
};

// Of a suspected one: it was nothing.
struct Dismiss {
  PersonId by;
  IncidentId incident;
  std::string words;
  friend bool operator==(const Dismiss&, const Dismiss&) = default;
};

// By 0 too: the first notice of a confirmed incident (investigating) and the end of a resolved one
// (resolved) go out by the rules alone, approved at once.
struct ProposeNotice {
  PersonId by;
  IncidentId incident;
  Bytes notice;  // Of this incident's notice name; number, time and approvers are set by approval.
  friend bool operator==(const ProposeNotice&, const ProposeNotice&) = default;
};

struct DecideNotice {
  PersonId by;
  IncidentId incident;
  std::uint32_t proposal = 0;  // Its place in the incident, from 1.
  bool yes = false;
  std::string words;
  friend bool operator==(const DecideNotice&, const DecideNotice&) = default;
};

struct Promise {
  PersonId by;
  IncidentId incident;
  WallTimeMs at;  // After now, within a day.
  friend bool operator==(const Promise&, const Promise&) = default;
};

// By 0 too, for steps that are automatic.
struct RequestStep {
  PersonId by;
  IncidentId incident;
  std::string runbook, step;
  friend bool operator==(const RequestStep&, const RequestStep&) = default;
};

struct DecideStep {
  PersonId by;
  IncidentId incident;
  std::uint32_t step = 0;  // Its place in the incident, from 1.
  bool yes = false;
  friend bool operator==(const DecideStep&, const DecideStep&) = default;
};

// By 0, who runs it, or by who does by hand what it says.
struct RecordStep {
  PersonId by;
  IncidentId incident;
  std::uint32_t step = 0;
  StepState to = StepState::started;  // started, done, verified or failed.
  std::string digest, words;
  std::uint32_t seat = 0;  // Of the watch that runs it.
  friend bool operator==(const RecordStep&, const RecordStep&) = default;
};

struct AddItem {
  PersonId by;
  IncidentId incident;
  std::string words;
  PersonId owner;
  WallTimeMs due;
  friend bool operator==(const AddItem&, const AddItem&) = default;
};

struct AssignItem {
  PersonId by;
  IncidentId incident;
  std::uint32_t item = 0;  // Its place, from 1.
  PersonId owner;
  WallTimeMs due;
  friend bool operator==(const AssignItem&, const AssignItem&) = default;
};

// By its owner or a commander.
struct FinishItem {
  PersonId by;
  IncidentId incident;
  std::uint32_t item = 0;
  std::string words;
  friend bool operator==(const FinishItem&, const FinishItem&) = default;
};

struct SubmitPostmortem {
  PersonId by;
  IncidentId incident;
  std::string digest;
  friend bool operator==(const SubmitPostmortem&, const SubmitPostmortem&) = default;
};

struct DecidePostmortem {
  PersonId by;
  IncidentId incident;
  std::string digest;  // Of what was read: an older text is not approved by mistake.
  bool yes = false;
  friend bool operator==(const DecidePostmortem&, const DecidePostmortem&) = default;
};

// --- By watches alone: who tells what to the world. docs/incidents.md, 16.

// `planned_work`: a notice of planned work, whose number stands where an incident's does.
enum class Telling : std::uint8_t { notice = 0, page = 1, planned_work = 2 };
constexpr std::uint8_t tellings = 3;

// This watch brings it out. Its right to do so goes over only from the watch it is expected at.
struct Take {
  std::uint32_t seat = 0;
  Telling what = Telling::notice;
  IncidentId incident;       // Of a notice.
  std::uint32_t number = 0;  // Its place in the incident; the number of a page.
  std::uint32_t from = 0;    // The seat that has it; 0: nobody.
  friend bool operator==(const Take&, const Take&) = default;
};

// What became of it by one channel. By the watch that has it.
struct RecordTold {
  std::uint32_t seat = 0;
  Telling what = Telling::notice;
  IncidentId incident;
  std::uint32_t number = 0;
  std::string channel;  // Empty, with `last`: there is none.
  ToldOutcome outcome = ToldOutcome::unknown;
  std::string proof;
  bool last = false;  // Nothing more will come, by any channel.
  friend bool operator==(const RecordTold&, const RecordTold&) = default;
};

// The watch has written the draft of a postmortem and keeps it.
struct RecordDraft {
  std::uint32_t seat = 0;
  IncidentId incident;
  std::string digest;
  friend bool operator==(const RecordDraft&, const RecordDraft&) = default;
};

using Command =
    std::variant<Tick, Observe, Prove, Check, Alive, RecordChange, Configure, DecideWish, Declare,
                 Acknowledge, TakeRole, HandOver, SetSeverity, SetPhase, AddNote, Merge,
                 RequestResolve, Close, Dismiss, ProposeNotice, DecideNotice, Promise, RequestStep,
                 DecideStep, RecordStep, AddItem, AssignItem, FinishItem, SubmitPostmortem,
                 DecidePostmortem, Take, RecordTold, RecordDraft>;

// In the order of checking.
enum class Refusal : std::uint8_t {
  none = 0,
  malformed = 1,
  invalid = 2,  // A value breaks a rule or a limit of its own.
  stale = 3,    // Older than what is known, or than late_ms_max; or from the future.
  unknown_person = 4,
  not_allowed = 5,       // He has not the right.
  unknown_incident = 6,  // Or it is closed.
  unknown_subject = 7,   // No such wish, notice, step, item, or person to hand over to.
  wrong_phase = 8,       // Not in this phase of the incident.
  decided = 9,           // It is not waiting for that any more, or not yet.
  same_person = 10,      // A second person must say so.
  no_change = 11,
  gate_not_met = 12,     // What keeps it shut is in the reply.
  few_configurers = 13,  // Fewer than two would be left.
  speakers_full = 14,
  over_budget = 15,   // The source has said too many new things.
  signals_full = 16,  // The source has too many signals held.
  incidents_full = 17,
  wishes_full = 18,
  rows_full = 19,
  notices_full = 20,
  steps_full = 21,
  items_full = 22,
};
constexpr std::uint8_t refusals = 23;
const char* name(Refusal refusal);

struct Reply {
  Refusal refusal = Refusal::none;
  std::uint32_t id = 0;  // Of what the command made or hit: incident, wish, place of a thing.
  std::uint16_t gate_shut = 0;  // Bits of gate::, with gate_not_met.
  friend bool operator==(const Reply&, const Reply&) = default;
};

Bytes encode(const Command& command);
std::optional<Command> decode_command(ByteView bytes);

void append(Bytes& out, const Reply& reply);
std::optional<Reply> decode_reply(ByteView bytes);

}  // namespace oki::response
