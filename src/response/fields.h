// How this room writes and reads its fields: as base/fields.h says, and besides a string without a
// limit of its own has at most key_bytes_max bytes, times are ones that have an RFC 3339 spelling,
// and components are written as notices and status documents write them.
#pragma once

#include "base/fields.h"
#include "notify/state.h"

namespace oki {

template <>
inline constexpr std::uint8_t numbers_of<notify::State> =
    static_cast<std::uint8_t>(notify::state_sent_max) + 1;

}  // namespace oki

namespace oki::response {

constexpr std::size_t key_bytes_max = 64;

class FieldWriter : public FieldWriterOf<FieldWriter> {
 public:
  using FieldWriterOf::FieldWriterOf;

  using FieldWriterOf::put;
  void put(const std::string& value) { out_.blob(value); }
  void put(const notify::ComponentId& value) { notify::append(bytes_, value); }
};

class FieldReader : public FieldReaderOf<FieldReader> {
 public:
  using FieldReaderOf::FieldReaderOf;

  using FieldReaderOf::take;
  void take(std::string& value) { value = in_.blob(key_bytes_max); }
  void take(WallTimeMs& value) { value = notify::read_time(in_); }
  void take(notify::ComponentId& value) { value = notify::read_component_id(in_); }
};

template <typename T>
void append_fields(Bytes& out, const T& value) {
  FieldWriter io(out);
  io(value);
}

// Nothing when `bytes` is not exactly one spelling of a value.
template <typename T>
std::optional<T> read_fields(ByteView bytes) {
  return read_exactly<FieldReader, T>(bytes);
}

}  // namespace oki::response
