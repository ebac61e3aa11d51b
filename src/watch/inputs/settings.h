// Who may send alerts, how much, and what they mean: deploy/signals.toml, explained in
// docs/signals.md. A key that is not known is an error that names it, and so is a value outside its
// range. The trust of an outside source is a hint or evidence, never a proof.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/net.h"
#include "base/result.h"
#include "response/changes.h"
#include "response/signal.h"

namespace oki::watch::inputs {

constexpr std::size_t settings_bytes_max = 256u << 10;
constexpr std::size_t sources_max = 32;
constexpr std::size_t rules_max = 256;  // Of one source.
constexpr std::size_t polled_max = 8;   // Alertmanagers of one source.
constexpr std::size_t body_bytes_limit = 1u << 20;

enum class Protocol : std::uint8_t { alertmanager = 0, pagerduty = 1, otlp = 2, cloud_events = 3 };
const char* name(Protocol protocol);
response::Source source_of(Protocol protocol);

using Where = std::vector<std::pair<std::string, std::string>>;  // All of these labels have so.

// What an alert means. The first rule that fits counts.
struct Rule {
  Where where;
  bool ignore = false;
  bool ends = false;  // Of events: what they tell of is over.
  std::string key;    // Of events: those with the same key, source and subject are one signal.
  response::SignalKind kind = response::SignalKind::other;
  response::Trust trust = response::Trust::hint;
  std::optional<notify::State> state;  // Else by the severity that the source claims.
  std::vector<notify::ComponentId> components;
  std::string component_label;  // Names one more component, of this kind, when it is a known one.
  notify::ComponentKind component_kind = notify::ComponentKind::market;
};

// A number of OTLP that is a signal beyond a limit.
struct MetricRule {
  std::string metric;
  bool below = false;  // The signal fires below the limit; else above it.
  std::int64_t limit_milli = 0;
  Rule rule;
};

struct SourceSettings {
  std::string name;  // Also the speaker: a-z, 0-9, '_', '-'.
  Protocol protocol = Protocol::alertmanager;
  std::int64_t requests_per_minute = 600;
  std::int64_t new_signals_per_minute = 60;
  std::int64_t signals_max = 200;
  std::int64_t body_bytes_max = 256 << 10;
  std::int64_t expires_ms = 300'000;  // Not said again for so long: not known any more.
  std::vector<Address> poll;          // Of Alertmanager only: where it listens.
  std::int64_t poll_every_ms = 3'000;
  std::int64_t poll_deadline_ms = 1'500;
  std::string heartbeat;  // The alert that always fires: proof that alerts arrive, and no signal.
  std::int64_t silent_ms = 0;  // Not heard for so long is a signal; 0: it may be silent.
  std::vector<Rule> rules;
  std::vector<MetricRule> metrics;
};

struct Settings {
  std::vector<notify::ComponentId> components;  // That labels may name.
  std::vector<SourceSettings> sources;
};

Result<Settings> read_settings(ByteView toml);

// Those that must be heard, for the house: what a speaker is, is said in this file alone.
std::vector<response::PutSpeaker> speakers_of(const Settings& settings);

}  // namespace oki::watch::inputs
