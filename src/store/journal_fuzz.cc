// Any bytes as records of the journal, inside frames whose checksums are right, and as a whole
// segment. They are refused, or they are a log that can be continued and found again; records that
// decode have only one spelling.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "store/frame.h"
#include "store/recovery.h"
#include "store/testing/memory_disk.h"

namespace {

using oki::Bytes;
using oki::ByteView;
using namespace oki::store;

constexpr std::uint64_t segment_bytes = 8192;

JournalOptions options() {
  JournalOptions limits;
  limits.segment_bytes = segment_bytes;
  limits.entry_bytes_max = 1024;
  limits.frame_bytes_max = 2048;
  return limits;
}

void check_spelling(ByteView payload) {
  const auto records = decode_records(payload);
  if (!records) return;
  Bytes again;
  for (const Record& record : *records) {
    std::visit([&](const auto& part) { append(again, part); }, record);
  }
  ASSERT(again == payload);
}

// The input cut into payloads at each 0xFF, each sealed as the journal would have done it.
Bytes segment_of(ByteView input) {
  Bytes segment;
  FramePlace place{1, 1, 0, 0};
  Bytes base;
  append(base, BaseRecord{segment_bytes, {}, {}, {}, {}});
  while (!input.empty() && segment.size() < segment_bytes / 2) {
    const ByteView payload = input.substr(0, input.find('\xFF')).substr(0, 1024);
    input.remove_prefix(std::min(payload.size() + 1, input.size()));
    check_spelling(payload);
    Bytes frame(frame_header_bytes, '\0');
    if (place.frame == 1) frame += base;
    frame += payload;
    place.offset = segment.size();
    place.previous = seal_frame(frame, place);
    place.frame += 1;
    segment += frame;
  }
  segment.resize(segment_bytes);
  return segment;
}

void check_segment(Bytes segment) {
  MemoryDisk disk(1, {{segment_name(1), std::move(segment)}});
  oki::Result<Journal::Opened> opened = Journal::open(disk, options());
  if (!opened) {
    ASSERT(opened.error().code == oki::Errc::corrupt);
    return;
  }
  const oki::LogIndex last =
      opened->log.entries.empty() ? opened->log.compacted : opened->log.entries.back().index;
  if (last.value == ~std::uint64_t{0}) return;  // No index comes after it.
  const Entry entry{{last.value + 1}, {1}, 0, "more"};
  bool appended = false;
  opened->journal->append(std::nullopt, {entry}, [&](const oki::Result<void>& result) {
    ASSERT(result.has_value());
    appended = true;
  });
  ASSERT(appended);
  const oki::Result<Journal::Opened> again = Journal::open(disk, options());
  ASSERT(again.has_value());
  ASSERT(again->log.entries.size() == opened->log.entries.size() + 1);
  ASSERT(again->log.entries.back() == entry);
  ASSERT(again->log.hard_state == opened->log.hard_state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const char*>(data), size);
  check_segment(segment_of(input));
  Bytes raw(input.substr(0, segment_bytes));
  raw.resize(segment_bytes);
  check_segment(std::move(raw));
  return 0;
}
