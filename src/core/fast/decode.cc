#include "core/fast/decode.h"

#include <cstring>

namespace oki::core::fast {
namespace {

class Take {
 public:
  explicit Take(const char* at) : at_(at) {}

  template <typename... T>
  void operator()(T&... values) {
    (one(values), ...);
  }
  bool ok() const { return ok_; }
  const char* at() const { return at_; }

 private:
  template <typename T>
  void one(T& value) {
    if constexpr (std::is_same_v<T, Signed>) {
      one(value.key);
      one(value.nonce);
    } else if constexpr (IsStrong<T>) {
      one(value.value);
    } else if constexpr (std::is_same_v<T, bool> || std::is_enum_v<T>) {
      const auto number = static_cast<std::uint8_t>(*at_++);
      constexpr std::uint8_t numbers = [] {
        if constexpr (std::is_same_v<T, bool>)
          return std::uint8_t{2};
        else
          return numbers_of<T>;
      }();
      ok_ &= number < numbers;
      value = static_cast<T>(number < numbers ? number : 0);
    } else {
      std::memcpy(&value, at_, sizeof value);
      at_ += sizeof value;
    }
  }

  const char* at_;
  bool ok_ = true;
};

constexpr std::size_t place_bytes = 84;  // With the length of the client order id.
constexpr std::size_t auth_bytes = 24;   // The account, too.

}  // namespace

bool take_place(ByteView& bytes, PlaceView& x) {
  if (bytes.size() < place_bytes) return false;
  Take take(bytes.data());
  std::uint32_t size = 0;
  take(x.account, x.auth, x.market, x.side, x.type, x.post_only, x.time_in_force, x.self_trade,
       x.position, x.price, x.trigger, x.amount, x.display, x.expire_at, x.session, size);
  if (!take.ok() || size > client_order_id_bytes_max || size > bytes.size() - place_bytes) {
    return false;
  }
  x.client_order_id = {take.at(), size};
  bytes.remove_prefix(place_bytes + size);
  return true;
}

OrderId CancelView::order(std::size_t i) const {
  OrderId id;
  std::memcpy(&id.value, orders.data() + 8 * i, 8);
  return id;
}

bool read_cancel(ByteView fields, CancelView& x) {
  constexpr std::size_t fixed = auth_bytes + 3;
  if (fields.size() < fixed) return false;
  Take take(fields.data());
  std::uint8_t count = 0;
  take(x.account, x.auth, x.market, count);
  x.orders = fields.substr(fixed);
  return count >= 1 && count <= cancel_orders_max && x.orders.size() == std::size_t{count} * 8;
}

bool read_amend(ByteView fields, AmendOrder& x) {
  if (fields.size() != auth_bytes + 34) return false;
  Take take(fields.data());
  take(x.account, x.auth, x.market, x.order, x.price, x.trigger, x.amount);
  return true;
}

bool read_batch(ByteView fields, BatchView& x) {
  constexpr std::size_t fixed = auth_bytes + 1;
  if (fields.size() < fixed) return false;
  Take take(fields.data());
  std::uint8_t count = 0;
  take(x.account, x.auth, count);
  if (count < 1 || count > place_orders_max) return false;
  x.count = count;
  x.orders = fields.substr(fixed);
  ByteView left = x.orders;
  PlaceView order;
  for (std::size_t i = 0; i < x.count; ++i) {
    if (!take_place(left, order)) return false;
  }
  return left.empty();
}

}  // namespace oki::core::fast
