#include "core/testing/coverage.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "base/assert.h"
#include "core/testing/describe.h"

namespace oki::core {
namespace {

enum Timer : std::uint8_t { stage, load, estimate, dead_man, silence, expiry, lapse, sweep };
constexpr const char* timer_names[] = {"market stage", "load",   "estimate",     "dead man",
                                       "edge silence", "expiry", "credit lapse", "margin sweep"};

template <typename E>
std::size_t number(E value) {
  return static_cast<std::size_t>(value);
}

constexpr std::size_t event_count = std::variant_size_v<Event>;
constexpr std::size_t command_count = std::variant_size_v<Command>;
constexpr std::size_t stop_count = std::bit_width(stops_mask);

// The place of an alternative, counted from 1.
template <typename T, typename Variant>
constexpr std::size_t kind_of(Variant* = nullptr) {
  return []<std::size_t... i>(std::index_sequence<i...>) {
    return ((std::is_same_v<T, std::variant_alternative_t<i, Variant>> ? i + 1 : 0) + ...);
  }(std::make_index_sequence<std::variant_size_v<Variant>>{});
}

struct Unreachable {
  const char* what;
  const char* name;
  const char* why;
};
constexpr Unreachable unreachable_list[] = {
    {"refusal", "quarantined",
     "only a fault of the core is refused so; faults are planted elsewhere"},
    {"event", "Quarantined", "the same, of any step"},
    {"reason", "by_operator", "no rule cancels so; the number is kept for records of operators"},
};

bool is_unreachable(const std::string& what, const std::string& name) {
  return std::any_of(std::begin(unreachable_list), std::end(unreachable_list),
                     [&](const Unreachable& row) { return what == row.what && name == row.name; });
}

}  // namespace

void Coverage::saw(ByteView command, ByteView reply, ByteView events) {
  const std::uint8_t kind = command.empty() ? 0 : static_cast<std::uint8_t>(command.front());
  const std::optional<Reply> decoded = decode_reply(reply);
  ASSERT(decoded.has_value());
  sets_[refused].set(number(decoded->refusal));
  if (decoded->refusal == Refusal::ok && kind < bits) sets_[commands].set(kind);
  for (const Reply::Row& row : decoded->rows) sets_[refused].set(number(row.refusal));
  const bool tick = kind == kind_of<Tick, Command>();
  while (const std::optional<Event> event = take_event(events)) saw(*event, tick);
  ASSERT(events.empty());
}

// With Tick nothing but timers, and triggers behind them, can be at work.
void Coverage::saw(const Event& event, bool tick) {
  sets_[kinds].set(event.index() + 1);
  if (const auto* order = std::get_if<OrderChanged>(&event)) {
    sets_[reasons].set(number(order->reason));
    sets_[statuses].set(number(order->status));
    if (order->reason == Reason::expired) sets_[timers].set(expiry);
    if (order->reason == Reason::session_closed && tick) sets_[timers].set(silence);
    if (order->reason == Reason::dead_man) sets_[timers].set(dead_man);
  } else if (const auto* accepted = std::get_if<OrderAccepted>(&event)) {
    saw_order(accepted->order);
  } else if (const auto* market = std::get_if<MarketChanged>(&event)) {
    saw_market(market->state, tick);
  } else if (const auto* credit = std::get_if<CreditChanged>(&event)) {
    sets_[credits].set(number(credit->state));
    if (credit->state == CreditState::lapsed) sets_[timers].set(lapse);
  } else if (const auto* withdrawal = std::get_if<WithdrawalChanged>(&event)) {
    sets_[withdrawals].set(number(withdrawal->state));
  } else if (const auto* margin = std::get_if<MarginChanged>(&event)) {
    sets_[margins].set(number(margin->status));
  } else if (std::get_if<AuctionEstimated>(&event) != nullptr) {
    sets_[timers].set(estimate);
  } else if (std::get_if<AuctionEnded>(&event) != nullptr) {
    sets_[timers].set(stage);
  }
}

void Coverage::saw_order(const OrderView& order) {
  sets_[statuses].set(number(order.status));
  sets_[types].set(number(order.type));
  sets_[forces].set(number(order.time_in_force));
  sets_[self_trades].set(number(order.self_trade));
  sets_[positions].set(number(order.position));
  if (order.type == OrderType::losscut) sets_[timers].set(sweep);
}

void Coverage::saw_market(const MarketState& state, bool tick) {
  sets_[modes].set(number(state.mode));
  sets_[fee_types].set(number(state.fee_type));
  sets_[loads].set(number(state.status));
  for (std::size_t i = 0; i < stop_count; ++i) {
    if ((state.stops >> i & 1) != 0) sets_[stops].set(i);
  }
  if (state.market.value >= markets_max) return;
  MarketState& before = markets_[state.market.value];
  const bool loaded =
      before.status == MarketStatus::busy || before.status == MarketStatus::very_busy;
  if (tick && loaded && state.status < before.status) sets_[timers].set(load);
  before = state;
}

void Coverage::merge(const Coverage& other) {
  for (std::size_t i = 0; i < set_count; ++i) sets_[i] |= other.sets_[i];
}

Bytes Coverage::bytes() const {
  Bytes out;
  for (const auto& set : sets_) out += set.to_string();
  return out;
}

void Coverage::merge(ByteView bytes) {
  for (auto& set : sets_) {
    ASSERT(bytes.size() >= bits);
    set |= std::bitset<bits>(std::string(bytes.substr(0, bits)));
    bytes.remove_prefix(bits);
  }
}

std::vector<std::string> Coverage::missing() const {
  std::vector<std::string> out;
  const auto need = [&out](bool seen, const std::string& what, const std::string& name) {
    const bool wanted = !is_unreachable(what, name);
    if (seen == wanted) return;
    out.push_back(what + " " + name + (wanted ? "" : " (listed as unreachable)"));
  };
  const auto need_enum = [&](Set set, const char* what, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) need(sets_[set][i], what, enum_name(what, i));
  };
  for (std::size_t i = 1; i <= command_count; ++i)
    need(sets_[commands][i], "command", command_name(i));
  for (std::size_t i = 0; i < refusal_numbers; ++i)
    need(sets_[refused][i], "refusal", name(static_cast<Refusal>(i)));
  for (std::size_t i = 1; i <= event_count; ++i) need(sets_[kinds][i], "event", event_name(i));
  need_enum(reasons, "reason", number(Reason::market_stopped) + 1);
  need_enum(statuses, "status", number(OrderStatus::inactive) + 1);
  need_enum(types, "type", number(OrderType::losscut) + 1);
  need_enum(forces, "force", number(TimeInForce::gtd) + 1);
  need_enum(self_trades, "self_trade", number(SelfTrade::decrement) + 1);
  need_enum(positions, "position", number(PositionSide::short_side) + 1);
  need_enum(modes, "mode", number(MarketMode::listing) + 1);
  need_enum(loads, "load", number(MarketStatus::halt) + 1);
  need_enum(fee_types, "fee_type", number(FeeType::dynamic) + 1);
  need_enum(margins, "margin_status", number(MarginStatus::debt) + 1);
  need_enum(credits, "credit_state", number(CreditState::lapsed) + 1);
  need_enum(withdrawals, "withdrawal_state", number(WithdrawalState::rejected) + 1);
  for (std::size_t i = 0; i < stop_count; ++i) need(sets_[stops][i], "stop", std::to_string(i));
  for (std::size_t i = 0; i < std::size(timer_names); ++i)
    need(sets_[timers][i], "timer", timer_names[i]);
  return out;
}

std::vector<std::string> Coverage::unreachable() {
  std::vector<std::string> out;
  for (const Unreachable& row : unreachable_list) {
    out.push_back(std::string(row.what) + " " + row.name + ": " + row.why);
  }
  return out;
}

}  // namespace oki::core
