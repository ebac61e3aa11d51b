// What a connection still has to send: own bytes gathered into pieces, shared bytes as they are.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "base/bytes.h"

namespace oki::host {

class SendQueue {
 public:
  void add(ByteView bytes);
  void add_shared(std::shared_ptr<const Bytes> bytes);

  enum class Written { all, blocked, failed };

  // Writes to the socket until all is gone or it takes no more.
  Written write_to(int fd);

  void clear();
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  struct Piece {
    Bytes own;
    std::shared_ptr<const Bytes> shared;
    ByteView view() const { return shared ? ByteView(*shared) : ByteView(own); }
  };
  void taken(std::size_t count);

  std::deque<Piece> pieces_;
  std::size_t head_sent_ = 0;  // Of the first piece.
  std::size_t bytes_ = 0;
};

}  // namespace oki::host
