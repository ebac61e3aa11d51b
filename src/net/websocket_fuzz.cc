// Any bytes as WebSocket frames of a client and of a server. However they are cut they must give
// the same messages and the same close code, and no message is longer than allowed.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/utf8.h"
#include "net/websocket.h"

namespace {

using oki::Bytes;
using oki::ByteView;
using namespace oki::net;

constexpr std::size_t message_bytes_max = 300;

struct Outcome {
  std::vector<Message> messages;
  std::uint16_t close_code = 0;
};

Outcome parse(ByteView bytes, bool masked, std::size_t piece) {
  FrameParser parser(message_bytes_max, masked);
  Outcome outcome;
  while (!bytes.empty() && outcome.close_code == 0) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto message = parser.next();
      if (!message) outcome.close_code = parser.close_code();
      if (!message || !*message) break;
      outcome.messages.push_back(std::move(**message));
    }
  }
  return outcome;
}

void check(ByteView bytes, bool masked, std::size_t piece) {
  const Outcome whole = parse(bytes, masked, SIZE_MAX);
  const Outcome cut = parse(bytes, masked, piece);
  ASSERT(whole.close_code == cut.close_code && whole.messages.size() == cut.messages.size());
  Bytes written;
  for (std::size_t i = 0; i < whole.messages.size(); ++i) {
    const Message& message = whole.messages[i];
    ASSERT(message.kind == cut.messages[i].kind && message.payload == cut.messages[i].payload);
    ASSERT(message.payload.size() <= message_bytes_max);
    ASSERT(message.kind != FrameKind::text || oki::is_utf8(message.payload));
    append_masked_frame(written, message.kind, message.payload, 0xA1B2C3D4);
  }
  const Outcome again = parse(written, true, SIZE_MAX);
  ASSERT(again.close_code == 0 && again.messages.size() == whole.messages.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 64;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check(bytes, true, piece);
  check(bytes, false, piece);
  close_payload(1000, bytes);
  return 0;
}
