#include "response/signal.h"

#include <algorithm>

#include "response/signal_fields.h"
#include "response/words.h"

namespace oki::response {
namespace {

constexpr const char* source_names[] = {"test_trade", "ledger",      "metric",       "host",
                                        "log_line",   "inquiry",     "alertmanager", "pagerduty",
                                        "otlp",       "cloud_event", "person",       "watch"};
static_assert(std::size(source_names) == sources);

constexpr const char* kind_names[] = {"down",          "errors",          "slow",
                                      "rate_drop",     "wrong",           "resource",
                                      "lag",           "abnormal_access", "new_log_pattern",
                                      "inquiry_surge", "source_silent",   "other"};
static_assert(std::size(kind_names) == signal_kinds);

constexpr const char* trust_names[] = {"hint", "evidence", "proof"};

bool names_twice(const std::vector<notify::ComponentId>& components) {
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (std::find(components.begin(), components.begin() + static_cast<std::ptrdiff_t>(i),
                  components[i]) != components.begin() + static_cast<std::ptrdiff_t>(i)) {
      return true;
    }
  }
  return false;
}

bool is_component(const notify::ComponentId& id) {
  Bytes bytes;
  notify::append(bytes, id);
  Reader in(bytes);
  notify::read_component_id(in);
  return in.done();
}

bool is_time(WallTimeMs time) { return time.value >= 0 && time <= notify::time_max; }

const char* fault(const Signal& signal) {
  if (signal.key.empty() || !is_line(signal.key, signal_key_bytes_max)) {
    return "The key of a signal is one line of 1 to 200 bytes.";
  }
  if (!is_line(signal.words, signal_words_bytes_max)) {
    return "The words of a signal are one line of at most 500 bytes.";
  }
  if (signal.components.size() > signal_components_max || names_twice(signal.components) ||
      !std::ranges::all_of(signal.components, is_component)) {
    return "A signal names at most 64 components, each once and well.";
  }
  if (!is_time(signal.since) || !is_time(signal.seen) || signal.since > signal.seen) {
    return "A signal is seen at a time, and not before it began.";
  }
  if (signal.expires_ms > signal_expires_ms_max) return "A signal holds for at most a day.";
  if (signal.state > notify::state_sent_max) return "Nobody can claim that a state is unknown.";
  if (signal.firing && signal.state == notify::State::operational) {
    return "A firing signal claims a state worse than operational.";
  }
  if (signal.facts.size() > signal_facts_max ||
      !std::ranges::all_of(signal.facts, [](const Fact& fact) {
        return !fact.name.empty() && is_line(fact.name, fact_name_bytes_max) &&
               is_line(fact.value, fact_value_bytes_max);
      })) {
    return "A signal has at most 16 facts, each with a name of 64 bytes and a value of 200.";
  }
  return nullptr;
}

}  // namespace

const char* name(Source source) { return source_names[static_cast<std::size_t>(source)]; }
const char* name(SignalKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }
const char* name(Trust trust) { return trust_names[static_cast<std::size_t>(trust)]; }

Trust trust_max(Source source) {
  switch (source) {
    case Source::test_trade:
    case Source::ledger:
    case Source::metric:
      return Trust::proof;
    case Source::host:
    case Source::log_line:
    case Source::inquiry:
    case Source::alertmanager:
    case Source::pagerduty:
    case Source::otlp:
    case Source::cloud_event:
    case Source::person:
    case Source::watch:
      return Trust::evidence;
  }
  return Trust::hint;
}

Result<void> check(const Signal& signal) {
  if (const char* what = fault(signal)) return error(Errc::invalid, what);
  return {};
}

void append(Bytes& out, const Signal& signal) { append_fields(out, signal); }

Result<Signal> read_signal(ByteView bytes) {
  auto signal = read_fields<Signal>(bytes);
  if (!signal) return error(Errc::invalid, "These bytes are no signal.");
  if (const char* what = fault(*signal)) return error(Errc::invalid, what);
  return std::move(*signal);
}

}  // namespace oki::response
