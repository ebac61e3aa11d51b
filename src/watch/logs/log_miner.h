// What log lines say that nobody told the detectors: errors of a kind never seen before, a kind
// that comes far more often than usual, and one address that is refused again and again.
//
// Lines of our own processes are JSON (base/log.h): level and process are read, and the template is
// made of room and `what`; the fields are values and left out. Any other line is taken as it is;
// its level is guessed from its words.
//
// Rules, with the numbers of MinerOptions:
// 1. For learn_ms after the start everything is new and nothing is told.
// 2. A template of level warning or error that is seen first afterwards is a hint
//    (new_log_pattern); errors_min lines of it within a minute make it evidence. It is over when
//    the template was silent for calm_ms.
// 3. A template that comes at least rate_min times in a span, and rate_times as often as its usual
//    rate, in two spans in a row, is evidence (errors) when its level is error, else a hint. It is
//    over after three spans in a row below that. What is usual follows slowly, and not while it
//    fires.
// 4. An address named in refused_min lines of refusal (words of `refusals`) within a minute is a
//    hint (abnormal_access); spread over refused_addresses_min addresses it is evidence. Over
//    after calm_ms of silence.
//
// Strangers can write log lines, so nothing here is ever a proof, and what they write reaches a
// signal only as a template: masked, cut, printable.
//
// Memory: templates_max templates, addresses_max addresses, signals_max alarms at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "response/signal.h"
#include "watch/logs/drain.h"

namespace oki::watch::logs {

struct MinerOptions {
  DrainOptions drain;
  std::int64_t learn_ms = 600'000;
  std::int64_t span_ms = 10'000;
  std::int64_t calm_ms = 120'000;
  std::uint32_t errors_min = 3;
  std::uint32_t rate_min = 20;
  std::uint32_t rate_times = 10;
  std::uint32_t usual_spans = 360;  // Time constant of what is usual: an hour.
  std::vector<std::string> refusals = {"invalid signature",      "authentication failed",
                                       "authentication failure", "failed password",
                                       "permission denied",      "unknown key"};
  std::uint32_t refused_min = 100;
  std::uint32_t refused_addresses_min = 20;  // Each with a tenth of refused_min.
  std::size_t addresses_max = 10'000;
  std::size_t signals_max = 50;
  std::uint32_t expires_ms = 60'000;
};

struct MinerMoment {
  std::int64_t mono_ms = 0;
  WallTimeMs wall;
};

class LogMiner {
 public:
  LogMiner(const MinerOptions& options, const MinerMoment& start);

  // `process`: whose log it is, unless the line says so itself.
  void on_line(ByteView process, ByteView line, const MinerMoment& now);

  // Once a second: ends spans, ends alarms, says again what holds.
  void tick(const MinerMoment& now);

  // What is new since the last call.
  std::vector<response::Signal> take();

  std::uint64_t lines() const { return lines_; }
  std::size_t templates() const { return drain_.size(); }
  std::uint64_t dropped() const { return dropped_; }  // Alarms beyond signals_max.

 private:
  struct Line {
    std::string process, text;
    LogLevel level = LogLevel::info;
  };
  struct Kind {
    std::string process;
    LogLevel level = LogLevel::info;
    bool is_new = false;  // Seen first after learning.
    std::uint32_t in_span = 0;
    std::uint64_t usual_milli = 0;  // Lines in a span, in thousandths.
    std::uint32_t high_spans = 0, low_spans = 0;
    std::deque<std::int64_t> recent;  // Of new ones: the last errors_min times.
  };
  struct Alarm {
    response::Signal signal;
    std::int64_t seen_ms = 0;  // When it was last true.
    std::int64_t sent_ms = 0;
  };
  struct Refused {
    std::uint32_t lines = 0;  // In this minute.
    std::int64_t minute = 0;
  };

  static Line parse(ByteView process, ByteView line);
  bool learning(std::int64_t now_ms) const { return now_ms < learn_until_ms_; }
  void on_new_kind(TemplateId id, Kind& kind, const MinerMoment& now);
  void on_refusal(const Line& line, ByteView raw, const MinerMoment& now);
  void end_span(const MinerMoment& now);
  void judge_rate(TemplateId id, Kind& kind, const MinerMoment& now);
  void raise(const std::string& key, response::SignalKind kind, response::Trust trust,
             std::string words, std::vector<response::Fact> facts, const MinerMoment& now);
  void lower(const std::string& key, const MinerMoment& now);
  std::string shown(TemplateId id) const;

  MinerOptions options_;
  Drain drain_;
  std::int64_t learn_until_ms_ = 0;
  std::int64_t span_end_ms_ = 0;
  std::map<TemplateId, Kind> kinds_;
  std::map<std::string, Refused, std::less<>> refused_;
  std::map<std::string, Alarm> alarms_;
  std::vector<response::Signal> pending_;
  std::uint64_t lines_ = 0;
  std::uint64_t dropped_ = 0;
};

// The first IPv4 or IPv6 address in a line; empty when there is none.
ByteView find_address(ByteView line);

}  // namespace oki::watch::logs
