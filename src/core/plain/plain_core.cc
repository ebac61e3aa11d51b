#include "core/plain/plain_core.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "core/plain/apply.h"
#include "core/plain/market_state.h"
#include "core/plain/snapshot.h"
#include "core/plain/step.h"
#include "core/plain/timers.h"
#include "core/plain/triggers.h"

namespace oki::core::plain {

PlainCore::PlainCore(const CoreLimits& limits) : state_(std::make_unique<State>(limits)) {}
PlainCore::~PlainCore() = default;
PlainCore::PlainCore(PlainCore&&) noexcept = default;
PlainCore& PlainCore::operator=(PlainCore&&) noexcept = default;

void PlainCore::apply(WallTimeMs time, ByteView bytes, Bytes& reply_out, Bytes& events) {
  State& state = *state_;
  ASSERT(time >= state.time);
  state.time = time;
  ++state.number;
  state.triggers_left = state.limits.triggers_per_command_max;
  fire_timers(state, events);
  fire_triggers(state, events);
  Reply reply;
  reply.refusal = Refusal::malformed;
  if (const std::optional<Command> command = decode_command(bytes)) {
    const auto body = [&] {
      const auto apply_one = [&](const auto& x) { return plain::apply(state, x, reply); };
      reply.refusal = std::visit(apply_one, *command);
    };
    if (!run_step(state, StepKind::command, 0, events, body, [] {})) {
      reply = {};
      reply.refusal = Refusal::quarantined;
    }
  }
  fire_triggers(state, events);
  append(reply_out, reply);
}

Bytes PlainCore::snapshot() const { return write_snapshot(*state_); }

Result<PlainCore> PlainCore::restore(ByteView snapshot, const CoreLimits& limits) {
  PlainCore core(limits);
  if (auto result = read_snapshot(snapshot, *core.state_); !result) {
    return tl::unexpected(std::move(result.error()));
  }
  return core;
}

std::uint64_t PlainCore::hash() const {
  // The snapshot ends with the hash of everything before it.
  const Bytes bytes = snapshot();
  return Reader(ByteView(bytes).substr(bytes.size() - 8)).u64();
}

void PlainCore::verify() const {
  const char* const fault = state_fault(*state_);
  ASSERT(fault == nullptr);
}

std::optional<WallTimeMs> PlainCore::next_timer() const { return plain::next_timer(*state_); }
WallTimeMs PlainCore::applied_at() const { return state_->time; }
std::uint64_t PlainCore::applied() const { return state_->number; }
std::uint32_t PlainCore::release() const { return state_->counters.release; }

PlainCore::Balance PlainCore::balance(AccountId account, AssetId asset) const {
  const Pockets* own = state_->balances.find({account, asset});
  if (own == nullptr) return {account, asset, {}, {}, {}};
  return {account, asset, own->free, own->held, own->withdrawing};
}

std::vector<PlainCore::Balance> PlainCore::balances() const {
  std::vector<Balance> balances;
  for (const auto& [key, own] : state_->balances.rows()) {
    if (own == Pockets{}) continue;
    balances.push_back({key.first, key.second, own.free, own.held, own.withdrawing});
  }
  return balances;
}

Amount PlainCore::paid_in(AssetId asset) const {
  const Asset* found = state_->assets.find(asset);
  return found == nullptr ? Amount{} : found->liabilities;
}

Amount PlainCore::holdings(AssetId asset) const {
  const Asset* found = state_->assets.find(asset);
  return found == nullptr ? Amount{} : found->holdings;
}

std::vector<OrderView> PlainCore::open_orders() const {
  std::vector<OrderView> orders;
  for (const auto& [id, order] : state_->orders.rows()) orders.push_back(order.view);
  return orders;
}

std::size_t PlainCore::markets() const { return state_->markets.size(); }

MarketState PlainCore::market_state(MarketId market) const {
  if (state_->markets.has(market)) return plain::market_state(*state_, market);
  MarketState none;
  none.market = market;
  return none;
}

std::vector<PlainCore::Level> PlainCore::levels(MarketId market, Side side) const {
  std::vector<Level> levels;
  const auto& rows = state_->levels.rows();
  for (auto row = rows.lower_bound({market, side, Price{}});
       row != rows.end() && row->first.market == market && row->first.side == side; ++row) {
    levels.push_back({row->first.price, row->second});
  }
  if (side == Side::buy) std::reverse(levels.begin(), levels.end());
  return levels;
}

Sequence PlainCore::sequence(MarketId market) const {
  const Market* found = state_->markets.find(market);
  return found == nullptr ? Sequence{} : found->sequence;
}

std::vector<Position> PlainCore::positions() const {
  std::vector<Position> positions;
  for (const auto& [key, position] : state_->positions.rows()) positions.push_back(position);
  return positions;
}

PlainCore::Margin PlainCore::margin(AccountId account) const {
  const Account* found = state_->accounts.find(account);
  if (found == nullptr) return {};
  return {found->margin_allowed, found->margin_status, found->debt};
}

std::vector<WithdrawalChanged> PlainCore::withdrawals() const {
  std::vector<WithdrawalChanged> withdrawals;
  for (const auto& [id, withdrawal] : state_->withdrawals.rows()) {
    withdrawals.push_back(withdrawal);
  }
  return withdrawals;
}

}  // namespace oki::core::plain
