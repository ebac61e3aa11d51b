#include "core/testing/coverage.h"

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

// The place of an alternative, counted from 1.
template <typename T, typename Variant>
constexpr std::size_t kind_of(Variant* = nullptr) {
  return []<std::size_t... i>(std::index_sequence<i...>) {
    return ((std::is_same_v<T, std::variant_alternative_t<i, Variant>> ? i + 1 : 0) + ...);
  }(std::make_index_sequence<std::variant_size_v<Variant>>{});
}

// No command reaches these: the first two mean a bug in the core, the third is for readers of
// records that operators write.
bool unreachable(Refusal refusal) { return refusal == Refusal::quarantined; }
bool unreachable_event(std::size_t kind) { return kind == kind_of<Quarantined, Event>(); }
bool unreachable(Reason reason) { return reason == Reason::by_operator; }

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
    sets_[statuses].set(number(accepted->order.status));
    if (accepted->order.type == OrderType::losscut) sets_[timers].set(sweep);
  } else if (const auto* market = std::get_if<MarketChanged>(&event)) {
    saw_market(market->state, tick);
  } else if (const auto* credit = std::get_if<CreditChanged>(&event)) {
    if (credit->state == CreditState::lapsed) sets_[timers].set(lapse);
  } else if (const auto* margin = std::get_if<MarginChanged>(&event)) {
    sets_[margins].set(number(margin->status));
  } else if (std::get_if<AuctionEstimated>(&event) != nullptr) {
    sets_[timers].set(estimate);
  } else if (std::get_if<AuctionEnded>(&event) != nullptr) {
    sets_[timers].set(stage);
  }
}

void Coverage::saw_market(const MarketState& state, bool tick) {
  sets_[modes].set(number(state.mode));
  sets_[fee_types].set(number(state.fee_type));
  sets_[loads].set(number(state.status));
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
  const auto need = [&out](bool seen, const char* what, const std::string& name) {
    if (!seen) out.push_back(what + (" " + name));
  };
  for (std::size_t i = 1; i <= command_count; ++i)
    need(sets_[commands][i], "command", command_name(i));
  for (std::size_t i = 0; i < refusal_numbers; ++i) {
    const auto refusal = static_cast<Refusal>(i);
    if (!unreachable(refusal)) need(sets_[refused][i], "refusal", name(refusal));
  }
  for (std::size_t i = 1; i <= event_count; ++i) {
    if (!unreachable_event(i)) need(sets_[kinds][i], "event", event_name(i));
  }
  for (std::size_t i = 0; i <= number(Reason::market_stopped); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (!unreachable(reason)) need(sets_[reasons][i], "reason", enum_name("reason", i));
  }
  const auto need_all = [&](const std::bitset<bits>& seen, const char* what, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) need(seen[i], what, enum_name(what, i));
  };
  need_all(sets_[statuses], "status", number(OrderStatus::inactive) + 1);
  need_all(sets_[modes], "mode", number(MarketMode::listing) + 1);
  need_all(sets_[loads], "load", number(MarketStatus::halt) + 1);
  need_all(sets_[fee_types], "fee_type", number(FeeType::dynamic) + 1);
  need_all(sets_[margins], "margin_status", number(MarginStatus::debt) + 1);
  for (std::size_t i = 0; i < std::size(timer_names); ++i)
    need(sets_[timers][i], "timer", timer_names[i]);
  return out;
}

}  // namespace oki::core
