// Whether an edge turns most requests away at first.
//
// A prober asks again for 400 ms and so gets through where a customer who asks once does not: with
// half of all reads refused for load (429, 503) nearly every test trade succeeds in the end. What
// customers feel is the first try, so first tries are counted, those of reads without a key and
// those of signed requests apart: the edge turns most away when of either kind, within the last
// turned_away_window_ms, half came to nothing, and at least turned_away_tries_min were made. It is
// over when less than a quarter of both do. Silence changes nothing.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace oki::watch {

constexpr std::int64_t turned_away_window_ms = 3'000;
constexpr std::uint32_t turned_away_tries_min = 4;

struct FirstTries {
  std::uint32_t made = 0;
  std::uint32_t turned_away = 0;  // Refused for load, unavailable, or without an answer.

  FirstTries& operator+=(const FirstTries& more) {
    made += more.made;
    turned_away += more.turned_away;
    return *this;
  }
};

class TurnedAway {
 public:
  // The first tries of one test trade, of both kinds. REQUIRES: `now` never goes back.
  bool add(const FirstTries& reads, const FirstTries& orders, MonoTimeNs now);

  bool most() const { return most_; }

 private:
  static constexpr std::int64_t slot_ms = 500;
  static constexpr std::size_t slots = turned_away_window_ms / slot_ms;
  struct Slot {
    FirstTries reads, orders;
  };

  void pass_to(std::int64_t number);

  std::array<Slot, slots> slots_{};
  std::int64_t number_ = 0;  // Of the newest slot, since the clock began.
  bool most_ = false;
};

}  // namespace oki::watch
