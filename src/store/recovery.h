// Reads the journal's segments back after a restart. docs/formats/journal.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "store/frame.h"
#include "store/journal.h"

namespace oki::store {

constexpr const char* new_segment_name = "journal-new";  // Being written; no part of the log.

std::string segment_name(std::uint64_t number);  // "journal-" and sixteen hexadecimal digits.
std::optional<std::uint64_t> segment_number(ByteView name);

struct SegmentFile {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  LogIndex last;  // The highest index in it; 0 when it holds no entry that counts.
};

struct Recovery {
  RecoveredLog log;
  LogIndex last;                      // Of the log, also when its entries are compacted.
  std::vector<SegmentFile> segments;  // Oldest first; the last one is being written.
  std::vector<SegmentFile> ready;     // Without frames, by number: recycled or new ones.
  bool leftover = false;              // A segment that was being written when the process ended.
  std::uint64_t offset = 0;           // Of the next frame in the last of `segments`.
  std::uint64_t frame = 1;            // Number of the next frame.
  std::uint32_t previous = 0;         // Last crc of the frame before it.
};

Result<Recovery> recover_journal(Disk& disk);

}  // namespace oki::store
