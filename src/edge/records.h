// The edge's durable memory of requests that failed (records_format.h), bounded and off the path of
// everything that succeeds.
//
// add() only appends to memory; one write at a time brings what has gathered meanwhile to the disk,
// durable as one frame. Format: segments of a fixed size, each written as zeros first; frames
// {u32 magic, u32 payload length, u64 segment, u32 offset, u32 crc32c of the header before it and
// the payload, payload of whole records}, one right behind the other. docs/formats/edge-records.md.
//
// Recovery: frames are read until the first that does not verify. A valid one after it is damage
// and refused (Errc::corrupt); otherwise it is the write that a power cut interrupted, dropped and
// written over. The newest `segments_max` segments are kept.
//
// Limits: with `waiting_max` records not yet on their way, more are dropped, counted, and told of
// by a record. After a failed write nothing more is kept and every page says so; the edge goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "edge/records_format.h"

namespace oki::edge {

struct RecordsOptions {
  std::uint32_t segment_bytes = 8u << 20;
  std::size_t segments_max = 16;
  std::size_t waiting_max = 65'536;       // Records in memory.
  std::size_t frame_records_max = 8'192;  // At most 256 KiB a write.
  std::size_t pages_max = 4;              // Being read at once; more are Errc::full.
};

class Records {
 public:
  struct Parts {
    const Clock& clock;
    Log& log;
    Metrics& metrics;
  };

  // Blocking: reads what is there. Writes that the edge has started. REQUIRES: all outlive it.
  static Result<std::unique_ptr<Records>> open(const Parts& parts, Disk& disk,
                                               const RecordsOptions& options);
  ~Records();

  void add(const FailedRequest& record);

  // One update that was refused before its sender was known; told of once a second, as a number.
  void add_unnamed();

  // The records of [from, to] from `place` on (the beginning: {}), those first that were told
  // first; some of them, and where the next are. Errc::full, Errc::corrupt, or the disk's error.
  using PageDone = std::function<void(Result<RecordPage>)>;
  void page(WallTimeMs from, WallTimeMs to, RecordPlace place, PageDone done);

 private:
  class State;
  explicit Records(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // Callbacks of the Disk that come later find it gone.
};

}  // namespace oki::edge
