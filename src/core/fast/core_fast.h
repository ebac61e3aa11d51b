// The exchange as a pure function of its commands, made for speed; docs/rules.md says what it does,
// core/core.h says what its functions promise.
//
// State is flat tables of plain rows (fast/table.h); each step keeps what it changes, so that
// checkers look at no more than that and a step that breaks one is taken back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/core.h"

namespace oki::core {

namespace fast {
struct State;
}

class FastCore {
 public:
  using Balance = Core::Balance;
  using Level = Core::Level;

  explicit FastCore(const CoreLimits& limits);
  ~FastCore();
  FastCore(FastCore&&) noexcept;
  FastCore& operator=(FastCore&&) noexcept;

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events);

  // When a Tick should be proposed; nothing while nothing waits.
  std::optional<WallTimeMs> next_timer() const;

  // Gives the snapshot piece by piece, each of at most snapshot_piece_bytes_max: a child of fork()
  // can write a large one without holding it. False from the sink ends it.
  static constexpr std::size_t snapshot_piece_bytes_max = std::size_t{1} << 20;
  bool stream_snapshot(const std::function<bool(ByteView)>& sink) const;
  Bytes snapshot() const;
  static Result<FastCore> restore(ByteView snapshot, const CoreLimits& limits);

  // Of all events ever told and of what has no events; costs nothing.
  std::uint64_t hash() const;
  void verify() const;

  // --- For checkers, tests and tools; what does not exist is 0 or empty.
  WallTimeMs applied_at() const;
  std::uint64_t applied() const;
  Balance balance(AccountId account, AssetId asset) const;
  std::vector<Balance> balances() const;
  Amount paid_in(AssetId asset) const;
  Amount holdings(AssetId asset) const;
  std::vector<OrderView> open_orders() const;
  std::size_t markets() const;
  std::vector<Level> levels(MarketId market, Side side) const;
  Sequence sequence(MarketId market) const;
  MarketState market_state(MarketId market) const;
  std::vector<Position> positions() const;
  struct Margin {
    bool allowed = false;
    MarginStatus status = MarginStatus::normal;
    Amount debt;
    friend bool operator==(const Margin&, const Margin&) = default;
  };
  Margin margin(AccountId account) const;
  std::vector<WithdrawalChanged> withdrawals() const;  // Open ones, by id.
  std::uint32_t release() const;

 private:
  explicit FastCore(std::unique_ptr<fast::State> state);
  std::unique_ptr<fast::State> state_;
};

}  // namespace oki::core
