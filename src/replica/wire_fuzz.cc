// Any bytes in any pieces: the reader gives frames or an error, and every frame has one spelling.
#include "base/assert.h"
#include "replica/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace oki::replica;
  if (size == 0) return 0;
  const oki::ByteView input(reinterpret_cast<const char*>(data), size);
  const auto checked = [](const Frame& frame) -> oki::Result<void> {
    const oki::Bytes again = encode_frame(frame);
    const auto back = decode_frame(oki::ByteView(again).substr(frame_header_bytes));
    ASSERT(back.has_value() && *back == frame);
    return {};
  };
  // Checksums stop almost every mutated stream, so the bodies are also given as they are.
  if (const auto frame = decode_frame(input); frame) {
    const oki::Bytes again = encode_frame(*frame);
    ASSERT(oki::ByteView(again).substr(frame_header_bytes) == input);
  }
  const std::size_t piece = 1 + static_cast<std::uint8_t>(input.front());
  FrameReader reader(1u << 16);
  for (std::size_t at = 1; at < size; at += piece) {
    if (!reader.feed(input.substr(at, piece), checked)) return 0;
    ASSERT(reader.waiting_bytes() < frame_header_bytes + (1u << 16));
  }
  return 0;
}
