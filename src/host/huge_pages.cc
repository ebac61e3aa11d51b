#include "host/huge_pages.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

namespace oki::host {
namespace {

constexpr std::uintptr_t huge_page_bytes = 2u << 20;
constexpr int collapse = 25;  // MADV_COLLAPSE; the headers of Debian 12 do not have it.
constexpr int nice_value = 10;

struct Region {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

// "7f2a40000000-7f2a80000000 rw-p ..." begins a mapping of /proc/self/smaps.
bool parse_region(std::string_view line, Region& out) {
  const char* end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, out.begin, 16);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return false;
  const auto second = std::from_chars(first.ptr + 1, end, out.end, 16);
  return second.ec == std::errc{} && second.ptr != end && *second.ptr == ' ';
}

// The whole huge pages of all mappings with the flag of MADV_HUGEPAGE.
std::vector<Region> huge_regions() {
  std::vector<Region> regions;
  std::FILE* maps = std::fopen("/proc/self/smaps", "re");
  if (maps == nullptr) return regions;
  Region current;
  char buffer[512];
  while (std::fgets(buffer, sizeof buffer, maps) != nullptr) {
    const std::string_view line(buffer);
    Region region;
    if (parse_region(line, region)) {
      current = region;
    } else if (line.starts_with("VmFlags:") && line.find(" hg") != std::string_view::npos) {
      current.begin = (current.begin + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
      regions.push_back(current);
    }
  }
  std::fclose(maps);
  return regions;
}

}  // namespace

void HugePages::restore() {
  stop();
  busy_ = true;
  stop_ = false;
  thread_ = std::thread([this] { work(); });
}

void HugePages::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

// A page that cannot be had (no memory, not mapped any more) is left as it is.
void HugePages::work() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice_value);
  for (const Region& region : huge_regions()) {
    for (std::uintptr_t at = region.begin; at + huge_page_bytes <= region.end && !stop_;
         at += huge_page_bytes) {
      madvise(reinterpret_cast<void*>(at), huge_page_bytes, collapse);
    }
  }
  busy_ = false;
}

}  // namespace oki::host
