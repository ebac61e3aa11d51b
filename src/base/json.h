// Writes JSON: an appender that cannot build a broken document as long as calls are paired.
//
// Commas are its business; escaping follows RFC 8259 (control characters as \u00XX, the rest of
// UTF-8 as it is, bytes that are no UTF-8 as U+FFFD). Numbers are integers; decimals are written as
// strings by base/decimal.h.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace oki {

class JsonWriter {
 public:
  explicit JsonWriter(Bytes& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return shut('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return shut(']'); }
  JsonWriter& key(ByteView name);

  JsonWriter& string(ByteView text);
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(std::uint64_t value);
  JsonWriter& number(int value) { return number(std::int64_t{value}); }
  JsonWriter& boolean(bool value);
  JsonWriter& null();

  // Text that already is one JSON value.
  JsonWriter& raw(ByteView json);

  // Shorthands for a member of an object.
  JsonWriter& field(ByteView name, ByteView text) { return key(name).string(text); }
  JsonWriter& field(ByteView name, const char* text) { return key(name).string(text); }
  JsonWriter& field(ByteView name, std::int64_t value) { return key(name).number(value); }
  JsonWriter& field(ByteView name, std::uint64_t value) { return key(name).number(value); }
  JsonWriter& field(ByteView name, int value) { return key(name).number(value); }
  JsonWriter& field(ByteView name, bool value) { return key(name).boolean(value); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& shut(char bracket);
  void separate();

  Bytes& out_;
  bool comma_ = false;  // A value has been written at this depth and another would need a comma.
};

void append_json_string(Bytes& out, ByteView text);

}  // namespace oki
