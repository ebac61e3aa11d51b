#include "net/websocket.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "base/utf8.h"

namespace oki::net {
namespace {

constexpr std::size_t message_bytes_max = 1000;

struct Outcome {
  std::vector<Message> messages;
  std::uint16_t close_code = 0;
};

Outcome parse(ByteView bytes, bool masked, std::size_t piece = SIZE_MAX) {
  FrameParser parser(message_bytes_max, masked);
  Outcome outcome;
  while (!bytes.empty()) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto message = parser.next();
      if (!message) {
        outcome.close_code = parser.close_code();
        return outcome;
      }
      if (!*message) break;
      outcome.messages.push_back(std::move(**message));
    }
  }
  return outcome;
}

Bytes raw(std::initializer_list<unsigned> bytes) {
  Bytes out;
  for (const unsigned byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

// RFC 6455 section 5.7.
TEST(WebSocketFrames, AgreeWithTheExamplesOfTheRfc) {
  Bytes out;
  append_frame(out, FrameKind::text, "Hello");
  EXPECT_EQ(out, raw({0x81, 0x05}) + "Hello");
  out.clear();
  append_masked_frame(out, FrameKind::text, "Hello", 0x37fa213d);
  EXPECT_EQ(out, raw({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
  const Bytes fragmented = raw({0x01, 0x03}) + "Hel" + raw({0x80, 0x02}) + "lo";
  const auto [messages, close_code] = parse(fragmented, false);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].payload, "Hello");
}

TEST(WebSocketFrames, AreReadAsWrittenAtEveryLengthThatChangesTheHeader) {
  Prng prng(1);
  for (const std::size_t size : {0, 1, 3, 7, 8, 9, 125, 126, 127, 999, 1000}) {
    Bytes payload;
    while (payload.size() < size) payload.push_back(static_cast<char>(prng.next()));
    for (const bool masked : {false, true}) {
      Bytes out;
      if (masked) append_masked_frame(out, FrameKind::binary, payload, 0xDEADBEEF);
      if (!masked) append_frame(out, FrameKind::binary, payload);
      for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{5}}) {
        const auto [messages, close_code] = parse(out, masked, piece);
        ASSERT_EQ(messages.size(), 1u) << size;
        EXPECT_EQ(messages[0].kind, FrameKind::binary);
        EXPECT_EQ(messages[0].payload, payload) << size;
      }
    }
  }
}

TEST(WebSocketFrames, LongOnesHaveLengthsOfEightBytes) {
  Bytes out;
  append_frame(out, FrameKind::text, Bytes(65536, 'x'));
  EXPECT_EQ(out.substr(0, 10), raw({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
  FrameParser parser(65536, false);
  parser.feed(out);
  EXPECT_EQ(parser.next().value()->payload.size(), 65536u);
}

TEST(WebSocketFrames, ControlFramesMayComeWithinAMessage) {
  const Bytes bytes = raw({0x01, 0x01}) + "a" + raw({0x89, 0x02}) + "hi" + raw({0x00, 0x01}) + "b" +
                      raw({0x8A, 0x00}) + raw({0x80, 0x00}) + raw({0x88, 0x00});
  const auto [messages, close_code] = parse(bytes, false, 1);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].kind, FrameKind::ping);
  EXPECT_EQ(messages[0].payload, "hi");
  EXPECT_EQ(messages[1].kind, FrameKind::pong);
  EXPECT_EQ(messages[2].kind, FrameKind::text);
  EXPECT_EQ(messages[2].payload, "ab");
  EXPECT_EQ(messages[3].kind, FrameKind::close);
}

struct BadFrame {
  const char* name;
  Bytes bytes;
  std::uint16_t close_code;
};

const BadFrame bad_frames[] = {
    {"reserved bit 1", raw({0xC1, 0x00}), 1002},
    {"reserved bit 2", raw({0xA1, 0x00}), 1002},
    {"reserved bit 3", raw({0x91, 0x00}), 1002},
    {"opcode 3", raw({0x83, 0x00}), 1002},
    {"opcode 7", raw({0x87, 0x00}), 1002},
    {"opcode 11", raw({0x8B, 0x00}), 1002},
    {"opcode 15", raw({0x8F, 0x00}), 1002},
    {"masked where it must not be", raw({0x81, 0x80, 0, 0, 0, 0}), 1002},
    {"fragmented ping", raw({0x09, 0x00}), 1002},
    {"fragmented close", raw({0x08, 0x00}), 1002},
    {"ping of 126 bytes", raw({0x89, 126, 0, 126}), 1002},
    {"length 125 in two bytes", raw({0x82, 126, 0, 125}), 1002},
    {"length 65535 in eight bytes", raw({0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}), 1002},
    {"continuation of nothing", raw({0x80, 0x00}), 1002},
    {"message within a message", raw({0x01, 0x00, 0x81, 0x00}), 1002},
    {"close with one byte", raw({0x88, 0x01, 0x03}), 1002},
    {"close code 0", raw({0x88, 0x02, 0x00, 0x00}), 1002},
    {"close code 999", raw({0x88, 0x02, 0x03, 0xE7}), 1002},
    {"close code 1005", raw({0x88, 0x02, 0x03, 0xED}), 1002},
    {"close code 5000", raw({0x88, 0x02, 0x13, 0x88}), 1002},
    {"close reason not UTF-8", raw({0x88, 0x03, 0x03, 0xE8, 0xFF}), 1007},
    {"text not UTF-8", raw({0x81, 0x01, 0xFF}), 1007},
    {"text cut within a character", raw({0x81, 0x02, 0xE5, 0x86}), 1007},
    {"text of a surrogate", raw({0x81, 0x03, 0xED, 0xA0, 0x80}), 1007},
    {"one byte too long", raw({0x82, 126, 0x03, 0xE9}), 1009},
    {"length of 63 bits", raw({0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255}), 1009},
    {"length of 64 bits", raw({0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255}), 1009},
    {"too long by a fragment", raw({0x02, 126, 0x03, 0xE8}) + Bytes(1000, 'x') + raw({0x80, 1}),
     1009},
};

TEST(WebSocketFrames, WhatBreaksTheProtocolIsRefusedBeforeItsPayloadComes) {
  for (const BadFrame& bad : bad_frames) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
      const auto [messages, close_code] = parse(bad.bytes, false, piece);
      EXPECT_EQ(close_code, bad.close_code) << bad.name;
      EXPECT_TRUE(messages.empty()) << bad.name;
    }
  }
}

