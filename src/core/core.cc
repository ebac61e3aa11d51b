#include "core/core.h"

#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "core/state.h"

namespace oki::core {
namespace {

Refusal apply_any(CoreState& state, const Command& command, Bytes& events, Reply& reply) {
  return std::visit(
      [&](const auto& x) {
        if constexpr (requires { apply(state, x, events, reply); }) {
          return apply(state, x, events, reply);
        } else if constexpr (requires { apply(state, x, events); }) {
          return apply(state, x, events);
        } else {
          return Refusal::malformed;
        }
      },
      command);
}

// What the command has changed, each thing once and as it stands now.
void append_changes(CoreState& state, Bytes& events) {
  for (const OrderView& order : state.changes.orders) append(events, changed(order));
  for (const Changes::LevelKey& level : state.changes.levels) {
    Market& market = state.markets[level.market.value];
    const Lots lots = market.book.lots_at(level.side, level.price);
    const Sequence sequence{++market.sequence.value};
    append(events, LevelChanged{level.market, level.side, level.price, lots, sequence});
  }
  state.ledger.take_changed(state.balances);
  for (const Ledger::Entry& entry : state.balances) {
    append(events,
           BalanceChanged{entry.account, entry.asset, entry.holding.free, entry.holding.held, {}});
  }
  state.changes.orders.clear();
  state.changes.levels.clear();
}

}  // namespace

Core::Core(const CoreLimits& limits) : state_(std::make_unique<CoreState>(limits)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

void Core::apply(WallTimeMs time, ByteView bytes, Bytes& reply_out, Bytes& events) {
  ASSERT(time >= state_->time);
  state_->time = time;
  Reply reply;
  if (const std::optional<Command> command = decode_command(bytes)) {
    reply.refusal = apply_any(*state_, *command, events, reply);
    append_changes(*state_, events);
  } else {
    reply.refusal = Refusal::malformed;
  }
  append(reply_out, reply);
}

Bytes Core::snapshot() const { return write_snapshot(*state_); }

Result<Core> Core::restore(ByteView snapshot, const CoreLimits& limits) {
  Core core(limits);
  if (auto result = read_snapshot(snapshot, *core.state_); !result) {
    return tl::unexpected(std::move(result.error()));
  }
  return core;
}

std::uint64_t Core::hash() const {
  // The snapshot ends with the hash of everything before it.
  const Bytes bytes = snapshot();
  return Reader(ByteView(bytes).substr(bytes.size() - 8)).u64();
}

void Core::verify() const {
  const char* const fault = state_->fault();
  ASSERT(fault == nullptr);
}

WallTimeMs Core::applied_at() const { return state_->time; }

Core::Balance Core::balance(AccountId account, AssetId asset) const {
  const Holding holding = state_->ledger.holding(account, asset);
  return {account, asset, holding.free, holding.held, {}};
}

std::vector<Core::Balance> Core::balances() const {
  std::vector<Balance> balances;
  for (const Ledger::Entry& entry : state_->ledger.entries()) {
    balances.push_back({entry.account, entry.asset, entry.holding.free, entry.holding.held, {}});
  }
  return balances;
}

std::size_t Core::markets() const { return state_->markets.size(); }

std::vector<OrderView> Core::open_orders() const {
  std::vector<OrderView> orders;
  for (const OrderView* order : state_->sorted_orders()) orders.push_back(*order);
  return orders;
}

std::vector<Core::Level> Core::levels(MarketId market, Side side) const {
  std::vector<Level> levels;
  if (market.value >= state_->markets.size()) return levels;
  const PlainBook& book = state_->markets[market.value].book;
  for (const BookLevel& level : book.levels(side, book.orders())) {
    levels.push_back({level.price, level.lots});
  }
  return levels;
}

Sequence Core::sequence(MarketId market) const {
  return market.value < state_->markets.size() ? state_->markets[market.value].sequence
                                               : Sequence{};
}

Amount Core::paid_in(AssetId asset) const {
  return asset.value < state_->ledger.assets() ? state_->ledger.paid_in(asset) : Amount{};
}

}  // namespace oki::core
