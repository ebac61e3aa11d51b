// Changes of the house, and what waits for a second person.
#include <algorithm>
#include <utility>

#include "response/lifecycle.h"
#include "response/operators.h"
#include "response/planned_work.h"
#include "response/words.h"

namespace oki::response {
namespace {

// Null when the house with the change is one.
Refusal try_change(const State& state, const Change& change, WallTimeMs now, House& changed) {
  changed = state.house;
  apply(changed, change, now);
  if (fault(changed) != nullptr) return Refusal::invalid;
  const auto* put = std::get_if<PutSuppression>(&change);
  if (put != nullptr && !put->suppression.components.empty()) {
    if (put->suppression.to <= now) return Refusal::invalid;
    if (!has_room_to_tell(state, put->id)) return Refusal::notices_full;
  }
  const std::size_t before = configurers(state.house);
  if (before >= 2 && configurers(changed) < 2) return Refusal::few_configurers;
  return Refusal::none;
}

void take_change(Turn& turn, House changed, PersonId by, PersonId agreed) {
  turn.state.house = std::move(changed);
  for (const auto& [speaker, rule] : turn.state.house.speakers) {
    turn.state.heard.try_emplace(speaker, Heard{turn.now, {}, false});
  }
  append(turn.events, Event(HouseChanged{turn.state.house.revision, by, agreed}));
  follow_plans(turn, by, agreed);
}

// Who must speak no more has no silence to end, and a checker who is gone no last word.
void forget_speaker(Turn& turn, const Change& change) {
  const auto* put = std::get_if<PutSpeaker>(&change);
  if (put == nullptr || put->present) return;
  std::erase_if(turn.state.checks,
                [put](const auto& row) { return row.first.speaker == put->name; });
  turn.state.signals.erase({Source::watch, "silent/" + put->name});
  turn.state.heard.erase(put->name);
}

bool has_room_to_hear(const State& state, const Change& change) {
  const auto* put = std::get_if<PutSpeaker>(&change);
  return put == nullptr || !put->present || state.heard.contains(put->name) ||
         state.heard.size() < speakers_max;
}

std::uint32_t add_wish(Turn& turn, Wish wish) {
  const std::uint32_t id = ++turn.state.wish_last;
  append(turn.events, Event(WishChanged{id, wish.by, true}));
  turn.state.wishes.emplace(id, std::move(wish));
  return id;
}

Refusal may_decide(const State& state, const DecideWish& command, const Wish& wish) {
  const bool lowers = std::holds_alternative<LowerSeverity>(wish.what);
  const std::uint8_t right = lowers ? right_of(Role::commander) : right_to_configure;
  if (!may(rights_of(state.house, command.by), right)) return Refusal::not_allowed;
  if (command.yes && command.by == wish.by) return Refusal::same_person;
  // Who asked must still have the right he asked with.
  if (command.yes && !may(rights_of(state.house, wish.by), right)) return Refusal::decided;
  return Refusal::none;
}

Refusal fulfil(Turn& turn, const Wish& wish, PersonId agreed) {
  if (const auto* lower = std::get_if<LowerSeverity>(&wish.what)) {
    Incident& incident = turn.state.incidents.at(lower->incident);
    if (lower->to <= incident.severity) return Refusal::no_change;
    incident.severity = lower->to;
    add_row(turn, lower->incident, RowKind::severity_lowered,
            {.by = agreed, .number = static_cast<std::uint32_t>(lower->to)});
    tell_change(turn, lower->incident);
    return Refusal::none;
  }
  const Change& change = std::get<Change>(wish.what);
  House changed;
  const Refusal refusal = try_change(turn.state, change, turn.now, changed);
  if (refusal != Refusal::none) return refusal;
  if (!has_room_to_hear(turn.state, change)) return Refusal::speakers_full;
  take_change(turn, std::move(changed), wish.by, agreed);
  forget_speaker(turn, change);
  return Refusal::none;
}

}  // namespace

Reply configure(Turn& turn, const Configure& command) {
  House changed;
  const Refusal refusal = try_change(turn.state, command.change, turn.now, changed);
  if (refusal == Refusal::invalid) return {refusal};
  const bool alone = configurers(turn.state.house) < 2;
  if (!alone || command.by.value != 0) {
    const Refusal person = admit(turn.state, command.by, right_to_configure);
    if (person != Refusal::none) return {person};
  }
  if (refusal != Refusal::none) return {refusal};
  if (!has_room_to_hear(turn.state, command.change)) return {Refusal::speakers_full};
  if (alone || only_ends_work(turn.state, command.change)) {
    take_change(turn, std::move(changed), command.by, {});
    forget_speaker(turn, command.change);
    return {};
  }
  if (turn.state.wishes.size() >= wishes_max) return {Refusal::wishes_full};
  return {Refusal::none, add_wish(turn, {command.by, turn.now, command.change})};
}

Reply decide(Turn& turn, const DecideWish& command) {
  if (const Refusal refusal = admit(turn.state, command.by, rights_all); refusal != Refusal::none) {
    return {refusal};
  }
  const auto found = turn.state.wishes.find(command.wish);
  if (found == turn.state.wishes.end()) return {Refusal::unknown_subject};
  Refusal refusal = may_decide(turn.state, command, found->second);
  if (refusal == Refusal::none && command.yes) {
    refusal = fulfil(turn, found->second, command.by);
  }
  if (refusal != Refusal::none) return {refusal};
  turn.state.wishes.erase(command.wish);
  append(turn.events, Event(WishChanged{command.wish, command.by, false}));
  return {Refusal::none, command.wish};
}

// Worse at once, better by two.
Reply set_severity(Turn& turn, const SetSeverity& command) {
  if (!is_text(command.words, words_bytes_max)) return {Refusal::invalid};
  const Refusal refusal = admit(turn.state, command.by, rights_of_roles, command.incident);
  if (refusal != Refusal::none) return {refusal};
  const Incident& incident = turn.state.incidents.at(command.incident);
  const bool better = command.to > incident.severity;
  if (better && !may(rights_of(turn.state.house, command.by), right_of(Role::commander))) {
    return {Refusal::not_allowed};
  }
  if (incident.phase >= Phase::resolved) return {Refusal::wrong_phase};
  if (command.to == incident.severity) return {Refusal::no_change};
  if (better && turn.state.wishes.size() >= wishes_max) return {Refusal::wishes_full};
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  if (!better) {
    set_worse(turn, command.incident, command.to, {.by = command.by, .words = command.words});
    return {Refusal::none, command.incident.value};
  }
  const LowerSeverity lower{command.incident, command.to};
  const std::uint32_t wish = add_wish(turn, {command.by, turn.now, lower});
  add_row(
      turn, command.incident, RowKind::severity_asked,
      {.by = command.by, .number = static_cast<std::uint32_t>(command.to), .words = command.words});
  return {Refusal::none, wish};
}

}  // namespace oki::response
