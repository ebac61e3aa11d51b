// WebSocket frames (RFC 6455) and the opening handshake, as functions of bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/http.h"

namespace oki::net {

enum class FrameKind : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Message {
  FrameKind kind = FrameKind::text;
  Bytes payload;
};

// Server frames are not masked, client frames are.
void append_frame(Bytes& out, FrameKind kind, ByteView payload);
void append_masked_frame(Bytes& out, FrameKind kind, ByteView payload, std::uint32_t mask);

class FrameParser {
 public:
  FrameParser(std::size_t message_bytes_max, bool expect_masked);

  // Whole messages, fragments joined, control frames in between as they came. Error: the
  // connection is to be closed with `close_code`.
  Result<std::vector<Message>> feed(ByteView bytes);
  std::uint16_t close_code() const { return close_code_; }  // 1002, 1007, 1009

 private:
  std::size_t message_bytes_max_;
  bool expect_masked_;
  Bytes buffer_;
  Bytes fragments_;
  std::optional<FrameKind> fragmented_;
  std::uint16_t close_code_ = 1002;
};

bool is_websocket_upgrade(const HttpRequest& request);
std::string websocket_accept(ByteView key);  // Sec-WebSocket-Accept
HttpResponse websocket_handshake(const HttpRequest& request);

}  // namespace oki::net
