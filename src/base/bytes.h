// Bytes, and the little-endian primitives of every format of this project.
//
// A Writer appends and cannot fail. A Reader is bounded by the view it was given: the first read
// past the end, or past a stated limit, marks it failed; from then on every read gives zero or an
// empty view. Check `ok()` once, after the last field, and `done()` where nothing may follow.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace oki {

static_assert(std::endian::native == std::endian::little, "the formats are copied as they are");

using Bytes = std::string;
using ByteView = std::string_view;

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::uint16_t value) { append(value); }
  void u32(std::uint32_t value) { append(value); }
  void u64(std::uint64_t value) { append(value); }
  void i32(std::int32_t value) { append(value); }
  void i64(std::int64_t value) { append(value); }
  void boolean(bool value) { u8(value ? 1 : 0); }

  // Bytes as they are, without a length.
  void raw(ByteView value) { out_.append(value); }

  // A u32 length, then the bytes.
  void blob(ByteView value);

  // Overwrites four bytes written before, for a length known only afterwards.
  void patch_u32(std::size_t offset, std::uint32_t value);

  std::size_t size() const { return out_.size(); }

 private:
  template <typename Integer>
  void append(Integer value) {
    char little[sizeof value];
    std::memcpy(little, &value, sizeof value);
    out_.append(little, sizeof value);
  }

  Bytes& out_;
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  std::uint8_t u8() { return take<std::uint8_t>(); }
  std::uint16_t u16() { return take<std::uint16_t>(); }
  std::uint32_t u32() { return take<std::uint32_t>(); }
  std::uint64_t u64() { return take<std::uint64_t>(); }
  std::int32_t i32() { return take<std::int32_t>(); }
  std::int64_t i64() { return take<std::int64_t>(); }

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
  template <typename Integer>
  Integer take() {
    Integer value = 0;
    if (in_.size() < sizeof value) {
      fail();
      return value;
    }
    std::memcpy(&value, in_.data(), sizeof value);
    in_.remove_prefix(sizeof value);
    return value;
  }

  ByteView in_;
  bool ok_ = true;
};

}  // namespace oki
