#include "watch/logs/log_feed.h"

#include <iterator>
#include <utility>

#include "base/assert.h"

namespace oki::watch::logs {
namespace {

// "node2.log" is the log of "node2", for lines that do not say whose they are.
ByteView process_of(ByteView file) {
  return file.ends_with(".log") ? file.substr(0, file.size() - 4) : file;
}

}  // namespace

LogFeed::Counters LogFeed::counters(Metrics& metrics) {
  return {
      metrics.counter("okiagari_logs_lines_total", "Lines of logs that were read"),
      metrics.counter("okiagari_logs_bytes_total", "Bytes of logs that were read"),
      metrics.counter("okiagari_logs_skipped_bytes_total",
                      "Bytes of logs that came faster than they are read"),
      metrics.counter("okiagari_logs_cut_lines_total", "Lines of logs that were too long"),
      metrics.counter("okiagari_logs_told_total", "Signals of logs told to the incident machine"),
      metrics.counter("okiagari_logs_alarms_dropped_total",
                      "Times an alarm of logs was beyond its limits and not told"),
      metrics.gauge("okiagari_logs_files", "Log files that are followed"),
      metrics.gauge("okiagari_logs_files_left_out", "Log files beyond the limit"),
      metrics.gauge("okiagari_logs_templates", "Kinds of lines that are known"),
      metrics.gauge("okiagari_logs_waiting_lines", "Lines that were read and not looked at"),
      metrics.gauge("okiagari_logs_learning", "1 while everything in the logs counts as usual"),
      metrics.gauge("okiagari_logs_alarms", "Alarms of logs that hold"),
  };
}

LogFeed::LogFeed(const Parts& parts, std::string speaker, const MinerOptions& options)
    : parts_(parts),
      speaker_(std::move(speaker)),
      miner_(options, moment()),
      counters_(counters(parts.metrics)) {
  ASSERT(parts_.tell && parts_.read);
}

LogFeed::~LogFeed() {
  parts_.timers.cancel(turn_timer_);
  parts_.timers.cancel(tick_timer_);
}

MinerMoment LogFeed::moment() const {
  return {parts_.clock.mono_now().value / ns_per_ms, parts_.clock.wall_now()};
}

void LogFeed::start() {
  second();
  ask();
}

void LogFeed::ask() {
  parts_.read([this](LogBatch batch) { take(std::move(batch)); });
}

void LogFeed::take(LogBatch batch) {
  waiting_.insert(waiting_.end(), std::make_move_iterator(batch.lines.begin()),
                  std::make_move_iterator(batch.lines.end()));
  has_more_ = batch.has_more;
  counters_.bytes.add(batch.read_bytes);
  counters_.skipped.add(batch.skipped_bytes);
  counters_.cut.add(batch.cut_lines);
  counters_.files.set(static_cast<std::int64_t>(batch.files));
  counters_.left_out.set(static_cast<std::int64_t>(batch.left_out));
  turn();
}

void LogFeed::turn() {
  const MinerMoment now = moment();
  for (std::size_t left = lines_per_turn_max; left > 0 && !waiting_.empty(); --left) {
    const LogLine& line = waiting_.front();
    miner_.on_line(process_of(line.file), line.text, now, line.old);
    waiting_.pop_front();
    counters_.lines.add();
  }
  tell();
  counters_.waiting.set(static_cast<std::int64_t>(waiting_.size()));
  if (!waiting_.empty()) {
    turn_timer_ = parts_.timers.after_ms(turn_ms, [this] { turn(); });
  } else {
    turn_timer_ = parts_.timers.after_ms(has_more_ ? turn_ms : read_every_ms, [this] { ask(); });
  }
}

void LogFeed::second() {
  tick_timer_ = parts_.timers.after_ms(tick_every_ms, [this] { second(); });
  const MinerMoment now = moment();
  miner_.tick(now);
  tell();
  counters_.templates.set(static_cast<std::int64_t>(miner_.templates()));
  counters_.learning.set(miner_.learning(now.mono_ms) ? 1 : 0);
  counters_.firing.set(static_cast<std::int64_t>(miner_.firing()));
}

void LogFeed::tell() {
  counters_.dropped.add(miner_.dropped() - counters_.dropped.value());
  for (response::Signal& signal : miner_.take()) {
    signal.key = speaker_ + "/" + signal.key;
    counters_.told.add();
    parts_.tell(response::Observe{speaker_, std::move(signal)});
  }
}

}  // namespace oki::watch::logs
