#include "host/huge_pages.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/strong.h"
#include "host/fork_file_maker.h"

namespace oki::host {
namespace {

constexpr std::size_t huge_page_bytes = 2u << 20;
constexpr std::size_t pages = 16;

// Of the mapping that holds `at`: how much of it is in huge pages now.
std::size_t huge_kib(const char* at) {
  std::FILE* maps = std::fopen("/proc/self/smaps", "re");
  char line[512];
  bool inside = false;
  std::size_t kib = 0;
  while (maps != nullptr && std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (std::sscanf(line, "%lx-%lx ", &begin, &end) == 2) {
      const auto place = reinterpret_cast<unsigned long>(at);
      inside = begin <= place && place < end;
    } else if (inside && std::string_view(line).starts_with("AnonHugePages:")) {
      kib = std::strtoul(line + std::strlen("AnonHugePages:"), nullptr, 10);
    }
  }
  if (maps != nullptr) std::fclose(maps);
  return kib;
}

TEST(HugePages, SplitByAForkAreWholeAgainAfterwardsWithTheSameBytes) {
  char* const mapped =
      static_cast<char*>(mmap(nullptr, (pages + 1) * huge_page_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(mapped, MAP_FAILED);
  const auto place = reinterpret_cast<std::uintptr_t>(mapped);
  char* const at = mapped + (huge_page_bytes - place % huge_page_bytes) % huge_page_bytes;
  madvise(at, pages * huge_page_bytes, MADV_HUGEPAGE);
  std::memset(at, 1, pages * huge_page_bytes);
  const std::size_t before = huge_kib(at);

  char directory[] = "/tmp/okiagari_huge_XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  Loop loop;
  ForkFileMaker maker(loop, directory);
  maker.make(
      "file", [](Sink&) { return Bytes(); },
      [&](const Result<Bytes>& made) {
        EXPECT_TRUE(made.has_value());
        loop.stop();
      });
  for (std::size_t i = 0; i < pages; ++i) at[i * huge_page_bytes] = 2;  // While the child lives.
  const std::size_t split = huge_kib(at);
  loop.run();
  while (maker.tidies()) std::this_thread::yield();
  // Where the system gives no huge pages there is nothing to split, and nothing else may change.
  EXPECT_TRUE(before == 0 || split < before) << split << " of " << before;
  EXPECT_EQ(huge_kib(at), before);
  for (std::size_t i = 0; i < pages; ++i) {
    EXPECT_EQ(at[i * huge_page_bytes], 2);
    EXPECT_EQ(at[i * huge_page_bytes + 1], 1);
  }
  std::remove((std::string(directory) + "/file").c_str());
  std::remove(directory);
  munmap(mapped, (pages + 1) * huge_page_bytes);
}

}  // namespace
}  // namespace oki::host
