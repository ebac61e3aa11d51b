// From log files to what the incident machine is told, on the loop: asks for lines, gives them to
// the miner a few at a time, tells its alarms.
//
// A flood of lines takes at most lines_per_turn_max of each turn_ms; the rest waits, nothing more
// is read meanwhile, and what the files are then too far ahead is skipped and counted (log_tail.h).
// Keys begin with the watch's name, so that three watches do not contradict each other.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "response/tell.h"
#include "watch/logs/log_miner.h"
#include "watch/logs/log_reader.h"

namespace oki::watch::logs {

constexpr std::int64_t read_every_ms = 250;
constexpr std::int64_t turn_ms = 20;
constexpr std::size_t lines_per_turn_max = 100;  // About a millisecond.
constexpr std::int64_t tick_every_ms = 1000;

class LogFeed {
 public:
  // Looks at the files and gives what it found, now or later; asked again only after that.
  using Read = std::function<void(LogReader::Done done)>;
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Metrics& metrics;
    response::Tell tell;
    Read read;
  };
  // All must outlive the feed, and `read` must not call back when it is gone.
  LogFeed(const Parts& parts, std::string speaker, const MinerOptions& options);
  ~LogFeed();
  LogFeed(const LogFeed&) = delete;
  LogFeed& operator=(const LogFeed&) = delete;

  void start();

 private:
  struct Counters {
    Counter &lines, &bytes, &skipped, &cut, &told, &dropped;
    Gauge &files, &left_out, &templates, &waiting, &learning, &firing;
  };
  static Counters counters(Metrics& metrics);

  MinerMoment moment() const;
  void ask();
  void take(LogBatch batch);
  void turn();
  void second();
  void tell();

  Parts parts_;
  std::string speaker_;
  LogMiner miner_;
  Counters counters_;
  std::deque<LogLine> waiting_;
  bool has_more_ = false;
  TimerId turn_timer_, tick_timer_;
};

}  // namespace oki::watch::logs
