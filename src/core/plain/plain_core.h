// The exchange in the plainest way: sorted tables, the obvious algorithm, nothing kept that can be
// found by looking. It is written from docs/rules.md alone, as the oracle for a faster one; its
// interface is that of core/core.h.
#pragma once

#include "core/core.h"

namespace oki::core::plain {

struct State;

class PlainCore {
 public:
  using Balance = Core::Balance;
  using Level = Core::Level;
  using Margin = Core::Margin;

  explicit PlainCore(const CoreLimits& limits);
  ~PlainCore();
  PlainCore(PlainCore&&) noexcept;
  PlainCore& operator=(PlainCore&&) noexcept;

  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events);

  Bytes snapshot() const;
  static Result<PlainCore> restore(ByteView snapshot, const CoreLimits& limits);
  std::uint64_t hash() const;
  void verify() const;

  std::optional<WallTimeMs> next_timer() const;
  WallTimeMs applied_at() const;
  std::uint64_t applied() const;
  std::uint32_t release() const;
  Balance balance(AccountId account, AssetId asset) const;
  std::vector<Balance> balances() const;
  Amount paid_in(AssetId asset) const;
  Amount holdings(AssetId asset) const;
  std::vector<OrderView> open_orders() const;
  std::size_t markets() const;
  MarketState market_state(MarketId market) const;
  std::vector<Level> levels(MarketId market, Side side) const;
  Sequence sequence(MarketId market) const;
  std::vector<Position> positions() const;
  Margin margin(AccountId account) const;
  std::vector<WithdrawalChanged> withdrawals() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace oki::core::plain
