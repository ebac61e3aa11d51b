// Events and replies written straight into memory, without a call per byte: how. What they look
// like is in fast/layouts.h.
//
// `OutBuffer` is memory that only grows. Put says what is written where; a whole event is given
// room at once. Rare events go through core/events.h: `append(State.out...)`.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "core/events.h"

namespace oki::core::fast {

static_assert(std::endian::native == std::endian::little);

class OutBuffer {
 public:
  OutBuffer() { grow(std::size_t{1} << 16); }

  // Room for `size` bytes behind what is there and some more; `end` then says how far it was used.
  static constexpr std::size_t more_room = 64;
  char* room(std::size_t size) {
    if (static_cast<std::size_t>(limit_ - at_) < size + more_room) [[unlikely]]
      grow(size);
    return at_;
  }
  void end(char* at) { at_ = at; }
  void clear() { at_ = begin_.get(); }
  // Back to an earlier size.
  void cut(std::size_t size) { at_ = begin_.get() + size; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_.get()); }
  ByteView view() const { return {begin_.get(), size()}; }
  char* data() { return begin_.get(); }

 private:
  [[gnu::noinline]] void grow(std::size_t size) {
    const std::size_t used = begin_ == nullptr ? 0 : this->size();
    const std::size_t room = 2 * (used + size) + more_room;
    std::unique_ptr<char[]> more(new char[room]);
    if (used > 0) std::memcpy(more.get(), begin_.get(), used);
    begin_ = std::move(more);
    at_ = begin_.get() + used;
    limit_ = begin_.get() + room;
  }

  std::unique_ptr<char[]> begin_;
  char* at_ = nullptr;
  char* limit_ = nullptr;
};

// Not inline: as code of its own it is shorter wherever it is called.
[[gnu::noinline]] inline void add_to(Bytes& bytes, const char* more, std::size_t size) {
  bytes.append(more, size);
}

class Put {
 public:
  explicit Put(char* at) : at_(at) {}

  template <typename... T>
  void operator()(const T&... values) {
    char* at = at_;  // A copy: for all the compiler knows, writing bytes may change `at_`.
    (one(at, values), ...);
    at_ = at;
  }
  // `size` bytes as they are.
  template <std::size_t size>
  void copy(const char* from) {
    std::memcpy(at_, from, size);
    at_ += size;
  }
  void text(std::string_view value) {
    one(at_, static_cast<std::uint32_t>(value.size()));
    std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }
  char* at() const { return at_; }

 private:
  template <typename T>
  static void one(char*& at, T value) {
    if constexpr (IsStrongInt<T>) {
      one(at, value.value);
    } else {
      static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
      std::memcpy(at, &value, sizeof value);
      at += sizeof value;
    }
  }
  template <typename T>
  static constexpr bool IsStrongInt = requires { typename T::Integer; };

  char* at_;
};

// The kinds as numbered in `Event`.
template <typename T, std::size_t place = 0>
constexpr std::uint8_t kind_of_event() {
  static_assert(place < std::variant_size_v<Event>);
  if constexpr (std::is_same_v<std::variant_alternative_t<place, Event>, T>) {
    return place + 1;
  } else {
    return kind_of_event<T, place + 1>();
  }
}

// One event of the kind of T at `at`, which has room for it: `write` puts its fields. Gives its
// end.
template <typename T, typename Write>
[[gnu::always_inline]] inline char* put_event_at(char* at, Write&& write) {
  Put put(at + 4);
  put(kind_of_event<T>());
  write(put);
  const auto size = static_cast<std::uint32_t>(put.at() - at - 4);
  std::memcpy(at, &size, 4);
  return put.at();
}

// The same behind what is there; the fields take at most size_max bytes.
template <typename T, typename Write>
inline void put_event(OutBuffer& out, std::size_t size_max, Write&& write) {
  out.end(put_event_at<T>(out.room(size_max + 5), std::forward<Write>(write)));
}

}  // namespace oki::core::fast
