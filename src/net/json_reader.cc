#include "net/json_reader.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <charconv>
#include <utility>

#include "base/utf8.h"

namespace oki::net {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(ByteView text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

// RFC 8259 section 6: [ minus ] int [ frac ] [ exp ].
bool is_number(ByteView text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  std::size_t digits = count_digits(text);
  if (digits == 0 || (digits > 1 && text.front() == '0')) return false;
  text.remove_prefix(digits);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits = count_digits(text);
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    digits = count_digits(text);
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

ByteView without_trailing_blanks(ByteView text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == ByteView::npos ? 0 : last + 1);
}

}  // namespace

// Turns simdjson's one-pass view into the tree. Every value is visited, so everything that simdjson
// leaves unchecked until it is asked for is checked.
struct JsonBuilder {
  const char* fault = nullptr;

  bool refuse(const char* why) {
    if (fault == nullptr) fault = why;
    return false;
  }

  template <typename Value>
  bool read(Value& value, Json& json, int depth) {
    if (depth > json_depth_max) return refuse("nested too deeply");
    ondemand::json_type type{};
    if (value.type().get(type) != error_code::SUCCESS) return refuse("a value is malformed");
    if (type == ondemand::json_type::object) return read_object(value, json, depth);
    if (type == ondemand::json_type::array) return read_array(value, json, depth);
    return refuse("neither an object nor an array");
  }

  bool read_value(ondemand::value value, Json& json, int depth) {
    ondemand::json_type type{};
    if (value.type().get(type) != error_code::SUCCESS) return refuse("a value is malformed");
    switch (type) {
      case ondemand::json_type::object:
      case ondemand::json_type::array:
        return read(value, json, depth);
      case ondemand::json_type::string:
        json.kind_ = Json::Kind::string;
        return read_string(value.get_string(), json.text_);
      default:
        return read_scalar(without_trailing_blanks(value.raw_json_token()), json);
    }
  }

  bool read_scalar(ByteView token, Json& json) {
    if (token == "null") {
      json.kind_ = Json::Kind::null;
    } else if (token == "true" || token == "false") {
      json.kind_ = Json::Kind::boolean;
      json.text_ = token;
    } else if (is_number(token)) {
      json.kind_ = Json::Kind::number;
      json.text_ = token;
    } else {
      return refuse("a value is malformed");
    }
    return true;
  }

  bool read_string(simdjson::simdjson_result<std::string_view> found, std::string& out) {
    std::string_view text;
    if (std::move(found).get(text) != error_code::SUCCESS) return refuse("a string is malformed");
    if (!is_utf8(text)) return refuse("a string is not UTF-8");
    out = text;
    return true;
  }

  template <typename Value>
  bool read_array(Value& value, Json& json, int depth) {
    json.kind_ = Json::Kind::array;
    ondemand::array array;
    if (value.get_array().get(array) != error_code::SUCCESS) return refuse("broken array");
    for (auto element : array) {
      ondemand::value item;
      if (std::move(element).get(item) != error_code::SUCCESS) return refuse("broken array");
      if (!read_value(item, json.items_.emplace_back(), depth + 1)) return false;
    }
    return true;
  }

  template <typename Value>
  bool read_object(Value& value, Json& json, int depth) {
    json.kind_ = Json::Kind::object;
    ondemand::object object;
    if (value.get_object().get(object) != error_code::SUCCESS) return refuse("broken object");
    for (auto entry : object) {
      ondemand::field field;
      if (std::move(entry).get(field) != error_code::SUCCESS) return refuse("broken object");
      auto& [name, member] = json.members_.emplace_back();
      if (!read_string(field.unescaped_key(), name)) return false;
      if (!read_value(field.value(), member, depth + 1)) return false;
    }
    return true;
  }
};

Result<Json> parse_json(ByteView text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return error(Errc::full, "JSON is too long");
  // Both keep their memory from call to call.
  thread_local ondemand::parser parser;
  thread_local Bytes padded;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(text);
  ondemand::document document;
  const auto view = simdjson::padded_string_view(padded.data(), padded.size(), padded.capacity());
  if (parser.iterate(view).get(document) != error_code::SUCCESS) {
    return error(Errc::invalid, "not JSON");
  }
  Json json;
  JsonBuilder builder;
  if (!builder.read(document, json, 1)) return error(Errc::invalid, builder.fault);
  const char* rest = nullptr;
  if (document.current_location().get(rest) != error_code::OUT_OF_BOUNDS) {
    return error(Errc::invalid, "something follows the document");
  }
  return json;
}

std::optional<bool> Json::boolean() const {
  if (kind_ != Kind::boolean) return std::nullopt;
  return text_ == "true";
}

std::optional<std::int64_t> Json::integer() const {
  if (kind_ != Kind::number) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text_.data() + text_.size();
  const auto [at, fault] = std::from_chars(text_.data(), end, value);
  if (fault != std::errc{} || at != end) return std::nullopt;
  return value;
}

std::optional<ByteView> Json::number_text() const {
  if (kind_ != Kind::number && kind_ != Kind::string) return std::nullopt;
  return text_;
}

std::optional<ByteView> Json::string() const {
  if (kind_ != Kind::string) return std::nullopt;
  return text_;
}

const std::vector<Json>* Json::array() const { return kind_ == Kind::array ? &items_ : nullptr; }

const std::vector<std::pair<std::string, Json>>* Json::object() const {
  return kind_ == Kind::object ? &members_ : nullptr;
}

const Json* Json::find(ByteView name) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->first == name) return &member->second;
  }
  return nullptr;
}

}  // namespace oki::net
