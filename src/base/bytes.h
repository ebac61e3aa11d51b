// Bytes, and the little-endian primitives of every format of this project.
//
// A Writer appends and cannot fail. A Reader is bounded by the view it was given: the first read
// past the end, or past a stated limit, marks it failed; from then on every read gives zero or an
// empty view. Check `ok()` once, after the last field, and `done()` where nothing may follow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace oki {

using Bytes = std::string;
using ByteView = std::string_view;

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::uint16_t value) { append(value, 2); }
  void u32(std::uint32_t value) { append(value, 4); }
  void u64(std::uint64_t value) { append(value, 8); }
  void i32(std::int32_t value) { append(static_cast<std::uint32_t>(value), 4); }
  void i64(std::int64_t value) { append(static_cast<std::uint64_t>(value), 8); }
  void boolean(bool value) { u8(value ? 1 : 0); }

  // Bytes as they are, without a length.
  void raw(ByteView value) { out_.append(value); }

  // A u32 length, then the bytes.
  void blob(ByteView value);

  // Overwrites four bytes written before, for a length known only afterwards.
  void patch_u32(std::size_t offset, std::uint32_t value);

  std::size_t size() const { return out_.size(); }

 private:
  void append(std::uint64_t value, unsigned bytes) {
    char little[8];
    for (unsigned i = 0; i < bytes; ++i) little[i] = static_cast<char>(value >> (8 * i));
    out_.append(little, bytes);
  }

  Bytes& out_;
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(take(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(take(4)); }
  std::uint64_t u64() { return take(8); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::int64_t i64() { return static_cast<std::int64_t>(take(8)); }

  // Exactly 0 or 1; anything else fails, so that one value has one spelling.
  bool boolean();

  // `size` bytes as they are. The view lives as long as the input.
  ByteView raw(std::size_t size);

  // A u32 length of at most `size_max`, then the bytes.
  ByteView blob(std::size_t size_max);

  // Marks the input as refused, for rules beyond lengths.
  void fail();

  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }
  std::size_t left() const { return in_.size(); }

 private:
  std::uint64_t take(unsigned bytes);

  ByteView in_;
  bool ok_ = true;
};

}  // namespace oki
