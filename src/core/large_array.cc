#include "core/large_array.h"

#include <sys/mman.h>

#include "base/assert.h"

namespace oki::core {
namespace {

constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;
constexpr std::size_t huge_bytes_min = 8 * huge_page_bytes;  // Less has no use for large pages.

std::size_t round_up(std::size_t bytes) {
  return (bytes + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
}

}  // namespace

// Reserved at a multiple of a huge page, so that the first and the last one can be huge, too.
void* reserve_pages(std::size_t bytes, Pages pages) {
  const std::size_t size = round_up(bytes);
  void* const memory = mmap(nullptr, size + huge_page_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT(memory != MAP_FAILED);
  char* const begin = static_cast<char*>(memory);
  const std::size_t skipped =
      round_up(reinterpret_cast<std::size_t>(begin)) - reinterpret_cast<std::size_t>(begin);
  if (skipped > 0) munmap(begin, skipped);
  if (skipped < huge_page_bytes) munmap(begin + skipped + size, huge_page_bytes - skipped);
  advise_pages(begin + skipped, size, size < huge_bytes_min ? Pages::small : pages);
  return begin + skipped;
}

// Only advice: without large pages everything works, slower.
void advise_pages(void* memory, std::size_t bytes, Pages pages) {
  madvise(memory, round_up(bytes), pages == Pages::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

void release_pages(void* memory, std::size_t bytes) noexcept { munmap(memory, round_up(bytes)); }

}  // namespace oki::core
