#include "net/websocket.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/utf8.h"
#include "crypto/crypto.h"

namespace oki::net {
namespace {

constexpr unsigned final_bit = 0x80;
constexpr unsigned reserved_bits = 0x70;
constexpr unsigned masked_bit = 0x80;
constexpr unsigned continuation = 0;
constexpr std::size_t control_bytes_max = 125;
constexpr std::size_t mask_bytes = 4;

constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t not_utf8 = 1007;
constexpr std::uint16_t too_big = 1009;

void append_big_endian(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

void append_header(Bytes& out, FrameKind kind, std::size_t size, unsigned mask_flag) {
  const bool control = static_cast<unsigned>(kind) >= 8;
  ASSERT(!control || size <= control_bytes_max);
  out.push_back(static_cast<char>(final_bit | static_cast<unsigned>(kind)));
  if (size <= 125) {
    out.push_back(static_cast<char>(mask_flag | size));
  } else if (size <= 0xFFFF) {
    out.push_back(static_cast<char>(mask_flag | 126));
    append_big_endian(out, size, 2);
  } else {
    out.push_back(static_cast<char>(mask_flag | 127));
    append_big_endian(out, size, 8);
  }
}

// Eight bytes at a time: the mask repeats every four.
void apply_mask(char* at, std::size_t size, ByteView mask) {
  char twice[8];
  for (std::size_t i = 0; i < 8; ++i) twice[i] = mask[i % mask_bytes];
  std::uint64_t mask_word = 0;
  std::memcpy(&mask_word, twice, 8);
  for (; size >= 8; size -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    word ^= mask_word;
    std::memcpy(at, &word, 8);
  }
  for (std::size_t i = 0; i < size; ++i) at[i] = static_cast<char>(at[i] ^ twice[i]);
}

// The codes that RFC 6455 section 7.4 lets an endpoint send.
bool may_close_with(std::uint64_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

struct FrameParser::Header {
  bool final = false;
  unsigned reserved = 0;
  unsigned opcode = 0;
  bool masked = false;
  bool minimal = true;  // The length has its one shortest spelling.
  std::uint64_t size = 0;
  ByteView mask;
  std::size_t header_bytes = 0;

  bool control() const { return opcode >= 8; }
};

void append_frame(Bytes& out, FrameKind kind, ByteView payload) {
  append_header(out, kind, payload.size(), 0);
  out.append(payload);
}

void append_masked_frame(Bytes& out, FrameKind kind, ByteView payload, std::uint32_t mask) {
  append_header(out, kind, payload.size(), masked_bit);
  Bytes mask_text;
  append_big_endian(mask_text, mask, mask_bytes);
  out.append(mask_text);
  const std::size_t start = out.size();
  out.append(payload);
  apply_mask(out.data() + start, payload.size(), mask_text);
}

FrameParser::FrameParser(std::size_t message_bytes_max, bool expect_masked)
    : message_bytes_max_(message_bytes_max), expect_masked_(expect_masked) {}

Result<std::optional<Message>> FrameParser::refuse(std::uint16_t code, const char* message) {
  close_code_ = code;
  refusal_ = message;
  buffer_.clear();
  fragments_.clear();
  return error(Errc::invalid, message);
}

// False when more bytes are needed. Everything but the mask is read as soon as it is there, so that
// a frame which must be refused is refused before its payload is waited for.
bool FrameParser::read_header(Header& header) {
  const ByteView bytes = ByteView(buffer_).substr(used_);
  if (bytes.size() < 2) return false;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  header.final = (first & final_bit) != 0;
  header.reserved = first & reserved_bits;
  header.opcode = first & 15u;
  header.masked = (second & masked_bit) != 0;
  header.size = second & 127u;
  const std::size_t length_bytes = header.size == 126 ? 2 : header.size == 127 ? 8 : 0;
  if (bytes.size() < 2 + length_bytes) return false;
  if (length_bytes > 0) {
    header.size = big_endian(bytes.substr(2, length_bytes));
    header.minimal = header.size > (length_bytes == 2 ? control_bytes_max : 0xFFFF);
  }
  header.header_bytes = 2 + length_bytes + (header.masked ? mask_bytes : 0);
  if (header.masked && bytes.size() >= header.header_bytes) {
    header.mask = bytes.substr(2 + length_bytes, mask_bytes);
  }
  return true;
}

// What breaks the protocol in this frame, or nullptr.
const char* FrameParser::check(const Header& header) const {
  if (header.reserved != 0) return "a reserved bit is set";
  if (header.masked != expect_masked_) {
    return expect_masked_ ? "a client's frame is not masked" : "a server's frame is masked";
  }
  if (!header.minimal) return "a length is not in its shortest form";
  if (header.control()) {
    if (header.opcode > static_cast<unsigned>(FrameKind::pong)) return "unknown opcode";
    if (!header.final) return "a control frame is fragmented";
    if (header.size > control_bytes_max) return "a control frame is too long";
    return nullptr;
  }
  if (header.opcode > static_cast<unsigned>(FrameKind::binary)) return "unknown opcode";
  if (header.opcode == continuation && !fragmented_) return "nothing to continue";
  if (header.opcode != continuation && fragmented_) return "a message begins within a message";
  return nullptr;
}

Result<std::optional<Message>> FrameParser::next() {
  if (refusal_ != nullptr) return error(Errc::invalid, refusal_);
  for (;;) {
    Header header;
    if (!read_header(header)) break;
    if (const char* why = check(header)) return refuse(protocol_error, why);
    if (!header.control() && header.size > message_bytes_max_ - fragments_.size()) {
      return refuse(too_big, "a message is too long");
    }
    // The size is bounded by now, so the sum cannot overflow.
    if (buffer_.size() - used_ < header.header_bytes + header.size) break;
    Bytes payload = buffer_.substr(used_ + header.header_bytes, header.size);
    if (header.masked) apply_mask(payload.data(), payload.size(), header.mask);
    used_ += header.header_bytes + header.size;
    auto message = finish(header, std::move(payload));
    if (!message || *message) return message;
  }
  // Used bytes are dropped only here, so that many small frames do not move the rest each time.
  buffer_.erase(0, used_);
  used_ = 0;
  return std::optional<Message>();
}

// Nothing when the frame was not the last of its message.
Result<std::optional<Message>> FrameParser::finish(const Header& header, Bytes payload) {
  const auto kind = static_cast<FrameKind>(header.opcode);
  if (kind == FrameKind::close && !payload.empty()) {
    if (payload.size() == 1 || !may_close_with(big_endian(ByteView(payload).substr(0, 2)))) {
      return refuse(protocol_error, "a close code is malformed");
    }
    if (!is_utf8(ByteView(payload).substr(2))) return refuse(not_utf8, "a reason is not UTF-8");
  }
  if (header.control()) return Message{kind, std::move(payload)};
  if (header.opcode != continuation) {
    fragmented_ = kind;
    fragments_ = std::move(payload);
  } else {
    fragments_ += payload;
  }
  if (!header.final) return std::optional<Message>();
  Message message{*fragmented_, std::move(fragments_)};
  fragmented_.reset();
  fragments_.clear();
  if (message.kind == FrameKind::text && !is_utf8(message.payload)) {
    return refuse(not_utf8, "a text is not UTF-8");
  }
  return message;
}

Bytes close_payload(std::uint16_t code, ByteView reason) {
  Bytes payload;
  if (code == 0) return payload;
  append_big_endian(payload, code, 2);
  reason = reason.substr(0, control_bytes_max - payload.size());
  while (!is_utf8(reason)) reason.remove_suffix(1);
  payload.append(reason);
  return payload;
}

bool is_websocket_upgrade(const HttpRequest& request) {
  if (request.method != "GET" || !request.keep_alive || !request.body.empty()) return false;
  if (!has_token(request.header("Upgrade"), "websocket")) return false;
  if (!has_token(request.header("Connection"), "upgrade")) return false;
  if (request.header("Sec-WebSocket-Version") != "13") return false;
  const auto key = crypto::from_base64(request.header("Sec-WebSocket-Key"));
  return key && key->size() == 16;
}

std::string websocket_accept(ByteView key) {
  // RFC 6455 section 1.3.
  return crypto::base64(crypto::sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

HttpResponse websocket_handshake(const HttpRequest& request) {
  HttpResponse response;
  response.status = 101;
  response.headers = {
      {"Upgrade", "websocket"},
      {"Connection", "Upgrade"},
      {"Sec-WebSocket-Accept", websocket_accept(request.header("Sec-WebSocket-Key"))}};
  return response;
}

}  // namespace oki::net
