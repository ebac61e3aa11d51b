// What the machine keeps of signals and incidents.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

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
};
constexpr std::uint8_t row_kinds = 15;
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
  std::uint32_t reopened = 0;
  std::string title;
  std::vector<notify::ComponentId> components;  // In the order they joined.
  TradeRun run;
  std::vector<Row> rows;
  std::uint32_t rows_dropped = 0;
  friend bool operator==(const Incident&, const Incident&) = default;
};

constexpr bool is_open(const Incident& incident) { return incident.phase != Phase::closed; }

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
