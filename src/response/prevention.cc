// After the fact: what shall not happen again, and the text that says what happened.
#include "response/operators.h"
#include "response/words.h"

namespace oki::response {
namespace {

bool is_somebody(const House& house, PersonId person) {
  const auto found = house.people.find(person);
  return found != house.people.end() && !found->second.left;
}

std::string name_of(const House& house, PersonId person) {
  const auto found = house.people.find(person);
  return found == house.people.end() ? std::string() : found->second.name;
}

// Items go on after the incident is closed.
Refusal admit_after(const State& state, PersonId by, IncidentId id) {
  const Refusal refusal = admit(state, by, rights_of_roles);
  if (refusal != Refusal::none) return refusal;
  const auto found = state.incidents.find(id);
  return found == state.incidents.end() ? Refusal::unknown_incident : Refusal::none;
}

}  // namespace

Reply add_item(Turn& turn, const AddItem& command) {
  if (command.words.empty() || !is_line(command.words, words_bytes_max)) {
    return {Refusal::invalid};
  }
  const Refusal refusal = admit_after(turn.state, command.by, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (command.owner.value != 0 && !is_somebody(turn.state.house, command.owner)) {
    return {Refusal::unknown_subject};
  }
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  if (incident.items.size() >= items_max) return {Refusal::items_full};
  incident.items.push_back({command.words, command.owner, command.due, std::nullopt});
  const auto place = static_cast<std::uint32_t>(incident.items.size());
  add_row(turn, command.incident, RowKind::item_added,
          {.by = command.by,
           .number = place,
           .subject = name_of(turn.state.house, command.owner),
           .words = command.words});
  return {Refusal::none, place};
}

Reply assign_item(Turn& turn, const AssignItem& command) {
  const Refusal refusal = admit_after(turn.state, command.by, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (command.item == 0 || command.item > incident.items.size() ||
      !is_somebody(turn.state.house, command.owner)) {
    return {Refusal::unknown_subject};
  }
  Item& item = incident.items[command.item - 1];
  if (item.done) return {Refusal::decided};
  if (item.owner == command.owner && item.due == command.due) return {Refusal::no_change};
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  item.owner = command.owner;
  item.due = command.due;
  add_row(turn, command.incident, RowKind::item_assigned,
          {.by = command.by,
           .number = command.item,
           .subject = name_of(turn.state.house, command.owner),
           .words = item.words});
  return {Refusal::none, command.item};
}

Reply finish_item(Turn& turn, const FinishItem& command) {
  if (!is_text(command.words, words_bytes_max)) return {Refusal::invalid};
  const Refusal refusal = admit_after(turn.state, command.by, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (command.item == 0 || command.item > incident.items.size()) return {Refusal::unknown_subject};
  Item& item = incident.items[command.item - 1];
  const std::uint8_t rights = rights_of(turn.state.house, command.by);
  if (item.owner != command.by && !may(rights, right_of(Role::commander))) {
    return {Refusal::not_allowed};
  }
  if (item.done) return {Refusal::decided};
  item.done = turn.now;
  add_row(turn, command.incident, RowKind::item_done,
          {.by = command.by,
           .number = command.item,
           .words = command.words.empty() ? item.words : command.words});
  return {Refusal::none, command.item};
}

Reply submit_postmortem(Turn& turn, const SubmitPostmortem& command) {
  if (command.digest.empty() || !is_line(command.digest, digest_bytes_max)) {
    return {Refusal::invalid};
  }
  const Refusal refusal = admit(turn.state, command.by, rights_of_roles, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (incident.phase != Phase::resolved) return {Refusal::wrong_phase};
  Postmortem& text = incident.postmortem;
  if (text.state == PostmortemState::approved) return {Refusal::decided};
  if (text.state == PostmortemState::submitted && text.digest == command.digest) {
    return {Refusal::no_change};
  }
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  text.state = PostmortemState::submitted;
  text.digest = command.digest;
  text.by = command.by;
  text.decided_by = {};
  add_row(turn, command.incident, RowKind::postmortem_submitted,
          {.by = command.by, .subject = command.digest});
  return {Refusal::none, command.incident.value};
}

Reply decide_postmortem(Turn& turn, const DecidePostmortem& command) {
  const Refusal refusal =
      admit(turn.state, command.by, right_of(Role::commander), command.incident);
  if (refusal != Refusal::none) return {refusal};
  Postmortem& text = turn.state.incidents.at(command.incident).postmortem;
  if (text.state == PostmortemState::none || text.digest != command.digest) {
    return {Refusal::unknown_subject};
  }
  if (text.state == PostmortemState::approved) return {Refusal::decided};
  if (command.yes && command.by == text.by) return {Refusal::same_person};
  text.state = command.yes ? PostmortemState::approved : PostmortemState::none;
  text.decided_by = command.by;
  add_row(turn, command.incident,
          command.yes ? RowKind::postmortem_approved : RowKind::postmortem_rejected,
          {.by = command.by, .subject = command.digest});
  return {Refusal::none, command.incident.value};
}

}  // namespace oki::response
