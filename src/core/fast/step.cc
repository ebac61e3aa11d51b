#include "core/fast/step.h"

#include "base/assert.h"
#include "base/hash64.h"
#include "core/fast/digest.h"
#include "core/fast/handlers.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

constexpr std::size_t row_bytes_max = 1 + order_bytes_max;

// Orders that are closed were visible until now: to the reply and to the rest of the step.
void drop_orders(State& state) {
  for (const Row row : state.closed) {
    const Order& order = state.orders[row];
    state.order_ids.erase(order.id.value, row);
    unlink_seat(state, row);
    if (order.extra != 0) state.extras.drop(order.extra);
    state.pool.free(row);
  }
  state.closed.clear();
}

void drop_positions(State& state) {
  for (const auto& change : state.positions.changes()) {
    const Position& position = state.positions[change.row];
    if (position.open.value != 0) continue;
    const Row seat = state.seat(position.account, position.market);
    Row& place =
        state.seats.change(seat).positions[position.side == PositionSide::long_side ? 0 : 1];
    if (place != change.row) continue;
    place = 0;
    state.positions.drop(change.row);
  }
}

void drop_rest(State& state) {
  for (const auto& change : state.withdrawals.changes()) {
    const Withdrawal& withdrawal = state.withdrawals[change.row];
    if (!withdrawal.closed) continue;
    state.withdrawal_ids.erase(withdrawal.id.value, change.row);
    state.withdrawals.drop(change.row);
  }
}

}  // namespace

void end_step(State& state) {
  if (!state.closed.empty()) drop_orders(state);
  if (!state.positions.changes().empty()) drop_positions(state);
  if (!state.withdrawals.changes().empty()) drop_rest(state);
  state.commit();
}

void quarantine(State& state, const StepName& name, const char* fault) {
  state.tell(Quarantined{name.kind, state.number, name.subject,
                         std::string(fault).substr(0, fault_bytes_max)});
  freeze_all(state);
}

void write_reply(State& state, Bytes& reply) {
  const Answer& answer = state.answer;
  const std::size_t rows = answer.lines.size();
  const std::size_t room = rows * row_bytes_max + 16;
  char small[row_bytes_max + 16];
  std::unique_ptr<char[]> large;
  char* start = small;
  if (rows > 1) {
    large.reset(new char[room]);
    start = large.get();
  }
  Put put(start);
  put(answer.refusal, static_cast<std::uint8_t>(rows));
  for (const Answer::Line& line : answer.lines) {
    put(line.refusal);
    // The holder of a client order id may have been closed by a later order of the same batch.
    const bool known = line.refusal == Refusal::client_order_id_used;
    if (line.order != 0 && !(known && state.orders[line.order].closed())) {
      put_order(put, state, line.order);
    } else if (known) {
      Order nothing;
      nothing.id = line.only_id;
      put_order(put, nothing, nullptr, {}, {}, {});
    }
  }
  put(answer.id);
  const auto size = static_cast<std::size_t>(put.at() - start);
  ASSERT(size <= room);
  add_to(reply, start, size);
}

void add_events(State& state, Bytes& events) {
  const std::size_t size = state.out.size();
  if (size == 0) return;
  static_assert(digest_room <= OutBuffer::more_room);
  state.events_hash = digest(state.events_hash, state.out.data(), size);
  add_to(events, state.out.data(), size);
}

// What has no events, too: a command that was refused changed tokens and counters.
std::uint64_t state_hash(const State& state) {
  Hash64 hash(state.events_hash);
  hash.add(state.number);
  hash.add(static_cast<std::uint64_t>(state.time.value));
  return hash.value();
}

}  // namespace oki::core::fast
