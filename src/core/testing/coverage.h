// Which rules a run of commands has reached, seen from outside: refusals, kinds of events, the
// words of orders (types, times in force, self-trade, positions), reasons, stops, states of
// markets, margin and money, and the timers that must have fired.
//
// What no command can reach is listed by name with the reason; reaching it is a finding, too: the
// list is then wrong.
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

  // What was never seen, by name, and what was seen although it is listed as unreachable.
  std::vector<std::string> missing() const;

  // What no command can reach, one line each: its name and why.
  static std::vector<std::string> unreachable();

  // For the way between processes.
  Bytes bytes() const;
  void merge(ByteView bytes);

 private:
  void saw(const Event& event, bool tick);
  void saw_order(const OrderView& order);
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
    types,
    forces,
    self_trades,
    positions,
    stops,
    credits,
    withdrawals,
    set_count
  };
  std::array<std::bitset<bits>, set_count> sets_;
  std::array<MarketState, markets_max> markets_{};
};

}  // namespace oki::core
