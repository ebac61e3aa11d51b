// Which rules a run of commands has reached, seen from outside: refusals, kinds of events, reasons,
// states of markets and margin, and the timers that must have fired.
#pragma once

#include <array>
#include <bitset>
#include <string>
#include <vector>

#include "core/commands.h"
#include "core/events.h"

namespace oki::core {

class Coverage {
 public:
  // Of one command. REQUIRES: whole bytes.
  void saw(ByteView command, ByteView reply, ByteView events);
  void merge(const Coverage& other);

  std::size_t refusals() const { return sets_[refused].count(); }
  std::size_t event_kinds() const { return sets_[kinds].count(); }

  // What was never seen, by name; without what no command can reach.
  std::vector<std::string> missing() const;

  // For the way between processes.
  Bytes bytes() const;
  void merge(ByteView bytes);

 private:
  void saw(const Event& event, bool tick);
  void saw_market(const MarketState& state, bool tick);

  static constexpr std::size_t markets_max = 256;
  static constexpr std::size_t bits = 128;
  enum Set : std::uint8_t {
    commands,
    refused,
    kinds,
    reasons,
    statuses,
    modes,
    loads,
    fee_types,
    margins,
    timers,
    set_count
  };
  std::array<std::bitset<bits>, set_count> sets_;
  std::array<MarketState, markets_max> markets_{};
};

}  // namespace oki::core
