// Fixed layouts written straight into memory: events and replies, in the formats of core/events.h
// and core/commands.h, without a call per byte.
//
// `OutBuffer` is memory that only grows. Put says what is written where; a whole event is given
// room at once. Rare events go through core/events.h: `append(State.out...)`.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "core/events.h"
#include "core/fast/records.h"

namespace oki::core::fast {

static_assert(std::endian::native == std::endian::little);

class OutBuffer {
 public:
  OutBuffer() { grow(std::size_t{1} << 16); }

  // Room for `size` bytes behind what is there; `end` then says how far it was used.
  char* room(std::size_t size) {
    if (static_cast<std::size_t>(limit_ - at_) < size) [[unlikely]]
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
    const std::size_t room = 2 * (used + size);
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

class Put {
 public:
  explicit Put(char* at) : at_(at) {}

  template <typename... T>
  void operator()(const T&... values) {
    char* at = at_;  // A copy: for all the compiler knows, writing bytes may change `at_`.
    (one(at, values), ...);
    at_ = at;
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

constexpr std::size_t order_bytes_max = 160 + client_order_id_bytes_max;

// An order as core/fields.h writes an OrderView. `canceled_at` is 0 or the time it was closed.
inline void put_order(Put& put, const Order& order, const Extra* extra, AccountId account,
                      WallTimeMs expire_at, WallTimeMs canceled_at) {
  put(order.id, account, order.market, order.side, order.type, order.post_only, order.time_in_force,
      order.self_trade, order.position, order.status, order.reason, order.price);
  if (extra == nullptr) [[likely]] {
    constexpr std::uint64_t none = 0;
    put(none, order.amount, none, order.executed, order.executed_quote, none, order.ordered_at,
        expire_at, none, canceled_at, order.executed_at, std::uint32_t{0});
    return;
  }
  put(extra->trigger, order.amount, extra->display, order.executed, order.executed_quote,
      extra->session, order.ordered_at, expire_at, extra->triggered_at, canceled_at,
      order.executed_at);
  put.text(extra->client_order_id.view());
}

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

// One event of the kind of T: `write` puts its fields, at most size_max bytes.
template <typename T, typename Write>
inline void put_event(OutBuffer& out, std::size_t size_max, Write&& write) {
  char* const start = out.room(size_max + 5);
  Put put(start + 4);
  put(kind_of_event<T>());
  write(put);
  const auto size = static_cast<std::uint32_t>(put.at() - start - 4);
  std::memcpy(start, &size, 4);
  out.end(put.at());
}

}  // namespace oki::core::fast
