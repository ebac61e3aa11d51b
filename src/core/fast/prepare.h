// Fetching ahead: with 100,000 accounts nothing that a command needs is in a cache, and each thing
// is found only through another one. A caller that has several commands at once names each some
// commands before its turn; then its lines are on their way, step by step, while others are
// applied.
//
// Nothing of it is state: a hint may be stale or wrong, and costs a line of the cache then.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "core/fast/table.h"
#include "core/types.h"

namespace oki::core::fast {

struct State;

class Lookahead {
 public:
  // Call it once for each command, `ahead` commands before it is applied, in the order of applying.
  static constexpr std::size_t steps = 4, commands_per_step = 2;
  static constexpr std::size_t ahead = steps * commands_per_step;
  void prepare(const State& state, ByteView command);

 private:
  struct Hint {
    bool places = false;  // Otherwise it names an order, or is not known here.
    Side side = Side::buy;
    MarketId market;
    Price price;
    AccountId account;
    OrderId order_id;
    Row account_row = 0;
    Row seat = 0;
    Row order = 0;  // The one that it names, or the first one that it meets.
  };

  static bool read(const State& state, ByteView command, Hint& hint);
  static void fetch_ids(const State& state, const Hint& hint, KeyId key);
  static void fetch_rows(const State& state, Hint& hint);
  static void fetch_seats(const State& state, Hint& hint);
  static void fetch_purses(const State& state, const Hint& hint);

  // The hint that was given so many calls ago.
  Hint& before(std::size_t calls) { return hints_[(next_ - calls) % hints_.size()]; }

  std::array<Hint, 8> hints_{};
  static_assert(ahead <= 8);
  std::size_t next_ = 0;
};

}  // namespace oki::core::fast
