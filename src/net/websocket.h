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

// Takes bytes as they come, gives whole messages: fragments joined, control frames in between as
// they came.
class FrameParser {
 public:
  FrameParser(std::size_t message_bytes_max, bool expect_masked);

  void feed(ByteView bytes) { buffer_.append(bytes); }

  // Nothing when more bytes are needed. Error: the connection is to be closed with `close_code()`,
  // and every later call gives the same error.
  Result<std::optional<Message>> next();

  std::uint16_t close_code() const { return close_code_; }  // 1002, 1007, 1009; 0 before an error

 private:
  struct Header;
  Result<std::optional<Message>> refuse(std::uint16_t code, const char* message);
  bool read_header(Header& header);
  const char* check(const Header& header) const;
  Result<std::optional<Message>> finish(const Header& header, Bytes payload);

  std::size_t message_bytes_max_;
  bool expect_masked_;
  Bytes buffer_;
  std::size_t used_ = 0;  // Bytes at the front of buffer_ that are done with.
  Bytes fragments_;
  std::optional<FrameKind> fragmented_;
  std::uint16_t close_code_ = 0;
  const char* refusal_ = nullptr;
};

// The payload of a close frame. Empty when code is 0.
Bytes close_payload(std::uint16_t code, ByteView reason);

bool is_websocket_upgrade(const HttpRequest& request);
std::string websocket_accept(ByteView key);  // Sec-WebSocket-Accept
HttpResponse websocket_handshake(const HttpRequest& request);

}  // namespace oki::net
