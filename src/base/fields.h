// The order of the fields of a format, written once for both directions.
//
// A room says `fields(io, x)` for each of its types, naming the fields of x in the order of the
// format, beside its own writer and reader, which are a FieldWriterOf and a FieldReaderOf. With the
// writer the fields are appended, with the reader they are read and checked (booleans, enum
// numbers, limits of texts and lists, order of tables), so that one value has exactly one spelling.
// Primitives are those of base/bytes.h; a text is u32 length and bytes, a list u32 count and its
// values, a table a list of (key, value) with rising keys, a `maybe` a boolean and, when true, the
// value, a variant one byte, the place of the alternative counted from 1, and its fields.
//
// What only one room means by a type, its own `put` and `take` say: they go before those of here.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace oki {

template <typename T, typename U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

// How many numbers an enum has; they are dense from 0. Who writes an enum says so here.
template <typename E>
constexpr std::uint8_t numbers_of = 0;

template <typename T>
concept IsStrong = requires { typename T::Integer; };

template <typename Self>
class FieldWriterOf {
 public:
  explicit FieldWriterOf(Bytes& out) : bytes_(out), out_(out) {}

  template <typename... T>
  void operator()(const T&... values) {
    (self().put(values), ...);
  }

  void text(const std::string& value, std::size_t) { out_.blob(value); }

  void texts(const std::vector<std::string>& values, std::size_t, std::size_t) {
    out_.u32(static_cast<std::uint32_t>(values.size()));
    for (const std::string& value : values) out_.blob(value);
  }

  template <typename T>
  void list(const std::vector<T>& values, std::size_t) {
    out_.u32(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) self().put(value);
  }

  template <typename K, typename V>
  void table(const std::map<K, V>& values, std::size_t) {
    out_.u32(static_cast<std::uint32_t>(values.size()));
    for (const auto& [key, value] : values) {
      self().put(key);
      self().put(value);
    }
  }

  template <typename T>
  void maybe(const std::optional<T>& value) {
    out_.boolean(value.has_value());
    if (value) self().put(*value);
  }

  template <typename... T>
  void variant(const std::variant<T...>& value) {
    out_.u8(static_cast<std::uint8_t>(value.index() + 1));
    std::visit([this](const auto& x) { fields(self(), x); }, value);
  }

 protected:
  template <typename T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.boolean(value);
    } else if constexpr (std::is_enum_v<T>) {
      static_assert(numbers_of<T> > 0);
      out_.u8(static_cast<std::uint8_t>(value));
    } else if constexpr (IsStrong<T>) {
      put(value.value);
    } else if constexpr (std::is_integral_v<T>) {
      if constexpr (sizeof(T) == 1) out_.u8(static_cast<std::uint8_t>(value));
      if constexpr (sizeof(T) == 2) out_.u16(static_cast<std::uint16_t>(value));
      if constexpr (sizeof(T) == 4) out_.u32(static_cast<std::uint32_t>(value));
      if constexpr (sizeof(T) == 8) out_.u64(static_cast<std::uint64_t>(value));
    } else {
      fields(self(), value);
    }
  }

  Bytes& bytes_;
  Writer out_;

 private:
  Self& self() { return static_cast<Self&>(*this); }
};

template <typename Self>
class FieldReaderOf {
 public:
  explicit FieldReaderOf(ByteView in) : in_(in) {}

  template <typename... T>
  void operator()(T&... values) {
    (self().take(values), ...);
  }

  void text(std::string& value, std::size_t size_max) { value = in_.blob(size_max); }

  void texts(std::vector<std::string>& values, std::size_t count_max, std::size_t size_max) {
    const std::uint32_t count = count_of(count_max);
    values.clear();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) values.emplace_back(in_.blob(size_max));
  }

  template <typename T>
  void list(std::vector<T>& values, std::size_t count_max) {
    const std::uint32_t count = count_of(count_max);
    values.clear();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) self().take(values.emplace_back());
  }

  template <typename K, typename V>
  void table(std::map<K, V>& values, std::size_t count_max) {
    const std::uint32_t count = count_of(count_max);
    values.clear();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
      K key{};
      self().take(key);
      if (!values.empty() && !(values.rbegin()->first < key)) in_.fail();
      V value{};
      self().take(value);
      values.emplace_hint(values.end(), std::move(key), std::move(value));
    }
  }

  template <typename T>
  void maybe(std::optional<T>& value) {
    value.reset();
    if (in_.boolean()) self().take(value.emplace());
  }

  template <typename... T>
  void variant(std::variant<T...>& value) {
    const std::size_t kind = in_.u8();
    if (kind == 0 || kind > sizeof...(T)) return in_.fail();
    const auto try_kind = [&]<std::size_t place>(std::integral_constant<std::size_t, place>) {
      if (kind != place + 1) return;
      value.template emplace<place>();
      fields(self(), std::get<place>(value));
    };
    [&]<std::size_t... places>(std::index_sequence<places...>) {
      (try_kind(std::integral_constant<std::size_t, places>{}), ...);
    }(std::index_sequence_for<T...>{});
  }

  void fail() { in_.fail(); }
  bool ok() const { return in_.ok(); }
  bool done() const { return in_.done(); }
  std::size_t left() const { return in_.left(); }

 protected:
  template <typename T>
  void take(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = in_.boolean();
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint8_t number = in_.u8();
      if (number >= numbers_of<T>) in_.fail();
      value = static_cast<T>(in_.ok() ? number : 0);
    } else if constexpr (IsStrong<T>) {
      take(value.value);
    } else if constexpr (std::is_integral_v<T>) {
      if constexpr (sizeof(T) == 1) value = static_cast<T>(in_.u8());
      if constexpr (sizeof(T) == 2) value = static_cast<T>(in_.u16());
      if constexpr (sizeof(T) == 4) value = static_cast<T>(in_.u32());
      if constexpr (sizeof(T) == 8) value = static_cast<T>(in_.u64());
    } else {
      fields(self(), value);
    }
  }

  Reader in_;

 private:
  // Each value is one byte at least, so no count makes memory grow beyond what was sent.
  std::uint32_t count_of(std::size_t count_max) {
    const std::uint32_t count = in_.u32();
    if (count > count_max || count > in_.left()) in_.fail();
    return in_.ok() ? count : 0;
  }

  Self& self() { return static_cast<Self&>(*this); }
};

// Nothing when `bytes` is not exactly one spelling of a value.
template <typename FieldReader, typename T>
std::optional<T> read_exactly(ByteView bytes) {
  FieldReader io(bytes);
  std::optional<T> value(std::in_place);
  io(*value);
  if (!io.done()) value.reset();
  return value;
}

// The same for a variant.
template <typename FieldReader, typename Variant>
std::optional<Variant> read_variant(ByteView bytes) {
  FieldReader io(bytes);
  std::optional<Variant> value(std::in_place);
  io.variant(*value);
  if (!io.done()) value.reset();
  return value;
}

}  // namespace oki
