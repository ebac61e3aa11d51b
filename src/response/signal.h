// What a source says is wrong, or right again: the one shape in which test trades, detectors, log
// mining, inquiries, ledger checkers and outside alerts reach the incident machine.
//
// A signal is a level, not an event: it holds from `since` until the source says otherwise under
// the same key or is silent for longer than `expires_ms`. Silence of a source that must speak is
// itself a signal (`source_silent`), never an all-clear. Sources below trust::proof can open and
// worsen an incident by the rules of response/; only proofs (test trades, ledger checks, quiet
// error rates) can end one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "notify/state.h"

namespace oki::response {

constexpr std::size_t signal_key_bytes_max = 200;
constexpr std::size_t signal_words_bytes_max = 500;
constexpr std::size_t signal_facts_max = 16;
constexpr std::size_t signal_components_max = 64;
constexpr std::uint32_t signal_expires_ms_max = 86'400'000;
constexpr std::size_t fact_name_bytes_max = 64;
constexpr std::size_t fact_value_bytes_max = 200;

enum class Source : std::uint8_t {
  test_trade = 0,
  ledger = 1,
  metric = 2,  // A detector over our own counters: error rate, rate drop, latency, lag.
  host = 3,    // CPU, memory, disk, network, fsync.
  log_line = 4,
  inquiry = 5,
  alertmanager = 6,
  pagerduty = 7,
  otlp = 8,
  cloud_event = 9,
  person = 10,
  watch = 11,  // About a source: silent, flapping, too many signals.
};
constexpr std::uint8_t sources = 12;
const char* name(Source source);

enum class Trust : std::uint8_t {
  hint = 0,      // One outside alert, one inquiry: shown, opens nothing alone.
  evidence = 1,  // Opens a suspected incident; a second independent source confirms it.
  proof = 2,     // Opens and confirms alone, and may end.
};
const char* name(Trust trust);

// The most that is believed of a source, whatever it says of itself. Outside alerts, mail and log
// lines can be written by strangers, so none of them is ever a proof.
Trust trust_max(Source source);

enum class SignalKind : std::uint8_t {
  down = 0,  // No answer, or no test trade succeeds.
  errors = 1,
  slow = 2,
  rate_drop = 3,  // Far less comes in than usual.
  wrong = 4,      // An answer or a balance that cannot be true.
  resource = 5,   // A host is short of something.
  lag = 6,
  abnormal_access = 7,
  new_log_pattern = 8,
  inquiry_surge = 9,
  source_silent = 10,
  other = 11,
};
constexpr std::uint8_t signal_kinds = 12;
const char* name(SignalKind kind);

// A number or a word behind the signal, for the timeline and the ranking of causes.
struct Fact {
  std::string name;  // "error_ppm", "threshold", "host", "template"
  std::string value;
  friend bool operator==(const Fact&, const Fact&) = default;
};

struct Signal {
  std::string key;  // What it is about, unique within its source: "btc_jpy/cross/edge 1".
  Source source = Source::metric;
  SignalKind kind = SignalKind::other;
  Trust trust = Trust::hint;
  bool firing = true;  // False: it is over, as far as the source can tell.
  notify::State state = notify::State::degraded_performance;  // Of the components, it claims.
  std::vector<notify::ComponentId> components;                // May be empty: unknown which.
  WallTimeMs since;              // Best estimate of when it began (or ended).
  WallTimeMs seen;               // When the source noticed.
  std::uint32_t expires_ms = 0;  // From `seen`; 0: never.
  std::string words;             // One sentence, English, without names of customers.
  std::vector<Fact> facts;
  friend bool operator==(const Signal&, const Signal&) = default;
};

// Errc::invalid with one sentence, when a limit above is broken: the key is one line and not empty,
// the words are one line, components are named and none is named twice, `since` is not after
// `seen`, a firing signal claims a state worse than operational.
Result<void> check(const Signal& signal);

// docs/formats/response.md. Reading checks.
void append(Bytes& out, const Signal& signal);
Result<Signal> read_signal(ByteView bytes);

}  // namespace oki::response
