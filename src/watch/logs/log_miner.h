// What log lines say that nobody told the detectors: errors of a kind never seen before, a kind
// that comes far more often than usual, and one address that is refused again and again.
//
// Lines of our own processes are JSON (base/log.h): level and process are read, and the template is
// made of process, room and `what`; the fields are values and left out. `what` is the same words
// each time, so these are templates as they stand. Of the JSON of others the member `message` or
// `msg` is taken; any other line is taken as it is, its level is guessed from its words, and what
// it has in common with others is found by Drain. Everything is masked (mask.h) before anything is
// made of it.
//
// Rules, with the numbers of MinerOptions and the fact "rule" of their signals:
// 1. For learn_ms after the start everything is usual and nothing is told. Lines that were there
//    before the start are usual whenever they are read, and count for nothing else.
// 2. logs.new: a template of level error that is seen first afterwards is a hint, errors_min lines
//    of it within a minute make it evidence; one of level warning is a hint at errors_min lines
//    within a minute. It is over when it was silent for calm_ms, and never new again.
// 3. logs.rate: a template that comes at least rate_min times in a span, and rate_times as often as
//    its usual rate, in two spans in a row, is evidence (errors) when its level is error, else a
//    hint. It is over after three spans in a row below that. What is usual follows slowly, and not
//    while it fires. While a template is told of as new, its rate is not.
// 4. logs.refused: an address named in refused_min lines of refusal (words of `refusals`) within a
//    minute is a hint (abnormal_access); spread over refused_addresses_min addresses it is
//    evidence. Over after calm_ms of silence. Edges write no such lines; what they refuse is in
//    their metrics (watch/access.h). This is for proxies, ssh and other programs of the machines.
// 5. What lasts longer than lasts_max_ms is usual from then on, and over: a log that keeps saying
//    the same is known to everybody by then, and it must not keep an incident open for ever.
// 6. Not more than told_per_minute_max alarms begin within a minute, signals_max hold at a time,
//    and one template begins again not more than rises_max times in rises_window_ms. More are
//    dropped and counted; that there were more is one hint (logs.many).
//
// Strangers can write log lines, so nothing here is ever a proof, and what they write reaches a
// signal only as a template: masked, cut, printable. A signal is about a part of the exchange only
// when the line's process is one of `processes`.
//
// Memory: templates_max templates of each kind of lines, addresses_max addresses, signals_max
// alarms at a time.
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
  DrainOptions drain{.depth = 3};
  std::int64_t learn_ms = 60'000;
  std::int64_t span_ms = 10'000;
  std::int64_t calm_ms = 30'000;
  std::int64_t lasts_max_ms = 900'000;
  std::uint32_t errors_min = 3;
  std::uint32_t rate_min = 20;
  std::uint32_t rate_times = 10;
  std::uint32_t usual_spans = 360;  // Time constant of what is usual: an hour.
  std::uint32_t rises_max = 3;
  std::int64_t rises_window_ms = 600'000;
  std::vector<std::string> refusals = {"invalid signature",      "authentication failed",
                                       "authentication failure", "failed password",
                                       "permission denied",      "unknown key"};
  std::uint32_t refused_min = 100;
  std::uint32_t refused_addresses_min = 20;  // Each with a tenth of refused_min.
  std::size_t addresses_max = 10'000;
  std::size_t signals_max = 20;
  std::uint32_t told_per_minute_max = 8;
  std::uint32_t expires_ms = 60'000;
  // Which part of the exchange a process is: "node 2", "edge 127.0.0.1:8081".
  std::map<std::string, notify::ComponentId, std::less<>> processes;
};

struct MinerMoment {
  std::int64_t mono_ms = 0;
  WallTimeMs wall;
};

class LogMiner {
 public:
  LogMiner(const MinerOptions& options, const MinerMoment& start);

  // `process`: whose log it is, unless the line says so itself. `old`: from before the start.
  void on_line(ByteView process, ByteView line, const MinerMoment& now, bool old = false);

  // Once a second: ends spans, ends alarms, says again what holds.
  void tick(const MinerMoment& now);

  // What is new since the last call.
  std::vector<response::Signal> take();

  bool learning(std::int64_t now_ms) const { return now_ms < learn_until_ms_; }
  std::uint64_t lines() const { return lines_; }
  std::size_t templates() const { return ours_.size() + others_.size(); }
  std::size_t firing() const { return alarms_.size(); }
  std::uint64_t dropped() const { return dropped_; }  // Alarms beyond what rule 6 allows.

 private:
  struct Line {
    std::string process, text;
    LogLevel level = LogLevel::info;
    bool ours = false;
  };
  struct Kind {
    std::string process;  // That logged it last.
    std::string name;     // In keys: the same after a restart.
    LogLevel level = LogLevel::info;
    bool is_new = false;  // Seen first after learning.
    std::uint32_t in_span = 0;
    std::uint64_t last_milli = 0;   // Lines in the last span, in thousandths.
    std::uint64_t usual_milli = 0;  // Lines in a span, in thousandths.
    std::uint32_t high_spans = 0, low_spans = 0;
    std::deque<std::int64_t> recent;  // Of new ones: the last errors_min times.
    std::deque<std::int64_t> rises;   // The last rises_max times that an alarm of it began.
  };
  struct Alarm {
    response::Signal signal;
    TemplateId kind = 0;  // 0: of no template.
    std::int64_t began_ms = 0;
    std::int64_t seen_ms = 0;  // When it was last true.
    std::int64_t sent_ms = 0;
  };
  struct Refused {
    std::uint32_t lines = 0;  // In this minute.
    std::int64_t minute = 0;
  };
  struct Finding {
    std::string key, rule;
    TemplateId kind = 0;
    response::SignalKind signal = response::SignalKind::new_log_pattern;
    response::Trust trust = response::Trust::hint;
    std::string process, words;
    std::vector<response::Fact> facts;
  };

  static Line parse(ByteView process, ByteView line);
  Drain::Match match(const Line& line);
  std::string text(TemplateId id) const;
  static std::string new_key(const Kind& kind);
  static std::string rate_key(const Kind& kind);
  void on_new_kind(TemplateId id, Kind& kind, const MinerMoment& now);
  void on_refusal(const Line& line, ByteView raw, const MinerMoment& now);
  Refused* count_refusal(const std::string& address, std::int64_t minute);
  void end_span(const MinerMoment& now);
  void judge_rate(TemplateId id, Kind& kind, const MinerMoment& now);
  bool may_begin(const Finding& finding, const MinerMoment& now);
  void raise(Finding finding, const MinerMoment& now);
  void say(Alarm& alarm, const MinerMoment& now);
  void lower(const std::string& key, const MinerMoment& now);
  std::string shown_process(const std::string& process) const;
  std::string shown(TemplateId id) const;

  MinerOptions options_;
  Drain ours_, others_;
  std::int64_t learn_until_ms_ = 0;
  std::int64_t span_end_ms_ = 0;
  std::map<TemplateId, Kind> kinds_;
  std::map<std::string, Refused, std::less<>> refused_;
  std::map<std::string, Alarm> alarms_;
  std::deque<std::int64_t> begun_;  // Alarms of the last minute.
  std::vector<response::Signal> pending_;
  std::uint64_t lines_ = 0;
  std::uint64_t dropped_ = 0;
};

// The first IPv4 or IPv6 address in a line; empty when there is none.
ByteView find_address(ByteView line);

}  // namespace oki::watch::logs
