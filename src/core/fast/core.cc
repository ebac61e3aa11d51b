#include "core/core.h"

#include <type_traits>
#include <variant>

#include "base/assert.h"
#include "base/planted.h"
#include "core/fast/decode.h"
#include "core/fast/direct.h"
#include "core/fast/handlers.h"
#include "core/fast/market.h"
#include "core/fast/step.h"
#include "core/fast/timers.h"
#include "core/fast/triggers.h"

namespace oki::core {
namespace fast {
namespace {

Refusal apply_rare(State& state, ByteView bytes) {
  const std::optional<Command> command = decode_command(bytes);
  if (!command) return Refusal::malformed;
  return std::visit(
      [&](const auto& x) {
        if constexpr (requires { handle(state, x); }) {
          return handle(state, x);
        } else {
          ASSERT(false);
          return Refusal::malformed;
        }
      },
      *command);
}

template <typename View>
Refusal apply_view(State& state, ByteView fields, bool (*read)(ByteView, View&)) {
  View view;
  return read(fields, view) ? handle(state, view) : Refusal::malformed;
}

bool read_place(ByteView fields, PlaceView& x) { return take_place(fields, x) && fields.empty(); }

Refusal apply_command(State& state, ByteView bytes) {
  const auto kind = bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes.front());
  const ByteView fields = bytes.empty() ? bytes : bytes.substr(1);
  switch (kind) {
    case place_kind:
      return apply_view(state, fields, read_place);
    case cancel_kind:
      return apply_view(state, fields, read_cancel);
    case amend_kind:
      return apply_view(state, fields, read_amend);
    case batch_kind:
      if (state.house().release < 2) return Refusal::malformed;
      return apply_view(state, fields, read_batch);
    default:
      return apply_rare(state, bytes);
  }
}

void run_timers(State& state) {
  if (state.time < state.timers_bound && state.time < state.expiry_bound) [[likely]]
    return;
  for (std::size_t i = 0; i < state.limits().timers_per_command_max; ++i) {
    const std::optional<DueTimer> timer = earliest_timer(state, true);
    if (!timer || timer->due > state.time) break;
    run_step(
        state, {StepKind::timer, timer->subject},
        [&] {
          fire(state, *timer);
          INVARIANT(!PLANTED(core_timer_fails), "a planted assertion");
        },
        [&] { skip(state, *timer); });
    end_step(state);
  }
  bound_timers(state);
}

void run_triggers(State& state) {
  while (!state.fired_markets.empty() && state.triggers_left > 0) {
    const Row order = pending_trigger(state);
    if (order == 0) break;
    --state.triggers_left;
    const std::uint64_t id = state.orders[order].id.value;
    run_step(
        state, {StepKind::trigger, id}, [&] { fire_trigger(state, order); },
        [&] { kill_trigger(state, order); });
    end_step(state);
  }
  if (!state.fired_markets.empty()) forget_prices(state);
}

}  // namespace

void apply(State& state, WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
  ASSERT(time >= state.time);
  state.time = time;
  ++state.number;
  state.out.clear();
  if (apply_directly(state, command, reply)) [[likely]] {
    add_events(state, events);
    return;
  }
  state.triggers_left = state.limits().triggers_per_command_max;
  run_timers(state);
  run_triggers(state);
  state.answer.clear();
  const bool kept = run_step(
      state, {StepKind::command, 0}, [&] { state.answer.refusal = apply_command(state, command); },
      [] {});
  if (!kept) state.answer.refusal = Refusal::quarantined;
  write_reply(state, reply);
  end_step(state);
  run_triggers(state);
  add_events(state, events);
}

}  // namespace fast

Core::Core(const CoreLimits& limits) : state_(std::make_unique<fast::State>(limits)) {}
Core::Core(Restored, std::unique_ptr<fast::State> state) : state_(std::move(state)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

void Core::apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
  fast::apply(*state_, time, command, reply, events);
}

void Core::prepare(ByteView command) {
  static_assert(prepare_ahead == fast::Lookahead::ahead);
  state_->lookahead.prepare(*state_, command);
}

std::optional<WallTimeMs> Core::next_timer() const { return fast::next_timer(*state_); }
std::uint64_t Core::running_hash() const { return fast::state_hash(*state_); }

}  // namespace oki::core
