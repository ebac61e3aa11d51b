#include "drill/noise/desk.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "response/signals.h"

namespace oki::drill::noise {

using response::Check;
using response::CheckKind;
using response::Phase;

namespace {

constexpr const char* speaker = "watch 1";

}  // namespace

void Desk::give(const response::Command& command, WallTimeMs now) {
  Bytes reply, events;
  machine_.apply(now, response::encode(command), reply, events);
  const auto answer = response::decode_reply(reply);
  ASSERT(answer.has_value());
  refused_ += answer->refusal == response::Refusal::none ? 0 : 1;
  ByteView rest = events;
  while (const auto event = response::take_event(rest)) {
    if (const auto* change = std::get_if<response::IncidentChanged>(&*event)) take(*change);
  }
}

// Told is whatever is beyond suspicion, until it is resolved: opened again it is told again.
void Desk::take(const response::IncidentChanged& change) {
  if (change.phase == Phase::closed) {
    told_.erase(change.incident);
    return;
  }
  bool& told = told_[change.incident];
  const bool tells = change.phase != Phase::suspected && change.phase != Phase::resolved;
  if (tells && !told) {
    ++notices_;
    last_reason_.clear();
    for (const auto& [key, held] : machine_.state().signals) {
      if (held.incident != change.incident || !response::is_live(held)) continue;
      last_reason_ += (last_reason_.empty() ? "" : ", ") + key.key;
    }
  }
  told = tells;
}

bool Desk::any_open() const {
  return std::ranges::any_of(machine_.state().incidents,
                             [](const auto& row) { return response::is_open(row.second); });
}

void Desk::observe(const response::Signal& signal, WallTimeMs now) {
  give(response::Observe{speaker, signal}, now);
}

void Desk::second(const Second& second, WallTimeMs now) {
  const WallTimeMs from = std::exchange(second_began_, now);
  if (!any_open()) {
    if (machine_.state().signals.empty()) return;
    const auto due = machine_.next_timer();
    if (due && *due <= now) give(response::Tick{}, now);
    return;
  }
  for (std::size_t i = 0; i < second.trades.size(); ++i) {
    const Trades& trades = second.trades[i];
    if (trades.succeeded + trades.failed == 0 || from > now) continue;
    if (now.value - from.value > response::proof_span_ms_max) continue;
    give(response::Prove{"prober " + std::to_string(i + 1), from, now, trades.succeeded,
                         trades.failed},
         now);
  }
  give(Check{speaker, CheckKind::ledger, second.ledger_fine, now}, now);
  give(Check{speaker, CheckKind::invariants, true, now}, now);
  give(Check{speaker, CheckKind::error_rate, second.errors_fine, now}, now);
  give(Check{speaker, CheckKind::inquiries, second.inquiries_fine, now}, now);
}

}  // namespace oki::drill::noise
