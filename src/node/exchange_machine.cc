#include "node/exchange_machine.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "base/hash64.h"

namespace oki::node {
namespace {

constexpr ByteView magic = "OKIEXCH2";
constexpr std::size_t length_bytes = 8;
constexpr std::size_t all_levels = std::numeric_limits<std::size_t>::max();

bool same_levels(const core::Core& core, const history::Projection& projection,
                 core::MarketId market, core::Side side) {
  return std::ranges::equal(core.levels(market, side), projection.levels(market, side, all_levels),
                            [](const core::Core::Level& a, const history::Level& b) {
                              return a.price == b.price && a.lots == b.lots;
                            });
}

// The first thing on which the two disagree, or null.
const char* disagreement(const core::Core& core, const history::Projection& projection) {
  if (core.markets() != projection.markets().size()) return "markets";
  for (std::size_t i = 0; i < core.markets(); ++i) {
    const core::MarketId market{static_cast<std::uint16_t>(i)};
    if (core.sequence(market) != projection.sequence(market)) return "sequences";
    for (const core::Side side : {core::Side::buy, core::Side::sell}) {
      if (!same_levels(core, projection, market, side)) return "levels";
    }
  }
  const std::vector<core::OrderView> orders = core.open_orders();
  for (const core::OrderView& order : orders) {
    const core::OrderView* seen = projection.order(order.id);
    if (seen == nullptr || *seen != order) return "open orders";
  }
  if (orders.size() != projection.active_order_count()) return "open orders";
  const std::vector<core::Core::Balance> balances = core.balances();
  for (const core::Core::Balance& balance : balances) {
    const history::Balance seen = projection.balance(balance.account, balance.asset);
    if (seen != history::Balance{balance.free, balance.held, balance.withdrawing})
      return "balances";
  }
  return balances.size() == projection.balance_count() ? nullptr : "balances";
}

class CountingSink final : public Sink {
 public:
  explicit CountingSink(Sink& out) : out_(out) {}
  void write(ByteView bytes) override {
    bytes_ += bytes.size();
    out_.write(bytes);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  Sink& out_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

ExchangeMachine::ExchangeMachine(const core::CoreLimits& core_limits,
                                 const history::ProjectionLimits& projection_limits)
    : core_limits_(core_limits),
      projection_limits_(projection_limits),
      core_(core_limits),
      projection_(projection_limits) {}

void ExchangeMachine::apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
  core_.apply(time, command, reply, events);
  if (core_.release() <= core::known_release()) [[likely]]
    return;
  if (on_unknown_release_) on_unknown_release_(core_.release());
  ASSERT(core_.release() <= core::known_release());
}

void ExchangeMachine::end_block(const replica::EventBlock& block) {
  const Result<void> followed = projection_.apply(block);
  ASSERT(followed.has_value());  // The events are those of our own core.
  if (!on_quarantined_) return;
  const auto& all = projection_.quarantines();
  for (auto step = all.rbegin(); step != all.rend() && step->index == block.index; ++step) {
    on_quarantined_(*step);
  }
}

std::optional<WallTimeMs> ExchangeMachine::next_timer() const { return core_.next_timer(); }

Bytes ExchangeMachine::tick_command() const { return core::encode(core::Command(core::Tick{})); }

Bytes ExchangeMachine::snapshot() const {
  Bytes out;
  BytesSink sink(out);
  write_snapshot(sink);
  return out;
}

void ExchangeMachine::write_snapshot(Sink& out) const {
  out.write(magic);
  CountingSink counting(out);
  core_.snapshot(counting);
  out.write(projection_.snapshot());
  Bytes length;
  Writer(length).u64(counting.bytes());
  out.write(length);
}

Result<void> ExchangeMachine::restore(ByteView snapshot) {
  Reader reader(snapshot);
  const bool is_ours = reader.raw(magic.size()) == magic;
  const std::size_t both = reader.left() < length_bytes ? 0 : reader.left() - length_bytes;
  const ByteView parts = reader.raw(both);
  const std::uint64_t core_size = reader.u64();
  if (!is_ours || !reader.done() || core_size > parts.size()) {
    return error(Errc::invalid, "The snapshot is not one of an exchange.");
  }
  const ByteView core_bytes = parts.substr(0, core_size);
  const ByteView projection_bytes = parts.substr(core_size);
  auto core = core::Core::restore(core_bytes, core_limits_);
  if (!core) return tl::unexpected(std::move(core.error()));
  auto projection = history::Projection::restore(projection_bytes, projection_limits_);
  if (!projection) return tl::unexpected(std::move(projection.error()));
  if (const char* what = disagreement(*core, *projection)) {
    return error(Errc::mismatch,
                 std::string("The snapshot's core and projection differ in their ") + what + '.');
  }
  core_ = std::move(*core);
  projection_ = std::move(*projection);
  return {};
}

std::uint64_t ExchangeMachine::hash() const {
  Hash64 hash;
  hash.add(core_.hash());
  hash.add(projection_.index().value);
  hash.add(static_cast<std::uint64_t>(projection_.time().value));
  hash.add(projection_.event_hash());
  return hash.value();
}

// The chain of events fixes the projection, and the replica adds it.
std::uint64_t ExchangeMachine::running_hash() const {
  Hash64 hash;
  hash.add(projection_.index().value);
  hash.add(static_cast<std::uint64_t>(core_.applied_at().value));
  return hash.value();
}

Bytes ExchangeMachine::reader_snapshot() const { return projection_.snapshot(); }

void ExchangeMachine::verify() const {
  core_.verify();
  projection_.verify();
  ASSERT(disagreement(core_, projection_) == nullptr);
}

}  // namespace oki::node
