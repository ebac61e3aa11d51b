// Bugs planted on purpose, so that the simulator, and the checkers of the core, can prove that they
// would find them.
//
// A shipped build has none: PLANTED(bug) is the constant false there and the compiler drops the
// branch. Only two targets compile the sources with OKI_PLANTED=1: `sim_planted` switches on one
// bug of the first list by name and must then report a violation; `core_planted_test` switches on
// those of the second list, which the core itself must find, undo and name.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace oki {

#define OKI_PLANTED_BUGS(X)         \
  X(message_before_fsync)           \
  X(hard_state_dropped)             \
  X(apply_before_durable)           \
  X(advance_before_fsync)           \
  X(sessions_missing_from_snapshot) \
  X(torn_record_accepted)           \
  X(reply_before_commit)            \
  X(message_term_changed)           \
  X(apply_twice_after_restart)      \
  X(entries_reordered_in_batch)     \
  X(snapshot_ahead_of_applied)      \
  X(damage_taken_for_a_tail)        \
  X(overwritten_suffix_kept)

// They strike only orders of planted_lots, so that the next command runs.
#define OKI_PLANTED_CORE_BUGS(CORE) \
  CORE(core_fee_from_nowhere)       \
  CORE(core_hold_forgotten)         \
  CORE(core_assertion_fails)        \
  CORE(core_book_left_crossed)      \
  CORE(core_position_oversold)      \
  CORE(core_unapproved_withdrawal)  \
  CORE(core_trigger_fails)          \
  CORE(core_timer_fails)
constexpr std::uint64_t planted_lots = 4'242;

enum class PlantedBug : std::uint8_t {
  none,
#define X(bug) bug,
  OKI_PLANTED_BUGS(X) OKI_PLANTED_CORE_BUGS(X)
#undef X
};

constexpr const char* name(PlantedBug bug) {
  switch (bug) {
    case PlantedBug::none:
      break;
#define X(bug)          \
  case PlantedBug::bug: \
    return #bug;
      OKI_PLANTED_BUGS(X)
      OKI_PLANTED_CORE_BUGS(X)
#undef X
  }
  return "none";
}

inline std::optional<PlantedBug> planted_bug_named(ByteView text) {
#define X(bug) \
  if (text == #bug) return PlantedBug::bug;
  OKI_PLANTED_BUGS(X)
#undef X
  return std::nullopt;
}

#if defined(OKI_PLANTED) && OKI_PLANTED
inline PlantedBug planted_bug = PlantedBug::none;  // Set once, before anything runs.
inline bool planted(PlantedBug bug) { return planted_bug == bug; }
#else
#endif

}  // namespace oki

#if defined(OKI_PLANTED) && OKI_PLANTED
#define PLANTED(bug) ::oki::planted(::oki::PlantedBug::bug)
#else
#define PLANTED(bug) false
#endif
