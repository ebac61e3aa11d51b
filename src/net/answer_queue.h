// The answers of one HTTP connection: given in any order, written in the order of their requests.
//
// Invariant: slots are numbered without gaps; the front one is never answered after write_ready().
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/bytes.h"
#include "net/http.h"

namespace oki::net {

class AnswerQueue {
 public:
  struct Written {
    std::size_t answers = 0;
    bool last = false;  // The last one was among them: the connection is to be closed.
  };

  // The slot of the next request. `head`: it asked for headers only. `last`: its answer ends the
  // connection.
  std::uint64_t open(bool head, bool last);

  // Without effect when the slot has its answer already.
  void answer(std::uint64_t slot, HttpResponse response);

  // Appends every answer whose turn has come.
  Written write_ready(Bytes& out, ByteView date);

  std::size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }

 private:
  struct Slot {
    bool head = false;
    bool last = false;
    std::optional<HttpResponse> response;
  };

  std::deque<Slot> slots_;
  std::uint64_t first_ = 0;  // The number of the front slot.
};

}  // namespace oki::net
