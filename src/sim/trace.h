// What happened in a simulated world: a running hash of all of it, and the last lines to show when
// a check fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash64.h"
#include "base/strong.h"

namespace oki::sim {

#define OKI_SIM_EVENTS(X) \
  X(message_sent)         \
  X(message_lost)         \
  X(message_taken)        \
  X(disk_finished)        \
  X(command_asked)        \
  X(command_answered)     \
  X(command_given_up)     \
  X(block_applied)        \
  X(state_restored)       \
  X(status_changed)       \
  X(crashed)              \
  X(restarted)            \
  X(stopped_itself)       \
  X(paused)               \
  X(resumed)              \
  X(links_changed)        \
  X(links_healed)         \
  X(disk_slowed)          \
  X(disk_filled)          \
  X(disk_freed)           \
  X(disk_wiped)           \
  X(admitted)             \
  X(clock_moved)          \
  X(trap_set)             \
  X(trap_sprung)          \
  X(transfer_asked)       \
  X(phase_changed)

enum class What : std::uint8_t {
#define X(event) event,
  OKI_SIM_EVENTS(X)
#undef X
};

const char* name(What what);

class Trace {
 public:
  // `a` and `b` mean what the event says; `node` is a seat, 0 for none.
  void add(MonoTimeNs now, What what, std::uint32_t node, std::uint64_t a = 0, std::uint64_t b = 0);

  std::uint64_t events() const { return events_; }
  std::uint64_t hash() const { return hash_.value(); }

  // The last events as text, oldest first, messages left out when `quiet`.
  std::string tail(std::size_t lines_max, bool quiet) const;

 private:
  struct Line {
    MonoTimeNs time;
    What what;
    std::uint32_t node;
    std::uint64_t a, b;
  };
  static constexpr std::size_t kept_max = 16384;

  std::uint64_t events_ = 0;
  Hash64 hash_;
  std::vector<Line> ring_;
};

}  // namespace oki::sim
