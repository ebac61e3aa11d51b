// TOML read strictly, one table at a time: a reader remembers which keys were asked for and the
// first fault, so that an unknown key, a missing one and a value of the wrong kind are each said
// with their place. A fault never stops the reading; what is read then is a harmless default.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki {

struct TomlValue {
  enum class Kind : std::uint8_t { text, integer, boolean, list, table, other };
  Kind kind = Kind::other;
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<TomlValue> items;   // Of a list, and of a table those of `keys`.
  std::vector<std::string> keys;  // Of a table, in rising order.

  const TomlValue* find(ByteView key) const;  // nullptr as well when this is no table.
};

// Errc::invalid, with the place. `name`: of the file, for messages.
Result<TomlValue> parse_toml(ByteView text, const std::string& name);

class TomlReader {
 public:
  static constexpr std::size_t any_count = SIZE_MAX;

  // `value` outlives the reader. `what`: what messages call it.
  TomlReader(const TomlValue& value, std::string what);

  bool has(const std::string& key) { return find(key) != nullptr; }
  const TomlValue* find(const std::string& key, bool required = false);

  std::string text(const std::string& key, bool required = true);

  // One line of 1 to `bytes_max` bytes; empty when the key is absent.
  std::string line(const std::string& key, std::size_t bytes_max);

  // A list of texts; empty when the key is absent.
  std::vector<std::string> texts(const std::string& key, std::size_t count_max = any_count);

  std::uint32_t number(const std::string& key, std::uint32_t fallback, bool required = false);

  // Leaves `into` alone when the key is absent.
  void integer(const std::string& key, std::int64_t& into, std::int64_t low, std::int64_t high);

  bool boolean(const std::string& key, bool fallback = false);

  // The place of one of these words; nothing when the key is absent.
  std::optional<std::size_t> one_of(const std::string& key, const std::vector<std::string>& words);

  // What is under a list, or [[key]]; empty when the key is absent.
  const std::vector<TomlValue>& list(const std::string& key, std::size_t count_max = any_count);

  // A text that `parse` understands: nothing else is one.
  template <typename Parse>
  auto word(const std::string& key, const Parse& parse) {
    return meant(key, text(key), parse);
  }
  template <typename Parse>
  auto meant(const std::string& key, const std::string& given, const Parse& parse) {
    const auto value = parse(given);
    if (!value) fault("'" + key + "': '" + given + "' is none that is known");
    return value.value_or(typename decltype(parse(given))::value_type{});
  }

  const std::string& what() const { return what_; }

  void fault(const std::string& sentence) { take_fault(what_ + ": " + sentence); }
  void take_fault(const std::string& whole);
  void take_fault(TomlReader& inner) { take_fault(inner.first_fault()); }

  // Call last: a key that nobody asked for is a fault too. Empty: there is none.
  const std::string& first_fault();

 private:
  std::string what_;
  const TomlValue* table_ = nullptr;
  std::set<std::string> asked_;
  std::string fault_;
};

}  // namespace oki
