// Follows the log for the history database: its own place in the log, its own pace.
//
// It goes on from the last block it was given, at first from the last one in the database. When the
// queue is full it is not ready, and the Client asks for the rest later. When the database refuses
// what it was given, it goes on from a snapshot.
#pragma once

#include <functional>

#include "base/log.h"
#include "base/metrics.h"
#include "history/sql_queue.h"
#include "replica/client.h"

namespace oki::history {

class LogReader : public replica::EventFollower {
 public:
  // Where the store stands; then the queue that was made with it and with news().
  LogReader(Log& log, Metrics& metrics, LogIndex index, std::uint64_t hash);

  // REQUIRES: this outlives the queue.
  SqlQueue::News news();
  void write_to(SqlQueue& queue) { queue_ = &queue; }

  // Called on the loop with the index up to which the database holds everything, whenever it rises.
  void on_written(std::function<void(LogIndex)> action) { written_action_ = std::move(action); }

  // --- replica::EventFollower
  std::optional<replica::FollowedUpTo> stands_at() const override;
  bool ready() const override { return queue_->ready(); }
  bool has_copy() const override { return !refused_; }
  Result<void> on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) override;
  void on_block(const replica::EventBlock& block) override;
  void on_up_to(LogIndex index) override;

 private:
  void written(LogIndex index);
  void tell();

  Log& log_;
  SqlQueue* queue_ = nullptr;
  std::function<void(LogIndex)> written_action_;
  LogIndex index_;  // Of the last block that was given to the queue,
  std::uint64_t hash_ = 0;
  LogIndex written_;     // and of the last one in the database.
  LogIndex seen_up_to_;  // No block stands between index_ and this.
  LogIndex told_;
  bool refused_ = false;
  bool stuck_ = false;
  Gauge& index_gauge_;
  Gauge& waiting_bytes_;
  Gauge& stuck_gauge_;
  Counter& gaps_;
};

}  // namespace oki::history
