// The replica's log on disk: entries and the hard state of consensus, each append durable as one.
//
// Format (docs/formats/journal.md): pre-written segments of a fixed size, recycled when the log is
// compacted. One append is one frame (a very large one several): header {magic, segment number,
// frame number, offset, length, last crc of the frame before, crc of the header}, payload (hard
// state and entries), crc32c of the payload continued from the header's, so that neither bytes of
// an earlier life of the segment nor bytes inside an entry can pass for a frame. Frames are
// numbered without gaps over all segments.
//
// Recovery: frames are read until the first that does not verify. Nothing valid may follow it: a
// bad frame that is followed by a valid one of a higher number is damage, not a torn tail, and the
// journal refuses to open (Errc::corrupt; the node is to be re-seeded from its peers). A bad last
// frame is the append that a power cut interrupted: it was never acknowledged and is dropped.
//
// Appends run one after the other. A failed write is reported once to `done`; afterwards the
// Journal is broken, refuses everything, and the process must stop. The next segment is written
// ahead in small pieces between the appends, so that no append waits for it; when the disk is too
// full for that, it is tried once more by the append that needs it.
//
// Invariants: (1) a segment is given up only when a durable record says that all its entries are
// compacted or replaced by a snapshot; (2) segments are given up oldest first.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/disk.h"
#include "base/result.h"
#include "base/strong.h"

namespace oki::store {

struct Entry {
  LogIndex index;
  Term term;
  std::uint8_t type = 0;  // The engine's; the journal only keeps it.
  Bytes data;

  friend bool operator==(const Entry&, const Entry&) = default;
};

struct HardState {
  Term term;
  NodeId vote;  // 0: none.
  LogIndex commit;

  friend bool operator==(const HardState&, const HardState&) = default;
};

struct JournalOptions {
  std::uint64_t segment_bytes = 64u << 20;
  std::size_t entry_bytes_max = 8u << 20;   // One more byte is a bug of the caller (ASSERT).
  std::size_t frame_bytes_max = 16u << 20;  // An append with more becomes several frames.
  std::size_t spare_segments_max = 2;       // Kept for recycling; more are removed.
};

// What a restart finds. `entries` are contiguous and start after `compacted`.
struct RecoveredLog {
  HardState hard_state;
  LogIndex compacted;  // Entries up to here are gone: a snapshot at or above it must exist.
  Term compacted_term;
  std::vector<Entry> entries;
  bool tail_dropped = false;  // A torn last append was found and dropped.
};

class Journal {
 public:
  using Done = std::function<void(Result<void>)>;

  struct Opened;

  // Blocking. An empty directory gives an empty log. REQUIRES: `disk` outlives the Journal.
  static Result<Opened> open(Disk& disk, const JournalOptions& options);
  ~Journal();

  // Appends `entries` (contiguous; the first may overwrite: it then removes everything from its
  // index on) and the hard state where it changed. `done` when all of it would survive a power cut.
  // After a power cut before that, a prefix of the entries may be there without the new commit.
  void append(const std::optional<HardState>& hard_state, const std::vector<Entry>& entries,
              Done done);

  // Entries up to `index` are covered by a durable snapshot: forget them when convenient.
  // REQUIRES: `index` is not above the last entry. An index already compacted is ignored.
  void compact(LogIndex index, Term term);

  // A snapshot replaced the log: it is empty and starts after `index`.
  void reset(LogIndex index, Term term, const HardState& hard_state, Done done);

  std::uint64_t bytes_on_disk() const;

 private:
  class State;
  explicit Journal(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // Callbacks of the Disk that come later find it gone.
};

struct Journal::Opened {
  std::unique_ptr<Journal> journal;
  RecoveredLog log;
};

}  // namespace oki::store
