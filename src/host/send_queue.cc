#include "host/send_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace oki::host {
namespace {

constexpr std::size_t piece_bytes_max = 64u << 10;  // Own bytes are gathered up to this.
constexpr std::size_t pieces_per_call_max = 64;

}  // namespace

void SendQueue::add(ByteView bytes) {
  if (bytes.empty()) return;
  bytes_ += bytes.size();
  if (!pieces_.empty() && !pieces_.back().shared &&
      pieces_.back().own.size() + bytes.size() <= piece_bytes_max) {
    pieces_.back().own.append(bytes);
    return;
  }
  pieces_.push_back({Bytes(bytes), nullptr});
}

void SendQueue::add_shared(std::shared_ptr<const Bytes> bytes) {
  if (bytes->empty()) return;
  bytes_ += bytes->size();
  // A piece that stayed only to keep its memory would be skipped over by every write.
  if (!pieces_.empty() && pieces_.back().view().empty()) pieces_.pop_back();
  pieces_.push_back({{}, std::move(bytes)});
}

SendQueue::Written SendQueue::write_to(int fd) {
  while (bytes_ > 0) {
    std::array<iovec, pieces_per_call_max> parts;
    std::size_t count = 0, skip = head_sent_;
    for (const Piece& piece : pieces_) {
      if (count == parts.size()) break;
      const ByteView view = piece.view().substr(skip);
      skip = 0;
      parts[count++] = {const_cast<char*>(view.data()), view.size()};
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      return errno == EAGAIN || errno == EWOULDBLOCK ? Written::blocked : Written::failed;
    }
    taken(static_cast<std::size_t>(sent));
  }
  return Written::all;
}

void SendQueue::taken(std::size_t count) {
  bytes_ -= count;
  head_sent_ += count;
  while (!pieces_.empty() && head_sent_ >= pieces_.front().view().size()) {
    head_sent_ -= pieces_.front().view().size();
    Piece& front = pieces_.front();
    if (pieces_.size() == 1 && !front.shared && front.own.capacity() <= 2 * piece_bytes_max) {
      front.own.clear();  // Keeps the memory for the next turn.
      return;
    }
    pieces_.pop_front();
  }
}

void SendQueue::clear() {
  pieces_.clear();
  head_sent_ = 0;
  bytes_ = 0;
}

}  // namespace oki::host
