// A fixed number of zeroed elements that the system backs with memory only where they are touched,
// with large pages where it has them. For the tables of the core that are sized once, for the
// worst day: reserving costs addresses, not memory.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace oki::core {

// `huge` asks for pages of 2 MiB: fewer misses of the TLB, more memory where little is touched.
enum class Pages : bool { small, huge };

// The memory stays until `release_pages` gets the same pointer and size. Out of addresses is
// a configuration no process can run with, so it stops.
void* reserve_pages(std::size_t bytes, Pages pages);
void release_pages(void* memory, std::size_t bytes) noexcept;

// Other pages for a part that has not been touched, rounded up to 2 MiB. REQUIRES: it begins at the
// pointer given by `reserve_pages` or a multiple of 2 MiB behind it.
void advise_pages(void* memory, std::size_t bytes, Pages pages);

template <typename T>
class LargeArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LargeArray() = default;
  LargeArray(std::size_t size, Pages pages)
      : data_(static_cast<T*>(reserve_pages(size * sizeof(T), pages))), size_(size) {}
  ~LargeArray() {
    if (data_ != nullptr) release_pages(data_, size_ * sizeof(T));
  }
  LargeArray(LargeArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LargeArray& operator=(LargeArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  // REQUIRES: index < size(). Not checked: these are the innermost loops of the core.
  T& operator[](std::size_t index) { return data_[index]; }
  const T& operator[](std::size_t index) const { return data_[index]; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace oki::core
