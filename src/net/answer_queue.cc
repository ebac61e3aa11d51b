#include "net/answer_queue.h"

#include <utility>

#include "base/assert.h"

namespace oki::net {

std::uint64_t AnswerQueue::open(bool head, bool last) {
  ASSERT(slots_.empty() || !slots_.back().last);
  slots_.push_back({head, last, std::nullopt});
  return first_ + slots_.size() - 1;
}

void AnswerQueue::answer(std::uint64_t slot, HttpResponse response) {
  if (slot < first_) return;
  ASSERT(slot - first_ < slots_.size());
  Slot& found = slots_[slot - first_];
  if (!found.response) found.response = std::move(response);
}

AnswerQueue::Written AnswerQueue::write_ready(Bytes& out, ByteView date) {
  Written written;
  while (!slots_.empty() && slots_.front().response) {
    const Slot& slot = slots_.front();
    append_response(out, *slot.response,
                    {.keep_alive = !slot.last, .head = slot.head, .date = date});
    written.last = slot.last;
    ++written.answers;
    slots_.pop_front();
    ++first_;
  }
  return written;
}

}  // namespace oki::net
