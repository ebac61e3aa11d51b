#include "replica/event_blocks.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::replica {

void EventBlocks::restart(LogIndex index) {
  blocks_.clear();
  bytes_ = 0;
  oldest_ = {index.value + 1};
}

const EventBlock& EventBlocks::add(EventBlock block) {
  ASSERT(blocks_.empty() || block.index > blocks_.back().index);
  bytes_ += sizeof(EventBlock) + block.events.size();
  blocks_.push_back(std::move(block));
  while (bytes_ > bytes_max_ && blocks_.size() > 1) {
    bytes_ -= sizeof(EventBlock) + blocks_.front().events.size();
    oldest_ = {blocks_.front().index.value + 1};
    blocks_.pop_front();
  }
  return blocks_.back();
}

const EventBlock* EventBlocks::from(LogIndex from) const {
  const auto found =
      std::lower_bound(blocks_.begin(), blocks_.end(), from,
                       [](const EventBlock& block, LogIndex index) { return block.index < index; });
  return found == blocks_.end() ? nullptr : &*found;
}

}  // namespace oki::replica
