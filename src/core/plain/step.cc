#include "core/plain/step.h"

#include <algorithm>
#include <string>

#include "core/plain/apply.h"
#include "core/plain/market_state.h"
#include "core/plain/sweep.h"
#include "core/plain/timers.h"

namespace oki::core::plain {
namespace {

void settle(State& state) {
  state.each_table([](auto& table) { table.settle(); });
  state.counters_before = state.counters;
  state.step = {};
}

void undo(State& state) {
  state.each_table([](auto& table) { table.undo(); });
  state.counters = state.counters_before;
  state.step = {};
}

// What belongs to every step before its differences are told.
void round_off(State& state) {
  set_first_reference(state);
  set_sweep(state);
  set_timers(state);
  tell_differences(state);
}

void quarantine(State& state, StepKind kind, std::uint64_t subject, const char* fault) {
  const std::string text = std::string(fault).substr(0, fault_bytes_max);
  state.tell(Quarantined{kind, state.number, subject, text});
  freeze_all(state);
}

const char* try_step(State& state, const std::function<void()>& body) {
  try {
    body();
    round_off(state);
  } catch (const Fault& fault) {
    return fault.what;
  }
  return step_fault(state);
}

}  // namespace

bool run_step(State& state, StepKind kind, std::uint64_t subject, Bytes& events,
              const std::function<void()>& body, const std::function<void()>& drop) {
  settle(state);
  const char* const fault = try_step(state, body);
  if (fault != nullptr) {
    undo(state);
    quarantine(state, kind, subject, fault);
    drop();
    round_off(state);
  }
  events += state.step.records;
  settle(state);
  return fault == nullptr;
}

}  // namespace oki::core::plain
