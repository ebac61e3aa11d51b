// What every route of the operators' API says the same way.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "net/http.h"

namespace oki::watch {

// {"ok":false,"why":"..."}
inline net::HttpResponse failure(std::uint16_t status, const std::string& why) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("ok", false).field("why", why).end_object();
  return net::json_response(status, std::move(out));
}

// Nothing when it is not all digits, or too large.
template <typename Number = std::uint32_t>
std::optional<Number> number_of(ByteView text) {
  Number value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace oki::watch
