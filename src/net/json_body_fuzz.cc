// Any bytes as a JSON body. What is accepted must be readable again after our own writer wrote it,
// as the same tree.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/json.h"
#include "base/utf8.h"
#include "net/json_reader.h"

namespace {

using oki::Bytes;
using oki::ByteView;
using oki::JsonWriter;
using oki::net::Json;
using oki::net::parse_json;

constexpr std::size_t bytes_max = 64u << 10;

void write(JsonWriter& out, const Json& json) {
  switch (json.kind()) {
    case Json::Kind::null:
      out.null();
      return;
    case Json::Kind::boolean:
      out.boolean(*json.boolean());
      return;
    case Json::Kind::number:
      json.integer();
      out.raw(*json.number_text());
      return;
    case Json::Kind::string:
      ASSERT(oki::is_utf8(*json.string()));
      out.string(*json.string());
      return;
    case Json::Kind::array:
      out.begin_array();
      for (const Json& item : *json.array()) write(out, item);
      out.end_array();
      return;
    case Json::Kind::object:
      out.begin_object();
      for (const auto& [name, member] : *json.object()) {
        ASSERT(json.find(name) != nullptr);
        out.key(name);
        write(out, member);
      }
      out.end_object();
      return;
  }
}

Bytes written(const Json& json) {
  Bytes out;
  JsonWriter writer(out);
  write(writer, json);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = parse_json({reinterpret_cast<const char*>(data), size}, bytes_max);
  if (!json) return 0;
  const Bytes text = written(*json);
  // An escape of six bytes may stand for one byte before it was written, never the reverse.
  const auto again = parse_json(text, 6 * bytes_max);
  ASSERT(again.has_value());
  ASSERT(written(*again) == text);
  return 0;
}
