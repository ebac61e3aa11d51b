// What a status site knows, and what it may say about it now.
//
// Leases and documents are taken only when their signature is right and their serial is above the
// last one, so that nothing old can be played again. The colour is computed when somebody asks:
//
// Invariants: (1) `overall` is operational only under a lease that was received by this process,
// says operational, was issued no later than lease_skew_ms_max after now, and is unexpired both by
// the wall clock and by the time since it arrived (a clock set back prolongs nothing). (2) A lease
// read back from disk never makes green. (3) Everything is bounded: one lease, one document, one
// board, unknown_periods_max periods. (4) A board changes no state.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "notify/incidents.h"
#include "notify/lease.h"
#include "notify/notice_board.h"
#include "notify/status_document.h"

namespace oki::notify {

// How far the clocks of watch and site may lie apart before leases come from the future.
constexpr std::int64_t lease_skew_ms_max = 500;
constexpr std::size_t unknown_periods_max = 200;

// A silence from at most so long before this site's own start to at most so long after it is its
// own restart and says nothing about the monitoring; it is not kept.
constexpr std::int64_t restart_grace_ms = 10'000;

// In order of checking.
enum class [[nodiscard]] Acceptance : std::uint8_t {
  accepted,
  malformed,
  forged,  // Not signed by the watch.
  stale,   // Its serial is not above the last one.
};
const char* name(Acceptance acceptance);

// One answer to "how is it?". Pointers live until the next call of accept() or view().
struct StatusView {
  WallTimeMs now;
  bool is_copy = false;  // Written out to be read later: it says what was, not what is.
  State overall = State::unknown;
  Reason reason = Reason::monitoring_lost;
  std::optional<WallTimeMs> since;      // It is so, or not green; nothing before any lease.
  std::optional<WallTimeMs> proven_at;  // When trading was last known to work.
  std::uint32_t leader_seat = 0;
  Term leader_term;
  std::vector<LeaseRow> rows;  // All unknown when there is no valid lease.
  const StatusDocument* document = nullptr;
  const NoticeBoard* board = nullptr;                   // What people say; it is no state.
  const std::vector<UnknownPeriod>* unknown = nullptr;  // Oldest first; the last may be open.
  std::vector<Incident> incidents;                      // Newest first.
};

class StatusTruth {
 public:
  // REQUIRES: `clock` outlives this.
  StatusTruth(const Clock& clock, Bytes public_key);

  Acceptance accept(ByteView envelope);
  StatusView view();

  std::uint64_t lease_serial() const { return lease_ ? lease_->serial : 0; }
  std::uint64_t document_sequence() const { return document_.sequence; }
  std::uint64_t board_sequence() const { return board_.sequence; }

  // Rises whenever something changed that a restart should not forget: not for mere renewals.
  std::uint64_t changes() const { return changes_; }

  // For the disk. Format: docs/formats/status.md.
  Bytes save() const;

  // Takes back what save() gave, with all signatures checked again.
  Result<void> restore(ByteView saved);

 private:
  Acceptance accept_lease(ByteView envelope);
  Acceptance accept_document(ByteView envelope);
  Acceptance accept_board(ByteView envelope);
  bool is_live(WallTimeMs wall, MonoTimeNs mono) const;

  // Opens or ends the current unknown period, as of now.
  void refresh();
  void end_unknown(WallTimeMs at);
  Result<void> restore_envelopes(ByteView lease, ByteView document, ByteView board);

  const Clock& clock_;
  Bytes public_key_;
  WallTimeMs started_at_;
  bool spans_start_ = false;  // The open period began before a lease came to this process.
  std::optional<Lease> lease_;
  std::optional<MonoTimeNs> lease_received_;  // Nothing: read back from disk.
  std::optional<WallTimeMs> proven_at_;
  Bytes lease_envelope_;
  StatusDocument document_;
  Bytes document_envelope_;
  NoticeBoard board_;
  Bytes board_envelope_;
  std::vector<UnknownPeriod> unknown_;
  std::uint64_t changes_ = 0;
};

}  // namespace oki::notify
