#include "history/projection.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "base/calendar.h"
#include "base/hash64.h"
#include "history/market_data.h"
#include "history/private_data.h"
#include "history/reference_data.h"

namespace oki::history {
namespace {

constexpr ByteView magic = "OKIPROJ1";

// The end of the year 9999: calendars and candles are exact up to here, a wilder clock is cut off.
constexpr WallTimeMs time_max{253'402'300'799'999};

tl::unexpected<Error> broken(const char* what) {
  return error(Errc::invalid,
               std::string("The projection cannot follow the events: ") + what + '.');
}

tl::unexpected<Error> unusable(Errc code, const char* what) {
  return error(code, std::string("The projection snapshot cannot be used: ") + what + '.');
}

}  // namespace

struct Projection::State {
  explicit State(const ProjectionLimits& projection_limits) : limits(projection_limits) {}

  MarketData* market(core::MarketId id) {
    return id.value < markets.size() ? &markets[id.value] : nullptr;
  }
  const MarketData* market(core::MarketId id) const {
    return id.value < markets.size() ? &markets[id.value] : nullptr;
  }

  const char* apply(const core::MarketAdded& event) {
    const char* fault = reference.apply(event);
    if (fault == nullptr) markets.emplace_back();
    return fault;
  }
  const char* apply(const core::Deposited&) { return nullptr; }
  const char* apply(const core::OrderAccepted& event) {
    return market(event.order.market) ? own.apply(event) : "an order of an unknown market";
  }
  const char* apply(const core::OrderChanged& event) { return own.apply(event, limits); }
  const char* apply(const core::BalanceChanged& event) {
    return event.asset.value < reference.assets().size() ? own.apply(event)
                                                         : "a balance of an unknown asset";
  }
  const char* apply(const core::LevelChanged& event) {
    MarketData* data = market(event.market);
    return data ? data->apply(event, time) : "a level of an unknown market";
  }
  const char* apply(const core::Traded& event) {
    MarketData* data = market(event.market);
    if (data == nullptr) return "a trade of an unknown market";
    if (const char* fault = own.apply(event, time, limits)) return fault;
    return data->apply(event, time, limits);
  }
  const char* apply(const auto& event) {
    if constexpr (requires { reference.apply(event); }) return reference.apply(event);
    return nullptr;
  }

  const char* read(core::FieldReader& io);
  const char* fault() const;

  ProjectionLimits limits;
  LogIndex index;
  WallTimeMs time;
  std::uint64_t event_hash = 0;
  ReferenceData reference;
  std::vector<MarketData> markets;
  PrivateData own;
};

const char* Projection::State::read(core::FieldReader& io) {
  io(index, time, event_hash);
  if (time.value < 0 || time > time_max) return "a time that cannot be";
  if (const char* fault = reference.read(io)) return fault;
  markets.resize(reference.markets().size());
  for (MarketData& data : markets) {
    if (const char* fault = data.read(io, limits, time)) return fault;
  }
  const std::size_t assets = reference.assets().size();
  if (const char* fault = own.read(io, limits, assets, markets.size())) return fault;
  return io.done() ? nullptr : "bytes after the end";
}

const char* Projection::State::fault() const {
  if (markets.size() != reference.markets().size()) return "markets without data";
  for (const MarketData& data : markets) {
    if (const char* fault = data.fault()) return fault;
  }
  return own.fault();
}

Projection::Projection(const ProjectionLimits& limits) : state_(std::make_unique<State>(limits)) {}
Projection::~Projection() = default;
Projection::Projection(Projection&&) noexcept = default;
Projection& Projection::operator=(Projection&&) noexcept = default;

Result<void> Projection::apply(const replica::EventBlock& block) {
  state_->time = std::clamp(block.time, state_->time, time_max);
  ByteView left = block.events;
  while (const std::optional<core::Event> event = core::take_event(left)) {
    const char* fault = std::visit([this](const auto& x) { return state_->apply(x); }, *event);
    if (fault != nullptr) return broken(fault);
  }
  if (!left.empty()) return broken("an event that does not decode");
  for (const MarketData& market : state_->markets) {
    if (market.crossed()) return broken("a crossed book");
  }
  state_->index = block.index;
  state_->event_hash = block.hash;
  return {};
}

Bytes Projection::snapshot() const {
  Bytes out(magic);
  core::FieldWriter io(out);
  io(state_->index, state_->time, state_->event_hash);
  state_->reference.write(io);
  for (const MarketData& data : state_->markets) data.write(io);
  state_->own.write(io);
  io(hash64(out));
  return out;
}

Result<Projection> Projection::restore(ByteView snapshot, const ProjectionLimits& limits) {
  if (snapshot.size() < magic.size() + 8 || snapshot.substr(0, magic.size()) != magic) {
    return unusable(Errc::invalid, "it does not start as one");
  }
  const ByteView hashed = snapshot.substr(0, snapshot.size() - 8);
  if (Reader(snapshot.substr(hashed.size())).u64() != hash64(hashed)) {
    return unusable(Errc::corrupt, "its hash does not match");
  }
  Projection projection(limits);
  core::FieldReader io(hashed.substr(magic.size()));
  if (const char* fault = projection.state_->read(io)) return unusable(Errc::invalid, fault);
  return projection;
}

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

Balance Projection::balance(core::AccountId account, core::AssetId asset) const {
  return state_->own.balance(account, asset);
}

const core::OrderView* Projection::order(core::OrderId id) const { return state_->own.order(id); }

std::vector<const core::OrderView*> Projection::active_orders(core::AccountId account) const {
  return state_->own.active_orders(account);
}

std::vector<AccountTrade> Projection::account_trades(core::AccountId account) const {
  return state_->own.account_trades(account);
}

std::size_t Projection::active_order_count() const { return state_->own.active_order_count(); }
std::size_t Projection::balance_count() const { return state_->own.balance_count(); }

void Projection::verify() const {
  const char* const fault = state_->fault();
  ASSERT(fault == nullptr);
}

}  // namespace oki::history
