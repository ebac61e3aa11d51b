#include "history/log_reader.h"

#include <algorithm>

namespace oki::history {

LogReader::LogReader(Log& log, Metrics& metrics, LogIndex index, std::uint64_t hash)
    : log_(log),
      index_(index),
      hash_(hash),
      written_(index),
      seen_up_to_(index),
      index_gauge_(metrics.gauge("okiagari_history_index",
                                 "Log index up to which the history database has everything")),
      waiting_bytes_(metrics.gauge("okiagari_history_waiting_bytes",
                                   "Bytes of events that wait for the history database")),
      stuck_gauge_(metrics.gauge("okiagari_history_stuck",
                                 "1 while the history database cannot be written")),
      gaps_(metrics.counter("okiagari_history_gaps_total",
                            "Stretches of the log that the history database will never have")) {
  index_gauge_.set(static_cast<std::int64_t>(index.value));
}

SqlQueue::News LogReader::news() {
  SqlQueue::News news;
  news.written = [this](LogIndex index) { written(index); };
  news.stuck = [this](const Error& error) {
    if (!stuck_) log_.error("history", "cannot be written", {{"reason", error.message}});
    stuck_ = true;
    stuck_gauge_.set(1);
  };
  news.refused = [this](const Error& error) {
    log_.error("history", "goes on from a snapshot", {{"reason", error.message}});
    refused_ = true;
  };
  news.gap = [this](const Gap& gap) {
    gaps_.add();
    log_.warning("history", "a stretch of the log is missing",
                 {{"from", gap.from.value}, {"to", gap.to.value}, {"reason", gap.reason}});
  };
  return news;
}

std::optional<replica::FollowedUpTo> LogReader::stands_at() const {
  if (refused_) return std::nullopt;
  return replica::FollowedUpTo{index_, hash_};
}

Result<void> LogReader::on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) {
  if (!refused_ && index < index_) return error(Errc::mismatch, "it is older than the history");
  queue_->restart(index, hash, Bytes(snapshot));
  refused_ = false;
  index_ = seen_up_to_ = index;
  hash_ = hash;
  return {};
}

void LogReader::on_block(const replica::EventBlock& block) {
  if (refused_) return;
  queue_->push(block);
  index_ = seen_up_to_ = block.index;
  hash_ = block.hash;
  waiting_bytes_.set(static_cast<std::int64_t>(queue_->waiting_bytes()));
}

void LogReader::on_up_to(LogIndex index) {
  seen_up_to_ = std::max(seen_up_to_, index);
  tell();
}

void LogReader::written(LogIndex index) {
  if (stuck_) log_.info("history", "is written again", {{"index", index.value}});
  stuck_ = false;
  stuck_gauge_.set(0);
  written_ = index;
  waiting_bytes_.set(static_cast<std::int64_t>(queue_->waiting_bytes()));
  tell();
}

void LogReader::tell() {
  const LogIndex reached = written_ == index_ && !refused_ ? seen_up_to_ : written_;
  if (reached <= told_) return;
  told_ = reached;
  index_gauge_.set(static_cast<std::int64_t>(reached.value));
  if (written_action_) written_action_(reached);
}

}  // namespace oki::history
