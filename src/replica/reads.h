// Reads that must see every command answered before they began (Raft dissertation 6.4, ReadIndex).
//
// Reads that arrive together share one question to the leader. The context of a question is never
// used twice, also not after a restart: the salt differs then. Time is counted in ticks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "replica/replica.h"

namespace oki::replica {

class Reads {
 public:
  using Done = std::function<void(SubmitResult, LogIndex)>;

  Reads(std::uint64_t salt, std::size_t reads_max, std::uint32_t patience_ticks)
      : salt_(salt), reads_max_(reads_max), patience_ticks_(patience_ticks) {}

  bool has_room() const { return count_ < reads_max_; }
  void add(Done done);  // REQUIRES: has_room().

  // The question that the new reads wait for; nothing when there are none.
  bool wants_question() const { return !fresh_.empty(); }
  Bytes next_question();

  // The engine's answer to a question; others' answers are ignored.
  void on_answer(ByteView context, LogIndex index);

  struct Finished {
    Done done;
    SubmitResult result;
    LogIndex index;
  };
  // Reads whose index is applied.
  std::vector<Finished> take_applied(LogIndex applied);
  // One tick passed: reads that waited too long.
  std::vector<Finished> take_expired();

 private:
  struct Question {
    std::vector<Done> reads;
    std::uint64_t asked_tick = 0;
    std::optional<LogIndex> index;
  };

  std::uint64_t salt_;
  std::size_t reads_max_;
  std::uint64_t patience_ticks_;
  std::uint64_t tick_ = 0;
  std::uint64_t last_question_ = 0;
  std::size_t count_ = 0;
  std::vector<Done> fresh_;
  std::map<std::uint64_t, Question> questions_;
};

}  // namespace oki::replica
