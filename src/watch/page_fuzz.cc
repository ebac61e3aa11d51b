// Any bytes as the pages of edges and nodes: they are understood or refused, and what comes of them
// keeps its limits.
//
// Input: two pages of each kind, the halves of the bytes, as if read one after the other.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "watch/metrics_text.h"
#include "watch/page_samples.h"

namespace {

using oki::ByteView;
using namespace oki::watch;

void try_edges(ByteView first, ByteView second) {
  EdgeCounter counter;
  for (const ByteView page : {first, second}) {
    const auto counts = read_edge_counts(page);
    const auto delta = counts ? counter.add(*counts) : std::nullopt;
    ASSERT(!delta || (delta->requests <= counts_max && delta->errors <= counts_max));
  }
}

void try_disks(ByteView first, ByteView second) {
  DiskCounter counter;
  detect::MonoMs now = 0;
  for (const ByteView page : {first, second}) {
    const auto times = read_disk_times(page);
    const auto us = times ? counter.add(*times) : std::nullopt;
    ASSERT(!us || *us >= 0);
    const std::int64_t stuck_ms = times ? counter.stuck_ms(now) : 0;
    ASSERT(0 <= stuck_ms && stuck_ms <= now);
    ++now;
  }
}

void try_nodes(ByteView first, ByteView second) {
  NodeCompare compare(2);
  detect::MonoMs now = 0;
  for (const ByteView page : {first, second, first}) {
    const auto reading = read_node_state(page);
    if (reading && reading->knows_leader)
      compare.add(static_cast<std::size_t>(now % 2), *reading, now);
    for (std::size_t node = 0; node < 2; ++node) {
      const std::int64_t lag_ms = compare.lag_ms(node, now);
      ASSERT(0 <= lag_ms && lag_ms <= now);
    }
    ++now;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const char*>(data), size);
  const ByteView first = bytes.substr(0, size / 2);
  const ByteView second = bytes.substr(size / 2);
  try_edges(first, second);
  try_disks(first, second);
  try_nodes(first, second);
  return 0;
}
