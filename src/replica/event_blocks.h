// The latest event blocks, kept in memory for readers that resume, within a limit of bytes.
#pragma once

#include <cstddef>
#include <deque>

#include "replica/state_machine.h"

namespace oki::replica {

class EventBlocks {
 public:
  explicit EventBlocks(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // The state now stands right after `index`; no block up to there is kept.
  void restart(LogIndex index);

  // REQUIRES: `block` follows the last one. The reference lives until the next call.
  const EventBlock& add(EventBlock block);

  // The block of the first entry at or after `from`; nullptr when none is kept.
  const EventBlock* from(LogIndex from) const;

  // Every block at or above this index is kept.
  LogIndex oldest() const { return oldest_; }

 private:
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  LogIndex oldest_{1};
  std::deque<EventBlock> blocks_;
};

}  // namespace oki::replica
