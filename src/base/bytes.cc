#include "base/bytes.h"

#include <limits>

#include "base/assert.h"

namespace oki {

void Writer::blob(ByteView value) {
  ASSERT(value.size() <= std::numeric_limits<std::uint32_t>::max());
  u32(static_cast<std::uint32_t>(value.size()));
  raw(value);
}

void Writer::patch_u32(std::size_t offset, std::uint32_t value) {
  ASSERT(offset + 4 <= out_.size());
  for (unsigned i = 0; i < 4; ++i) out_[offset + i] = static_cast<char>(value >> (8 * i));
}

bool Reader::boolean() {
  const std::uint8_t value = u8();
  if (value > 1) fail();
  return ok_ && value == 1;
}

ByteView Reader::raw(std::size_t size) {
  if (size > in_.size()) {
    fail();
    return {};
  }
  const ByteView value = in_.substr(0, size);
  in_.remove_prefix(size);
  return value;
}

ByteView Reader::blob(std::size_t size_max) {
  const std::uint32_t size = u32();
  if (size > size_max) {
    fail();
    return {};
  }
  return raw(size);
}

void Reader::fail() {
  ok_ = false;
  in_ = {};
}

}  // namespace oki
