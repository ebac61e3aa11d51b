// The core that ships, behind its interface.
#include "core/core.h"

#include <utility>

#include "core/plain/plain_core.h"

namespace oki::core {

Core::Core(const CoreLimits& limits) : core_(std::make_unique<plain::PlainCore>(limits)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

void Core::apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
  core_->apply(time, command, reply, events);
}

Bytes Core::snapshot() const { return core_->snapshot(); }

Result<Core> Core::restore(ByteView snapshot, const CoreLimits& limits) {
  auto restored = plain::PlainCore::restore(snapshot, limits);
  if (!restored) return tl::unexpected(std::move(restored.error()));
  Core core(limits);
  *core.core_ = std::move(*restored);
  return core;
}

std::uint64_t Core::hash() const { return core_->hash(); }
void Core::verify() const { core_->verify(); }
std::optional<WallTimeMs> Core::next_timer() const { return core_->next_timer(); }
WallTimeMs Core::applied_at() const { return core_->applied_at(); }
std::uint64_t Core::applied() const { return core_->applied(); }
std::uint32_t Core::release() const { return core_->release(); }
Core::Balance Core::balance(AccountId account, AssetId asset) const {
  return core_->balance(account, asset);
}
std::vector<Core::Balance> Core::balances() const { return core_->balances(); }
Amount Core::paid_in(AssetId asset) const { return core_->paid_in(asset); }
Amount Core::holdings(AssetId asset) const { return core_->holdings(asset); }
std::vector<OrderView> Core::open_orders() const { return core_->open_orders(); }
std::size_t Core::markets() const { return core_->markets(); }
MarketState Core::market_state(MarketId market) const { return core_->market_state(market); }
std::vector<Core::Level> Core::levels(MarketId market, Side side) const {
  return core_->levels(market, side);
}
Sequence Core::sequence(MarketId market) const { return core_->sequence(market); }
std::vector<Position> Core::positions() const { return core_->positions(); }
Core::Margin Core::margin(AccountId account) const { return core_->margin(account); }
std::vector<WithdrawalChanged> Core::withdrawals() const { return core_->withdrawals(); }

}  // namespace oki::core