TEST(WebSocketFrames, AClientMustMask) {
  Bytes out;
  append_frame(out, FrameKind::text, "x");
  EXPECT_EQ(parse(out, true).close_code, 1002);
}

TEST(WebSocketFrames, TheMessagesBeforeABadFrameAreGivenAndTheRefusalStays) {
  FrameParser parser(message_bytes_max, false);
  parser.feed(raw({0x81, 0x01}) + "a" + raw({0xFF}));
  EXPECT_EQ(parser.next().value()->payload, "a");
  EXPECT_FALSE(parser.next().value().has_value());
  parser.feed(raw({0x00}));
  EXPECT_FALSE(parser.next().has_value());
  parser.feed(raw({0x81, 0x00}));
  EXPECT_FALSE(parser.next().has_value());
}

TEST(WebSocketFrames, ACharacterMayBeCutBetweenFragments) {
  const Bytes bytes = raw({0x01, 0x01, 0xE5, 0x80, 0x02, 0x86, 0x86});
  EXPECT_EQ(parse(bytes, false).messages.at(0).payload, "\xE5\x86\x86");
}

TEST(ClosePayload, FitsAControlFrameAndStaysUtf8) {
  EXPECT_EQ(close_payload(0, "ignored"), "");
  EXPECT_EQ(close_payload(1000, "bye"), raw({0x03, 0xE8}) + "bye");
  Bytes reason = "x";
  while (reason.size() < 200) reason += "\xE5\x86\x86";
  const Bytes payload = close_payload(1001, reason);
  EXPECT_EQ(payload.size(), 2u + 121u);  // 1 + 40 characters of 3 bytes; 123 would cut one.
  EXPECT_TRUE(is_utf8(ByteView(payload).substr(2)));
}

HttpRequest handshake() {
  HttpRequest request;
  request.method = "GET";
  request.target = "/socket.io/?EIO=4&transport=websocket";
  request.headers = {{"Host", "h"},
                     {"Upgrade", "WebSocket"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Sec-WebSocket-Version", "13"}};
  return request;
}

// RFC 6455 section 1.3.
TEST(WebSocketHandshake, AgreesWithTheExampleOfTheRfc) {
  const HttpRequest request = handshake();
  ASSERT_TRUE(is_websocket_upgrade(request));
  const HttpResponse response = websocket_handshake(request);
  EXPECT_EQ(write_response(response, true),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(WebSocketHandshake, NeedsEveryOneOfItsParts) {
  for (std::size_t i = 1; i < 5; ++i) {
    HttpRequest request = handshake();
    request.headers[i].value = "x";
    EXPECT_FALSE(is_websocket_upgrade(request)) << request.headers[i].name;
    request.headers.erase(request.headers.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(is_websocket_upgrade(request)) << i;
  }
  HttpRequest post = handshake();
  post.method = "POST";
  EXPECT_FALSE(is_websocket_upgrade(post));
  HttpRequest with_body = handshake();
  with_body.body = "x";
  EXPECT_FALSE(is_websocket_upgrade(with_body));
  HttpRequest old = handshake();
  old.headers[4].value = "8";
  EXPECT_FALSE(is_websocket_upgrade(old));
}

}  // namespace
}  // namespace oki::net
