// A list of plain data that a step fills and its end empties: it keeps its memory, and a push costs
// a comparison and a copy. std::vector with checked indexes costs several times that, in places
// that every command passes a dozen times.
//
// REQUIRES of T: trivially copyable. Indexes are below size().
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>

namespace oki::core::fast {

template <typename T>
class StepList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit StepList(std::size_t room = 64)
      : items_(std::make_unique_for_overwrite<T[]>(room)), room_(room) {}

  // The reference holds until the next push.
  T& push_back(const T& item) {
    if (count_ == room_) [[unlikely]]
      return push_into_more(item);
    return items_.get()[count_++] = item;
  }
  void clear() { count_ = 0; }
  // The items behind `end` go.
  void cut(const T* end) { count_ = static_cast<std::size_t>(end - items_.get()); }

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  T& operator[](std::size_t i) { return items_.get()[i]; }
  const T& operator[](std::size_t i) const { return items_.get()[i]; }
  const T& back() const { return items_.get()[count_ - 1]; }
  T* begin() { return items_.get(); }
  T* end() { return items_.get() + count_; }
  const T* begin() const { return items_.get(); }
  const T* end() const { return items_.get() + count_; }

 private:
  [[gnu::noinline]] T& push_into_more(T item) {  // By value: it may be one of this list.
    auto more = std::make_unique_for_overwrite<T[]>(2 * room_);
    for (std::size_t i = 0; i < count_; ++i) more[i] = items_[i];
    items_ = std::move(more);
    room_ *= 2;
    return items_[count_++] = item;
  }

  std::unique_ptr<T[]> items_;
  std::size_t count_ = 0;
  std::size_t room_;
};

}  // namespace oki::core::fast
