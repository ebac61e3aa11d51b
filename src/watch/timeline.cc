#include "watch/timeline.h"

#include <utility>

namespace oki::watch {

using notify::EventKind;
using notify::TimelineEvent;

Timeline::Timeline(const Clock& clock, notify::StatusDocument document)
    : clock_(clock), document_(std::move(document)), started_(clock.mono_now()) {
  const TimelineEvent* last = notify::open_outage(document_);
  if (last == nullptr) return;
  open_ = true;
  told_ = seen_ = {last->state, last->reason, last->affected};
}

void Timeline::know(const notify::ComponentId& id) {
  static_cast<void>(notify::component_position(document_, id, clock_.wall_now()));
}

Timeline::Condition Timeline::condition_of(const Judgement& judgement) {
  Condition condition{judgement.overall, judgement.reason, 0};
  if (judgement.overall == notify::State::operational) return condition;
  for (const notify::LeaseRow& row : judgement.rows) {
    if (row.state == notify::State::operational) continue;
    const auto position = notify::component_position(document_, row.id, clock_.wall_now());
    if (position) condition.affected |= std::uint64_t{1} << *position;
  }
  return condition;
}

void Timeline::on_judgement(const Judgement& judgement) {
  const Condition condition = condition_of(judgement);
  const MonoTimeNs now = clock_.mono_now();
  if (condition != seen_) seen_since_ = now;
  seen_ = condition;
  if (condition.state == notify::State::operational) {
    ever_green_ = true;
    if (open_) {
      notify::add_event(document_, {.at = clock_.wall_now(), .kind = EventKind::outage_ended});
    }
    open_ = false;
    return;
  }
  if (open_) return change_when_settled(condition);
  if (ever_green_) return begin(condition, judgement.first_failure);
  if (now - started_ >= start_grace_ms * ns_per_ms) begin(condition, clock_.wall_now());
}

void Timeline::begin(const Condition& condition, WallTimeMs at) {
  open_ = true;
  told_ = condition;
  notify::add_event(document_, {.at = at,
                                .kind = EventKind::outage_began,
                                .state = condition.state,
                                .reason = condition.reason,
                                .affected = condition.affected});
}

void Timeline::change_when_settled(const Condition& condition) {
  if (condition == told_) return;
  if (clock_.mono_now() - seen_since_ < change_settle_ms * ns_per_ms) return;
  told_ = condition;
  notify::add_event(document_, {.at = clock_.wall_now(),
                                .kind = EventKind::outage_changed,
                                .state = condition.state,
                                .reason = condition.reason,
                                .affected = condition.affected});
}

void Timeline::on_leader(const LeaderChange& change) {
  notify::add_event(document_, {.at = change.at,
                                .kind = EventKind::leader_changed,
                                .old_seat = change.old_seat,
                                .new_seat = change.new_seat,
                                .term = change.term,
                                .gap_ms = change.gap_ms});
}

void Timeline::on_process(const notify::ComponentId& id, bool up, WallTimeMs at) {
  add_of(id, up ? EventKind::process_up : EventKind::process_down, at);
}

void Timeline::on_drained(const notify::ComponentId& edge, bool drained, WallTimeMs at) {
  add_of(edge, drained ? EventKind::edge_drained : EventKind::edge_back, at);
}

void Timeline::add_of(const notify::ComponentId& id, EventKind kind, WallTimeMs at) {
  const auto position = notify::component_position(document_, id, clock_.wall_now());
  if (!position) return;
  notify::add_event(document_,
                    {.at = at, .kind = kind, .component = static_cast<std::uint8_t>(*position)});
}

}  // namespace oki::watch
