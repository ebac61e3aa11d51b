// Reads JSON (RFC 8259) into a small tree (simdjson inside).
//
// Numbers are never turned into floats: they keep their spelling. A document is an object or an
// array; a bare scalar is refused, as is an escape that makes no UTF-8 (half a surrogate pair).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::net {

class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer() const;  // A number without fraction that fits.

  // A number exactly as it was spelled, or the text of a string: "0.0001", "1e-4".
  std::optional<ByteView> number_text() const;
  std::optional<ByteView> string() const;
  const std::vector<Json>* array() const;  // nullptr when it is none.

  // A member of an object, the last one of that name; nullptr when absent or not an object.
  const Json* find(ByteView name) const;
  const std::vector<std::pair<std::string, Json>>* object() const;  // As written, doubles kept.

 private:
  friend Result<Json> parse_json(ByteView text, std::size_t bytes_max);
  friend struct JsonBuilder;
  Kind kind_ = Kind::null;
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::pair<std::string, Json>> members_;
};

// Deeper nesting is refused; no message of ours or of bitbank's goes deeper than six.
constexpr int json_depth_max = 32;

Result<Json> parse_json(ByteView text, std::size_t bytes_max);

}  // namespace oki::net
