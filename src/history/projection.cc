#include "history/projection.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "base/calendar.h"
#include "base/hash64.h"
#include "history/projection_state.h"

namespace oki::history {
namespace {

constexpr ByteView magic = "OKIPROJ3";

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

const char* Projection::State::read(core::FieldReader& io) {
  io(index, time, event_hash);
  if (time.value < 0 || time > time_max) return "a time that cannot be";
  if (const char* fault = reference.read(io)) return fault;
  for (std::size_t i = 0; i < reference.markets().size(); ++i) {
    markets.emplace_back(core::MarketId{static_cast<std::uint16_t>(i)});
  }
  for (MarketData& data : markets) {
    if (const char* fault = data.read(io, limits, time)) return fault;
  }
  const std::size_t assets = reference.assets().size();
  if (const char* fault = own.read(io, limits, assets, markets.size())) return fault;
  if (const char* fault = accounts.read(io, limits, assets, markets.size(), time)) return fault;
  if (const char* fault = house.read(io, limits, assets, index, time)) return fault;
  return io.done() ? nullptr : "bytes after the end";
}

const char* Projection::State::fault() const {
  if (markets.size() != reference.markets().size()) return "markets without data";
  for (const MarketData& data : markets) {
    if (const char* fault = data.fault()) return fault;
  }
  if (const char* fault = own.fault()) return fault;
  if (const char* fault = accounts.fault()) return fault;
  return house.fault();
}

Projection::Projection(const ProjectionLimits& limits) : state_(std::make_unique<State>(limits)) {}
Projection::~Projection() = default;
Projection::Projection(Projection&&) noexcept = default;
Projection& Projection::operator=(Projection&&) noexcept = default;

Result<void> Projection::apply(const replica::EventBlock& block) {
  state_->time = std::clamp(block.time, state_->time, time_max);
  state_->index = block.index;
  ByteView left = block.events;
  while (const std::optional<core::Event> event = core::take_event(left)) {
    const char* fault = std::visit([this](const auto& x) { return state_->apply(x); }, *event);
    if (fault != nullptr) return broken(fault);
  }
  if (!left.empty()) return broken("an event that does not decode");
  for (const MarketData& market : state_->markets) {
    if (market.crossed()) return broken("a crossed book");
  }
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
  state_->accounts.write(io);
  state_->house.write(io);
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

void Projection::verify() const {
  const char* const fault = state_->fault();
  ASSERT(fault == nullptr);
}

}  // namespace oki::history
