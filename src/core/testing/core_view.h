// Everything that a core shows through its interface, as events that are put one after the other:
// equal states give equal bytes, and what differs can be described. Where no event fits, the next
// best one carries the numbers.
#pragma once

#include "core/commands.h"
#include "core/core.h"
#include "core/events.h"

namespace oki::core {

template <typename T>
Bytes view_of(const T& core) {
  constexpr std::uint16_t markets_max = 256;
  constexpr std::uint16_t assets_max = 256;
  constexpr std::uint64_t margin_accounts = 128;
  Bytes out;
  append(out, DeadManSet{AccountId{}, core.applied_at()});
  if constexpr (requires { core.next_timer(); }) {
    const std::optional<WallTimeMs> due = core.next_timer();
    append(out, DeadManSet{AccountId{due.has_value() ? 1u : 0u}, due.value_or(WallTimeMs{})});
    append(out, ReleaseReported{core.applied(), core.release()});
    for (const WithdrawalChanged& open : core.withdrawals()) append(out, open);
    for (std::uint64_t account = 0; account < margin_accounts; ++account) {
      const auto margin = core.margin(AccountId{account});
      append(out, MarginChanged{AccountId{account}, margin.allowed, margin.status, margin.debt});
    }
  }
  for (const auto& balance : core.balances()) {
    append(out, BalanceChanged{balance.account, balance.asset, balance.free, balance.held,
                               balance.withdrawing});
  }
  for (std::uint16_t asset = 0; asset < assets_max; ++asset) {
    const Amount paid_in = core.paid_in(AssetId{asset});
    Amount holdings;
    if constexpr (requires { core.holdings(AssetId{asset}); }) {
      holdings = core.holdings(AssetId{asset});
    }
    if (paid_in.value > 0 || holdings.value > 0) {
      append(out, HoldingsChanged{AssetId{asset}, holdings, paid_in, {}});
    }
  }
  for (const OrderView& order : core.open_orders()) append(out, OrderAccepted{order});
  for (std::uint16_t market = 0; market < core.markets() && market < markets_max; ++market) {
    const MarketId id{market};
    if constexpr (requires { core.market_state(id); }) {
      const std::optional<MarketState> state = core.market_state(id);
      if (state) append(out, MarketChanged{*state});
    }
    for (const Side side : {Side::buy, Side::sell}) {
      for (const auto& level : core.levels(id, side)) {
        append(out, LevelChanged{id, side, level.price, level.lots, core.sequence(id)});
      }
    }
  }
  if constexpr (requires { core.positions(); }) {
    for (const Position& position : core.positions()) append(out, PositionChanged{position});
  }
  return out;
}

}  // namespace oki::core
