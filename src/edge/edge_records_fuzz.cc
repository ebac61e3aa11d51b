// Any bytes as a page of records, and any bytes as a segment on disk: refused, or read and written
// the same.
//
// Input: the first byte chooses. Even: the rest is a page. Odd: the rest is a list of payloads, a
// byte of length each, put into frames as the edge does; then the second half of the input is
// written over the segment from the place that its first two bytes say.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "edge/records_segment.h"

namespace {

using oki::Bytes;
using oki::ByteView;
namespace edge = oki::edge;

void read_page(ByteView bytes) {
  const auto page = edge::decode_page(bytes);
  if (page) ASSERT(edge::encode(*page) == bytes);
}

Bytes segment_of(ByteView bytes) {
  Bytes segment;
  while (!bytes.empty()) {
    const std::size_t records = 1 + static_cast<std::uint8_t>(bytes.front()) % 4;
    bytes.remove_prefix(1);
    Bytes payload(bytes.substr(0, records * edge::record_bytes));
    bytes.remove_prefix(payload.size());
    payload.resize(records * edge::record_bytes);
    segment += edge::records_frame(1, static_cast<std::uint32_t>(segment.size()), payload);
  }
  return segment;
}

void read_segment(ByteView bytes) {
  const ByteView damage = bytes.substr(bytes.size() / 2);
  Bytes segment = segment_of(bytes.substr(0, bytes.size() / 2));
  if (damage.size() > 2 && !segment.empty()) {
    const std::size_t at = (static_cast<std::uint8_t>(damage[0]) * std::size_t{256} +
                            static_cast<std::uint8_t>(damage[1])) %
                           segment.size();
    segment.replace(at, damage.size() - 2, damage.substr(2));
  }
  const auto found = edge::scan_segment(1, segment);
  if (!found) return;
  ASSERT(found->end <= segment.size());
  ASSERT(found->records == 0 || found->earliest <= found->latest);
  // What was read is read again when the rest is cut off.
  const auto again = edge::scan_segment(1, ByteView(segment).substr(0, found->end));
  ASSERT(again.has_value() && again->records == found->records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  data[0] % 2 == 0 ? read_page(rest) : read_segment(rest);
  return 0;
}
