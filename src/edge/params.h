// The parameters of a request, from its query or its JSON body, with bitbank's codes for what is
// missing or malformed.
//
// Clients differ: ids and decimals come as JSON strings or numbers (also in exponent form), absent
// values as absent or null. Names we do not know are ignored. Numbers are read from their spelling
// and never pass through a float.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "edge/codes.h"
#include "net/json_reader.h"

namespace oki::edge {

constexpr std::size_t json_body_bytes_max = 16u << 10;

class Params {
 public:
  // "a=1&b=2" as in a query. Error: malformed_request for a broken escape.
  static Checked<Params> from_query(ByteView query);

  // Error: malformed_request for anything but a JSON object.
  static Checked<Params> from_body(ByteView body);

  // The text of a string or number. Nothing when absent or null; an error for another kind.
  Checked<std::optional<ByteView>> text(const Field& field) const;
  Checked<ByteView> required_text(const Field& field) const;

  // The members of one JSON object. REQUIRES: it is one.
  static Params of_object(const net::Json& object);

  // From 1 to `items_max` JSON objects, each as parameters of its own.
  Checked<std::vector<Params>> required_objects(const Field& field, std::size_t items_max) const;

  // A positive decimal with at most `digits` digits after the point, in units of 10^-digits.
  Checked<std::uint64_t> required_decimal(const Field& field, unsigned digits) const;
  Checked<std::optional<std::uint64_t>> optional_decimal(const Field& field, unsigned digits) const;

  Checked<std::uint64_t> required_id(const Field& field) const;
  Checked<std::optional<std::uint64_t>> id(const Field& field) const;

  // From 1 to `items_max` positive ids. More is too_many_order_ids.
  Checked<std::vector<std::uint64_t>> required_ids(const Field& field, std::size_t items_max) const;

  // A non-negative whole number: a time, a count.
  Checked<std::optional<std::int64_t>> whole(const Field& field) const;

  Checked<bool> boolean_or_false(const Field& field) const;
  bool is_boolean(const Field& field) const;

 private:
  const net::Json* value(ByteView name) const;

  std::vector<std::pair<std::string, std::string>> query_;
  std::optional<net::Json> body_;
};

}  // namespace oki::edge
