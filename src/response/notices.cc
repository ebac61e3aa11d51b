// Notices and promises: two people for every text, but for the two that the rules alone may send.
#include <algorithm>
#include <utility>

#include "notify/notice.h"
#include "response/operators.h"
#include "response/words.h"

namespace oki::response {
namespace {

constexpr std::int64_t promise_ms_max = 86'400'000;

// What the incident must have come to before customers are told that it has.
bool fits(const Incident& incident, notify::NoticePhase phase) {
  switch (phase) {
    case notify::NoticePhase::investigating:
    case notify::NoticePhase::identified:
    case notify::NoticePhase::monitoring:
      return incident.phase != Phase::suspected && incident.phase != Phase::resolved;
    case notify::NoticePhase::resolved:
      return incident.phase == Phase::resolved;
    case notify::NoticePhase::postmortem:
      return incident.phase == Phase::resolved &&
             incident.postmortem.state == PostmortemState::approved;
    case notify::NoticePhase::scheduled:
    case notify::NoticePhase::in_progress:
    case notify::NoticePhase::completed:
    case notify::NoticePhase::cancelled:
      break;  // Of planned work, which is no incident.
  }
  return false;
}

// A notice goes out by the rules alone when it is the first under its name, or the first of that
// name that says that it is over.
bool needs_nobody(IncidentId id, const Incident& incident, const notify::Notice& notice) {
  const std::vector<notify::NoticePhase> before = phases_told(id, incident);
  if (notice.phase == notify::NoticePhase::investigating) return before.empty();
  return notice.phase == notify::NoticePhase::resolved &&
         std::ranges::find(before, notify::NoticePhase::resolved) == before.end();
}

// What approval fixes: whatever the proposal said of these.
void complete(const Turn& turn, IncidentId id, notify::Notice& notice) {
  const Incident& incident = turn.state.incidents.at(id);
  const std::string name = notice_name(id, incident);
  notice.incident = name;
  notice.drill = incident.drill;
  notice.at = turn.now;
  notice.began = incident.began;
  notice.ended = notice.phase >= notify::NoticePhase::resolved ? incident.ended : std::nullopt;
  notice.number = static_cast<std::uint32_t>(phases_told(id, incident).size() + 1);
}

void publish(Turn& turn, IncidentId id, NoticeRecord& record, const notify::Notice& notice) {
  Incident& incident = turn.state.incidents.at(id);
  record.notice.clear();
  notify::append(record.notice, notice);
  record.state = NoticeState::approved;
  record.number = notice.number;
  ++turn.state.notices_approved;
  add_row(turn, id, RowKind::notice_approved,
          {.by = record.decided_by,
           .number = notice.number,
           .subject = notify::name(notice.phase),
           .words = notice.title.en});
  append(turn.events, Event(NoticeApproved{id, record.notice}));
  incident.promise.reset();
  if (notice.next_update_at && incident.phase < Phase::resolved) {
    incident.promise = notice.next_update_at;
  }
}

}  // namespace

std::string notice_name(IncidentId id, const Incident& incident) {
  std::string text = name(id);
  if (incident.reopened > 0) text += 'r' + std::to_string(incident.reopened);
  return text;
}

std::vector<notify::NoticePhase> phases_told(IncidentId id, const Incident& incident) {
  std::vector<notify::NoticePhase> found;
  const std::string name = notice_name(id, incident);
  for (const NoticeRecord& record : incident.notices) {
    if (record.state != NoticeState::approved) continue;
    const auto before = notify::read_notice(record.notice);
    if (before && before->incident == name) found.push_back(before->phase);
  }
  return found;
}

Reply propose_notice(Turn& turn, const ProposeNotice& command) {
  auto notice = notify::read_notice(command.notice);
  if (!notice) return {Refusal::invalid};
  const bool by_rules = command.by.value == 0;
  const Refusal person = by_rules ? Refusal::none : admit(turn.state, command.by, rights_to_tell);
  if (person != Refusal::none) return {person};
  const auto found = turn.state.incidents.find(command.incident);
  if (found == turn.state.incidents.end() || !is_open(found->second)) {
    return {Refusal::unknown_incident};
  }
  Incident& incident = found->second;
  if (!fits(incident, notice->phase)) return {Refusal::wrong_phase};
  if (by_rules && !needs_nobody(command.incident, incident, *notice)) return {Refusal::same_person};
  if (incident.notices.size() >= notices_max) return {Refusal::notices_full};
  complete(turn, command.incident, *notice);
  notice->approved_by.clear();
  if (!notify::check(*notice)) return {Refusal::invalid};  // As it would be published now.
  NoticeRecord record;
  record.by = command.by;
  record.notice = command.notice;
  const auto place = static_cast<std::uint32_t>(incident.notices.size() + 1);
  if (by_rules) {
    publish(turn, command.incident, record, *notice);
  } else {
    add_row(turn, command.incident, RowKind::notice_proposed,
            {.by = command.by,
             .number = place,
             .subject = notify::name(notice->phase),
             .words = notice->title.en});
  }
  incident.notices.push_back(std::move(record));
  return {Refusal::none, place};
}

Reply decide_notice(Turn& turn, const DecideNotice& command) {
  if (!is_text(command.words, words_bytes_max)) return {Refusal::invalid};
  const Refusal refusal = admit(turn.state, command.by, rights_to_tell, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (command.proposal == 0 || command.proposal > incident.notices.size()) {
    return {Refusal::unknown_subject};
  }
  NoticeRecord& record = incident.notices[command.proposal - 1];
  auto notice = notify::read_notice(record.notice);
  if (!notice) return {Refusal::unknown_subject};
  if (command.yes && !fits(incident, notice->phase)) return {Refusal::wrong_phase};
  if (record.state != NoticeState::proposed) return {Refusal::decided};
  if (!command.yes) {
    record.state = NoticeState::rejected;
    record.decided_by = command.by;
    add_row(turn, command.incident, RowKind::notice_rejected,
            {.by = command.by, .number = command.proposal, .words = command.words});
    return {Refusal::none, command.proposal};
  }
  if (command.by == record.by) return {Refusal::same_person};
  const auto& people = turn.state.house.people;
  complete(turn, command.incident, *notice);
  notice->approved_by = {people.at(record.by).name, people.at(command.by).name};
  // A promise may have passed while the text waited; then it is proposed anew.
  if (!notify::check(*notice)) return {Refusal::decided};
  record.decided_by = command.by;
  publish(turn, command.incident, record, *notice);
  return {Refusal::none, command.proposal};
}

Reply promise(Turn& turn, const Promise& command) {
  if (command.at <= turn.now || command.at > later(turn.now, promise_ms_max)) {
    return {Refusal::invalid};
  }
  const Refusal refusal = admit(turn.state, command.by, rights_to_tell, command.incident);
  if (refusal != Refusal::none) return {refusal};
  Incident& incident = turn.state.incidents.at(command.incident);
  if (incident.phase == Phase::suspected || incident.phase == Phase::resolved) {
    return {Refusal::wrong_phase};
  }
  if (incident.promise == command.at) return {Refusal::no_change};
  // What was promised is kept or missed: a later time does not take it back.
  if (incident.promise && command.at > *incident.promise) return {Refusal::decided};
  if (const Refusal rows = room_for_rows(turn.state, command.incident); rows != Refusal::none) {
    return {rows};
  }
  incident.promise = command.at;
  add_row(turn, command.incident, RowKind::promised,
          {.by = command.by,
           .number = static_cast<std::uint32_t>((command.at.value - turn.now.value) / 1'000)});
  return {Refusal::none, command.incident.value};
}

}  // namespace oki::response
