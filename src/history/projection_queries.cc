// What a Projection answers.
#include <algorithm>
#include <iterator>

#include "history/projection_state.h"

namespace oki::history {

LogIndex Projection::index() const { return state_->index; }
WallTimeMs Projection::time() const { return state_->time; }
std::uint64_t Projection::event_hash() const { return state_->event_hash; }

const std::vector<core::AssetSpec>& Projection::assets() const {
  return state_->reference.assets();
}

const std::vector<core::MarketSpec>& Projection::markets() const {
  return state_->reference.markets();
}

std::optional<core::MarketId> Projection::market(ByteView name) const {
  const auto found = std::ranges::find(markets(), name, &core::MarketSpec::name);
  if (found == markets().end()) return std::nullopt;
  return core::MarketId{static_cast<std::uint16_t>(found - markets().begin())};
}

std::optional<core::AssetId> Projection::asset(ByteView name) const {
  const auto found = std::ranges::find(assets(), name, &core::AssetSpec::name);
  if (found == assets().end()) return std::nullopt;
  return core::AssetId{static_cast<std::uint16_t>(found - assets().begin())};
}

const Projection::ApiKey* Projection::api_key(ByteView key) const {
  return state_->reference.api_key(key);
}

const Projection::Account* Projection::account(core::AccountId id) const {
  return state_->reference.account(id);
}

std::vector<Level> Projection::levels(core::MarketId market, core::Side side,
                                      std::size_t levels_max) const {
  const MarketData* data = state_->market(market);
  return data ? data->levels(side, levels_max) : std::vector<Level>{};
}

core::Lots Projection::lots_beyond(core::MarketId market, core::Side side,
                                   std::size_t levels_max) const {
  const MarketData* data = state_->market(market);
  return data ? data->lots_beyond(side, levels_max) : core::Lots{};
}

core::Sequence Projection::sequence(core::MarketId market) const {
  const MarketData* data = state_->market(market);
  return data ? data->sequence() : core::Sequence{};
}

WallTimeMs Projection::book_changed_at(core::MarketId market) const {
  const MarketData* data = state_->market(market);
  return data ? data->book_changed_at() : WallTimeMs{};
}

Ticker Projection::ticker(core::MarketId market, WallTimeMs now) const {
  const MarketData* data = state_->market(market);
  return data ? data->ticker(now) : Ticker{};
}

std::vector<PublicTrade> Projection::newest_trades(core::MarketId market,
                                                   std::size_t trades_max) const {
  const MarketData* data = state_->market(market);
  return data ? data->newest_trades(trades_max) : std::vector<PublicTrade>{};
}

std::vector<PublicTrade> Projection::trades_between(core::MarketId market, WallTimeMs from,
                                                    WallTimeMs to) const {
  const MarketData* data = state_->market(market);
  return data ? data->trades_between(from, to) : std::vector<PublicTrade>{};
}

std::vector<Candle> Projection::candles(core::MarketId market, CandleType type, WallTimeMs from,
                                        WallTimeMs to) const {
  const MarketData* data = state_->market(market);
  if (data == nullptr) return {};
  return data->candles(type).between(from, to, state_->time, state_->limits.candles_max);
}

std::size_t Projection::active_order_count() const { return state_->own.active_order_count(); }
std::size_t Projection::balance_count() const { return state_->own.balance_count(); }

core::MarketState Projection::market_state(core::MarketId market) const {
  const MarketData* data = state_->market(market);
  return data ? data->state() : core::MarketState{};
}

AuctionEstimate Projection::auction_estimate(core::MarketId market) const {
  const MarketData* data = state_->market(market);
  return data ? data->estimate() : AuctionEstimate{};
}

AuctionResult Projection::auction_result(core::MarketId market) const {
  const MarketData* data = state_->market(market);
  return data ? data->result() : AuctionResult{};
}

Funds Projection::funds(core::AssetId asset) const { return state_->house.funds(asset); }

bool Projection::withdrawals_frozen(core::AssetId asset) const {
  return state_->house.withdrawals_frozen(asset);
}

std::uint32_t Projection::collateral_ppm(core::AssetId asset) const {
  return state_->house.collateral_ppm(asset);
}

const std::deque<QuarantinedStep>& Projection::quarantines() const {
  return state_->house.quarantines();
}

std::uint32_t Projection::release() const { return state_->house.release(); }
const std::map<std::uint64_t, std::uint32_t>& Projection::node_releases() const {
  return state_->house.node_releases();
}

Balance Projection::balance(core::AccountId account, core::AssetId asset) const {
  return state_->own.balance(account, asset);
}

const core::OrderView* Projection::order(core::OrderId id) const { return state_->own.order(id); }

const core::OrderView* Projection::order(core::AccountId account, ByteView client_order_id) const {
  return state_->own.order(account, client_order_id);
}

std::vector<const core::OrderView*> Projection::active_orders(core::AccountId account) const {
  return state_->own.active_orders(account);
}

std::vector<AccountTrade> Projection::account_trades(core::AccountId account) const {
  return state_->own.account_trades(account);
}

std::vector<Deposit> Projection::deposits(core::AccountId account) const {
  return state_->accounts.deposits(account);
}

const Withdrawal* Projection::withdrawal(core::WithdrawalId id) const {
  return state_->accounts.withdrawal(id);
}

std::vector<const Withdrawal*> Projection::withdrawals(core::AccountId account) const {
  return state_->accounts.withdrawals(account);
}

std::vector<const Withdrawal*> Projection::open_withdrawals() const {
  return state_->accounts.open_withdrawals();
}

std::vector<core::Position> Projection::positions(core::AccountId account) const {
  return state_->accounts.positions(account);
}

Margin Projection::margin(core::AccountId account) const {
  return state_->accounts.margin(account);
}

Restrictions Projection::restrictions(core::AccountId account) const {
  return state_->accounts.restrictions(account);
}

WallTimeMs Projection::dead_man_at(core::AccountId account) const {
  return state_->accounts.dead_man_at(account);
}

bool Projection::has_all_trades(core::AccountId account) const {
  return state_->own.trade_count(account) < state_->limits.account_trades_max;
}

bool Projection::has_all_deposits(core::AccountId account) const {
  return deposits(account).size() < state_->limits.deposits_per_account_max;
}

bool Projection::has_all_withdrawals(core::AccountId account) const {
  return state_->accounts.closed_withdrawal_count(account) <
         state_->limits.closed_withdrawals_per_account_max;
}

std::uint64_t Projection::deposit_count() const { return state_->accounts.deposit_count(); }

std::vector<core::Position> Projection::all_positions() const {
  return state_->accounts.all_positions();
}

std::vector<const core::OrderView*> Projection::closed_orders() const {
  return state_->own.closed_orders();
}

std::vector<core::AccountId> Projection::accounts_seen() const {
  std::vector<core::AccountId> ids = state_->own.accounts();
  const std::vector<core::AccountId> others = state_->accounts.accounts();
  std::vector<core::AccountId> all;
  std::ranges::set_union(ids, others, std::back_inserter(all));
  return all;
}

}  // namespace oki::history
