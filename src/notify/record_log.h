// Records that outlive the process: a snapshot and the records appended since, on the Disk
// interface.
//
// Format (docs/formats/outbox.md): the file NAME.snapshot names the first journal that it does not
// cover; journals are NAME.1, NAME.2 and so on. A journal is frames without gaps; each carries the
// numbers of its journal and its frame, so that old bytes never pass for new ones.
//
// Records appended while a write is under way go to the disk together, in one write. A record is
// there after a crash as a whole or not at all, and only together with all records before it.
//
// Recovery: frames are read until the first that does not verify. When a valid one follows it, that
// is damage and not a torn tail: the log refuses to open (Errc::corrupt). After a failed write
// nobody knows what is on the disk: the log is broken, says so to everyone, and the owner stops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/disk.h"
#include "base/result.h"

namespace oki::notify {

constexpr std::size_t record_bytes_max = 8u << 20;
constexpr std::size_t record_snapshot_bytes_max = 512u << 20;

class RecordLog {
 public:
  using Done = std::function<void(Result<void>)>;

  struct Recovered {
    Bytes snapshot;              // Empty when there never was one.
    std::vector<Bytes> records;  // Those after the snapshot, oldest first.
    bool tail_dropped = false;
  };
  struct Opened;

  // Blocking. The caller rebuilds its state and calls compact() before anything else.
  // REQUIRES: `disk` outlives the log; `name` holds no dot.
  static Result<Opened> open(Disk& disk, const std::string& name);
  ~RecordLog();

  // `done` when the record and all before it would survive a power cut; it may come inside this
  // call. REQUIRES: at most record_bytes_max bytes (ASSERT).
  void append(Bytes record, Done done);

  // `snapshot` stands for every record appended so far; what is appended from now on follows it.
  void compact(Bytes snapshot);

  // Since the last compact().
  std::uint64_t journal_bytes() const;

 private:
  class State;
  explicit RecordLog(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;  // Callbacks of the Disk that come later find it gone.
};

struct RecordLog::Opened {
  std::unique_ptr<RecordLog> log;
  Recovered recovered;
};

}  // namespace oki::notify
