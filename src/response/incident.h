// What the machine keeps of signals and incidents.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "response/types.h"

namespace oki::response {

struct SignalKey {
  Source source = Source::metric;
  std::string key;
  friend auto operator<=>(const SignalKey&, const SignalKey&) = default;
};

// The last word of one source under one key, and what is made of it.
struct HeldSignal {
  Signal signal;            // Its trust is what is believed, not what was claimed.
  WallTimeMs heard;         // When the command came.
  WallTimeMs changed;       // When it last began, ended or expired.
  bool expired = false;     // Not renewed in time. No all-clear.
  bool suppressed = false;  // Planned work explains it.
  bool dismissed = false;   // A person said it is nothing; until it begins anew.
  bool flapping = false;
  std::vector<WallTimeMs> starts;  // Recent ones, oldest first.
  IncidentId incident;
  friend bool operator==(const HeldSignal&, const HeldSignal&) = default;
};

// What the timeline says, in order of the numbers of its format. Words: response/row_text.h.
enum class RowKind : std::uint8_t {
  opened = 0,
  confirmed = 1,
  signal_began = 2,
  signal_over = 3,
  signal_expired = 4,
  signal_flaps = 5,
  component_joined = 6,
  severity_raised = 7,
  monitoring = 8,
  worse_again = 9,
  resolved = 10,
  reopened = 11,
  closed = 12,
  dismissed = 13,
  change_recorded = 14,
  declared = 15,
  acknowledged = 16,
  role_taken = 17,
  handed_over = 18,
  severity_asked = 19,
  severity_lowered = 20,
  phase_set = 21,
  note = 22,
  merged_away = 23,
  merged_here = 24,
  paged = 25,
  everybody_paged = 26,
  nobody_answered = 27,
  notice_proposed = 28,
  notice_approved = 29,
  notice_rejected = 30,
  promised = 31,
  promise_missed = 32,
  step_asked = 33,
  step_approved = 34,
  step_rejected = 35,
  step_started = 36,
  step_output = 37,
  step_verified = 38,
  step_failed = 39,
  item_added = 40,
  item_assigned = 41,
  item_done = 42,
  postmortem_submitted = 43,
  postmortem_approved = 44,
  postmortem_rejected = 45,
  notice_taken = 46,
  notice_told = 47,
  page_told = 48,
  page_lapsed = 49,
  postmortem_drafted = 50,
};
constexpr std::uint8_t row_kinds = 51;
const char* name(RowKind kind);

struct Row {
  WallTimeMs at;
  RowKind kind = RowKind::opened;
  PersonId by;               // 0: the system.
  std::uint32_t number = 0;  // A severity, a phase, the number of a thing: by kind.
  std::string subject;       // What it is about: a signal's source and key, a component.
  std::string words;
  LogIndex index;          // The data link: the entry of the log that made this row,
  std::uint64_t hash = 0;  // and the running hash of all events up to its end.
  friend bool operator==(const Row&, const Row&) = default;
};

// A run of test trades without a failure.
struct ProberCount {
  std::uint32_t trades = 0;
  WallTimeMs last;
  friend bool operator==(const ProberCount&, const ProberCount&) = default;
};
struct TradeRun {
  WallTimeMs since, last;
  std::map<std::string, ProberCount> probers;
  friend bool operator==(const TradeRun&, const TradeRun&) = default;
};

// Paging until somebody acknowledges.
struct Pager {
  bool running = false;
  std::uint8_t step = 0;   // Of the escalation; past its end: everybody.
  std::uint8_t round = 0;  // How often all steps were gone through.
  WallTimeMs due;          // Without an acknowledgement by then, the next step.
  std::uint32_t pages = 0;
  friend bool operator==(const Pager&, const Pager&) = default;
};

enum class NoticeState : std::uint8_t { proposed = 0, approved = 1, rejected = 2 };
constexpr std::uint8_t notice_states = 3;

// What became of something that was to be told, as the one who told it knows.
enum class ToldOutcome : std::uint8_t {
  sent = 0,     // The other side said so.
  refused = 1,  // It will never be sent.
  unknown = 2,  // Perhaps; people decide.
};
constexpr std::uint8_t told_outcomes = 3;
const char* name(ToldOutcome outcome);

struct ChannelTold {
  std::string channel;
  ToldOutcome outcome = ToldOutcome::unknown;
  std::uint32_t seat = 0;  // Of the watch that says so.
  std::string proof;
  friend bool operator==(const ChannelTold&, const ChannelTold&) = default;
};

struct NoticeRecord {
  Bytes notice;  // notify::append(), with number and approvers once it is approved.
  NoticeState state = NoticeState::proposed;
  std::uint32_t number = 0;  // Under the incident's notice name, once approved.
  PersonId by, decided_by;
  std::uint32_t taken_by = 0;  // Seat of the watch whose outbox has it; 0: nobody yet.
  bool taken_over = false;     // From another one, which may have sent it.
  bool told = false;           // By every channel: nothing more will come.
  std::vector<ChannelTold> channels;
  friend bool operator==(const NoticeRecord&, const NoticeRecord&) = default;
};

enum class StepState : std::uint8_t {
  asked = 0,
  approved = 1,
  rejected = 2,
  started = 3,
  done = 4,      // It ran; its output is recorded.
  verified = 5,  // What it should bring about was seen.
  failed = 6,
};
constexpr std::uint8_t step_states = 7;

struct StepRecord {
  std::string runbook, step;
  StepState state = StepState::asked;
  PersonId by, decided_by;
  std::string digest;      // Of the output.
  std::uint32_t seat = 0;  // Of the watch that runs it; 0: nobody yet, or a person.
  friend bool operator==(const StepRecord&, const StepRecord&) = default;
};

struct Item {
  std::string words;
  PersonId owner;  // 0: nobody yet.
  WallTimeMs due;
  std::optional<WallTimeMs> done;
  friend bool operator==(const Item&, const Item&) = default;
};

enum class PostmortemState : std::uint8_t { none = 0, submitted = 1, approved = 2 };
constexpr std::uint8_t postmortem_states = 3;

struct Postmortem {
  PostmortemState state = PostmortemState::none;
  std::string digest;  // Of its text.
  PersonId by, decided_by;
  std::string draft;             // Digest of what the watch wrote by itself.
  std::uint32_t draft_seat = 0;  // The watch that keeps it.
  friend bool operator==(const Postmortem&, const Postmortem&) = default;
};

struct Incident {
  WallTimeMs opened;  // When this machine opened it.
  WallTimeMs began;   // The earliest `since` of its signals.
  std::optional<WallTimeMs> confirmed, ended, resolved, closed;
  WallTimeMs active;     // The last time a signal joined, began or got worse.
  WallTimeMs disturbed;  // The last time one of our own signals was firing.
  Phase phase = Phase::suspected;
  Severity severity = Severity::sev4;
  Severity severity_seen = Severity::sev4;   // The worst that signals asked for.
  Severity severity_worst = Severity::sev4;  // It ever had.
  notify::State state = notify::State::operational;
  notify::State state_worst = notify::State::operational;
  bool drill = false;
  bool dismissed = false;  // Closed without ever being confirmed.
  bool by_person = false;  // Declared: only a person's request resolves it, behind the gate.
  IncidentId merged_into;
  std::uint32_t reopened = 0;
  std::string title;
  std::vector<notify::ComponentId> components;  // In the order they joined.
  TradeRun run;
  PersonId acknowledged_by;
  std::optional<WallTimeMs> acknowledged;
  std::map<Role, PersonId> holders;
  Pager pager;
  std::optional<WallTimeMs> promise;  // "Next update at"; gone when kept or missed.
  std::uint32_t promises_missed = 0;
  std::vector<NoticeRecord> notices;
  std::vector<StepRecord> steps;
  std::vector<Item> items;
  Postmortem postmortem;
  std::vector<Row> rows;
  std::uint32_t rows_dropped = 0;
  friend bool operator==(const Incident&, const Incident&) = default;
};

constexpr bool is_open(const Incident& incident) { return incident.phase != Phase::closed; }

// What somebody changed: the first thing to ask about when something breaks.
enum class ChangeKind : std::uint8_t {
  configuration = 0,
  deployment = 1,
  release = 2,
  operator_command = 3,
  capacity = 4,
  other = 5,
};
constexpr std::uint8_t change_kinds = 6;
const char* name(ChangeKind kind);

struct ChangeRecord {
  WallTimeMs at;
  ChangeKind kind = ChangeKind::other;
  std::vector<notify::ComponentId> components;
  std::string who;
  std::string words;
  friend bool operator==(const ChangeRecord&, const ChangeRecord&) = default;
};

// The last word of a checker.
struct CheckKey {
  CheckKind kind = CheckKind::ledger;
  std::string speaker;
  friend auto operator<=>(const CheckKey&, const CheckKey&) = default;
};
struct CheckState {
  bool fine = false;
  WallTimeMs at;
  WallTimeMs fine_since;
  friend bool operator==(const CheckState&, const CheckState&) = default;
};

// How much a source has used of what it may.
struct Budget {
  WallTimeMs minute;  // Start of the minute that is counted.
  std::uint32_t new_signals = 0;
  std::vector<WallTimeMs> opens;  // Within the last hour, oldest first.
  friend bool operator==(const Budget&, const Budget&) = default;
};

}  // namespace oki::response
