#include "edge/params.h"

#include "base/decimal.h"
#include "net/http.h"

namespace oki::edge {
namespace {

constexpr std::uint64_t whole_max = (std::uint64_t{1} << 53) - 1;  // What every client can hold.

std::optional<std::uint64_t> positive_id(ByteView text) {
  const auto id = parse_decimal(text, 0);
  if (!id || *id == 0 || *id > whole_max) return std::nullopt;
  return id;
}

}  // namespace

Checked<Params> Params::from_query(ByteView query) {
  Params params;
  auto pairs = net::parse_query(query);
  if (!pairs) return tl::unexpected(Code::malformed_request);
  params.query_ = std::move(*pairs);
  return params;
}

Checked<Params> Params::from_body(ByteView body) {
  auto json = net::parse_json(body, json_body_bytes_max);
  if (!json || json->kind() != net::Json::Kind::object) {
    return tl::unexpected(Code::malformed_request);
  }
  Params params;
  params.body_ = std::move(*json);
  return params;
}

Params Params::of_object(const net::Json& object) {
  Params params;
  params.body_ = object;
  return params;
}

const net::Json* Params::value(ByteView name) const {
  const net::Json* found = body_ ? body_->find(name) : nullptr;
  return found != nullptr && found->is_null() ? nullptr : found;
}

Checked<std::optional<ByteView>> Params::text(const Field& field) const {
  if (!body_) {
    for (const auto& [name, text] : query_) {
      if (name == field.name) return ByteView(text);
    }
    return std::optional<ByteView>();
  }
  const net::Json* found = value(field.name);
  if (found == nullptr) return std::optional<ByteView>();
  if (const auto number = found->number_text()) return number;
  if (const auto string = found->string()) return string;
  return tl::unexpected(field.invalid);
}

Checked<ByteView> Params::required_text(const Field& field) const {
  const auto found = text(field);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return tl::unexpected(field.missing);
  return **found;
}

Checked<std::uint64_t> Params::required_decimal(const Field& field, unsigned digits) const {
  const auto units = optional_decimal(field, digits);
  if (!units) return tl::unexpected(units.error());
  if (!*units) return tl::unexpected(field.missing);
  return **units;
}

Checked<std::optional<std::uint64_t>> Params::optional_decimal(const Field& field,
                                                               unsigned digits) const {
  const auto spelled = text(field);
  if (!spelled) return tl::unexpected(spelled.error());
  if (!*spelled) return std::optional<std::uint64_t>();
  const auto units = parse_decimal(**spelled, digits);
  if (!units || *units == 0) return tl::unexpected(field.invalid);
  return units;
}

Checked<std::uint64_t> Params::required_id(const Field& field) const {
  const auto found = id(field);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return tl::unexpected(field.missing);
  return **found;
}

Checked<std::optional<std::uint64_t>> Params::id(const Field& field) const {
  const auto spelled = text(field);
  if (!spelled) return tl::unexpected(spelled.error());
  if (!*spelled) return std::optional<std::uint64_t>();
  const auto id = positive_id(**spelled);
  if (!id) return tl::unexpected(field.invalid);
  return id;
}

Checked<std::vector<std::uint64_t>> Params::required_ids(const Field& field,
                                                         std::size_t items_max) const {
  const net::Json* found = value(field.name);
  if (found == nullptr) return tl::unexpected(field.missing);
  const std::vector<net::Json>* items = found->array();
  if (items == nullptr || items->empty()) return tl::unexpected(field.invalid);
  if (items->size() > items_max) return tl::unexpected(Code::too_many_order_ids);
  std::vector<std::uint64_t> ids;
  for (const net::Json& item : *items) {
    const auto number = item.number_text();
    const auto spelled = number ? number : item.string();
    const auto id = spelled ? positive_id(*spelled) : std::nullopt;
    if (!id) return tl::unexpected(field.invalid);
    ids.push_back(*id);
  }
  return ids;
}

Checked<std::vector<Params>> Params::required_objects(const Field& field,
                                                      std::size_t items_max) const {
  const net::Json* found = value(field.name);
  const std::vector<net::Json>* items = found != nullptr ? found->array() : nullptr;
  if (items == nullptr || items->empty() || items->size() > items_max) {
    return tl::unexpected(field.invalid);
  }
  std::vector<Params> objects;
  for (const net::Json& item : *items) {
    if (item.kind() != net::Json::Kind::object) return tl::unexpected(field.invalid);
    objects.push_back(of_object(item));
  }
  return objects;
}

Checked<std::optional<std::int64_t>> Params::whole(const Field& field) const {
  const auto spelled = text(field);
  if (!spelled) return tl::unexpected(spelled.error());
  if (!*spelled) return std::optional<std::int64_t>();
  const auto units = parse_decimal(**spelled, 0);
  if (!units || *units > whole_max) return tl::unexpected(field.invalid);
  return static_cast<std::int64_t>(*units);
}

Checked<bool> Params::boolean_or_false(const Field& field) const {
  const net::Json* found = value(field.name);
  if (found == nullptr) return false;
  const auto truth = found->boolean();
  if (!truth) return tl::unexpected(field.invalid);
  return *truth;
}

bool Params::is_boolean(const Field& field) const {
  const net::Json* found = value(field.name);
  return found != nullptr && found->boolean().has_value();
}

}  // namespace oki::edge
