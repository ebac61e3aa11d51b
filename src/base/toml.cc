#include "base/toml.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <toml.hpp>
#include <utility>

#include "base/utf8.h"

namespace oki {
namespace {

TomlValue converted(const toml::value& from) {
  TomlValue value;
  if (from.is_string()) {
    value.kind = TomlValue::Kind::text;
    value.text = from.as_string().str;
  } else if (from.is_integer()) {
    value.kind = TomlValue::Kind::integer;
    value.integer = from.as_integer();
  } else if (from.is_boolean()) {
    value.kind = TomlValue::Kind::boolean;
    value.boolean = from.as_boolean();
  } else if (from.is_array()) {
    value.kind = TomlValue::Kind::list;
    for (const toml::value& item : from.as_array()) value.items.push_back(converted(item));
  } else if (from.is_table()) {
    value.kind = TomlValue::Kind::table;
    for (const auto& [key, item] : from.as_table()) value.keys.push_back(key);
    std::ranges::sort(value.keys);  // The library's own order depends on a hash.
    for (const std::string& key : value.keys) {
      value.items.push_back(converted(from.as_table().at(key)));
    }
  }
  return value;
}

bool is_line(ByteView text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
         });
}

}  // namespace

const TomlValue* TomlValue::find(ByteView key) const {
  const auto found = std::ranges::lower_bound(
      keys, key, {}, [](const std::string& each) { return ByteView(each); });
  if (found == keys.end() || *found != key) return nullptr;
  return &items[static_cast<std::size_t>(found - keys.begin())];
}

Result<TomlValue> parse_toml(ByteView text, const std::string& name) {
  // The library looks for the place of what is not UTF-8 beyond the end of the text.
  if (!is_utf8(text)) return error(Errc::invalid, name + " is not UTF-8");
  try {
    std::istringstream stream{std::string(text)};
    return converted(toml::parse(stream, name));
  } catch (const std::exception& fault) {
    return error(Errc::invalid, fault.what());
  }
}

TomlReader::TomlReader(const TomlValue& value, std::string what) : what_(std::move(what)) {
  if (value.kind == TomlValue::Kind::table) {
    table_ = &value;
  } else {
    fault("is not a table");
  }
}

const TomlValue* TomlReader::find(const std::string& key, bool required) {
  asked_.insert(key);
  if (table_ == nullptr) return nullptr;
  const TomlValue* value = table_->find(key);
  if (value == nullptr && required) fault("'" + key + "' is missing");
  return value;
}

std::string TomlReader::text(const std::string& key, bool required) {
  const TomlValue* value = find(key, required);
  if (value == nullptr) return {};
  if (value->kind == TomlValue::Kind::text) return value->text;
  fault("'" + key + "' must be a text in quotes");
  return {};
}

std::string TomlReader::line(const std::string& key, std::size_t bytes_max) {
  const TomlValue* value = find(key);
  if (value == nullptr) return {};
  if (value->kind == TomlValue::Kind::text && !value->text.empty() &&
      value->text.size() <= bytes_max && is_line(value->text)) {
    return value->text;
  }
  fault("'" + key + "' must be a text of 1 to " + std::to_string(bytes_max) + " bytes");
  return {};
}

std::vector<std::string> TomlReader::texts(const std::string& key, std::size_t count_max) {
  std::vector<std::string> all;
  for (const TomlValue& value : list(key, count_max)) {
    if (value.kind != TomlValue::Kind::text) {
      fault("'" + key + "' must hold texts in quotes");
      return {};
    }
    all.push_back(value.text);
  }
  return all;
}

std::uint32_t TomlReader::number(const std::string& key, std::uint32_t fallback, bool required) {
  const TomlValue* value = find(key, required);
  if (value == nullptr) return fallback;
  if (value->kind == TomlValue::Kind::integer && value->integer >= 0 &&
      value->integer <= 0xffff'ffff) {
    return static_cast<std::uint32_t>(value->integer);
  }
  fault("'" + key + "' must be a whole number");
  return fallback;
}

void TomlReader::integer(const std::string& key, std::int64_t& into, std::int64_t low,
                         std::int64_t high) {
  const TomlValue* value = find(key);
  if (value == nullptr) return;
  if (value->kind == TomlValue::Kind::integer && value->integer >= low && value->integer <= high) {
    into = value->integer;
  } else {
    fault("'" + key + "' must be a whole number from " + std::to_string(low) + " to " +
          std::to_string(high));
  }
}

bool TomlReader::boolean(const std::string& key, bool fallback) {
  const TomlValue* value = find(key);
  if (value == nullptr) return fallback;
  if (value->kind == TomlValue::Kind::boolean) return value->boolean;
  fault("'" + key + "' must be true or false");
  return fallback;
}

std::optional<std::size_t> TomlReader::one_of(const std::string& key,
                                              const std::vector<std::string>& words) {
  const TomlValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto found = std::ranges::find(words, value->text);
  if (value->kind == TomlValue::Kind::text && found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  fault("'" + key + "' must be one of: " + list);
  return std::nullopt;
}

const std::vector<TomlValue>& TomlReader::list(const std::string& key, std::size_t count_max) {
  static const std::vector<TomlValue> none;
  const TomlValue* value = find(key);
  if (value == nullptr) return none;
  if (value->kind != TomlValue::Kind::list) {
    fault("'" + key + "' must be a list");
    return none;
  }
  if (value->items.size() <= count_max) return value->items;
  fault("'" + key + "' must have at most " + std::to_string(count_max) + " entries");
  return none;
}

void TomlReader::take_fault(const std::string& whole) {
  if (fault_.empty()) fault_ = whole;
}

const std::string& TomlReader::first_fault() {
  if (table_ != nullptr) {
    for (const std::string& key : table_->keys) {
      if (!asked_.contains(key)) fault("unknown key '" + key + "'");
    }
  }
  return fault_;
}

}  // namespace oki
