#include "response/telling.h"

#include <algorithm>

#include "response/words.h"

namespace oki::response {
namespace {

std::string seat_name(std::uint32_t seat) { return "watch " + std::to_string(seat); }

bool is_seat(std::uint32_t seat) { return seat >= 1 && seat <= seats_max; }

std::vector<NoticeRecord>* find_notices(State& state, Telling what, IncidentId id) {
  if (what == Telling::planned_work) {
    const auto work = state.works.find(id.value);
    return work == state.works.end() ? nullptr : &work->second.notices;
  }
  const auto incident = state.incidents.find(id);
  return incident == state.incidents.end() ? nullptr : &incident->second.notices;
}

// The approved notice that a watch means; nullptr when there is none. Notices are told also after
// their incident is closed.
template <typename Told>
NoticeRecord* find_notice(State& state, const Told& command) {
  std::vector<NoticeRecord>* notices = find_notices(state, command.what, command.incident);
  const std::uint32_t place = command.number;
  if (notices == nullptr || place == 0 || place > notices->size()) return nullptr;
  NoticeRecord& record = (*notices)[place - 1];
  return record.state == NoticeState::approved ? &record : nullptr;
}

template <typename Owed>
Refusal take_from(Owed& owed, const Take& command) {
  if (owed.taken_by == command.seat) return Refusal::no_change;
  if (owed.taken_by != command.from) return Refusal::decided;
  owed.taken_over = owed.taken_by != 0;
  owed.taken_by = command.seat;
  return Refusal::none;
}

Reply take_notice(Turn& turn, const Take& command) {
  NoticeRecord* record = find_notice(turn.state, command);
  if (record == nullptr) return {Refusal::unknown_subject};
  if (record->told) return {Refusal::decided};
  const Refusal refusal = take_from(*record, command);
  if (refusal != Refusal::none) return {refusal};
  if (command.what == Telling::planned_work) return {Refusal::none, command.number};
  add_row(turn, command.incident, RowKind::notice_taken,
          {.number = record->number, .subject = seat_name(command.seat)});
  return {Refusal::none, command.number};
}

Reply take_page(Turn& turn, const Take& command) {
  const auto page = turn.state.pages.find(command.number);
  if (page == turn.state.pages.end()) return {Refusal::unknown_subject};
  const Refusal refusal = take_from(page->second, command);
  return {refusal, refusal == Refusal::none ? command.number : 0};
}

std::string words_of(const RecordTold& command) {
  std::string words = name(command.outcome);
  if (!command.proof.empty()) words += ": " + command.proof;
  return words;
}

Reply notice_told(Turn& turn, const RecordTold& command) {
  NoticeRecord* record = find_notice(turn.state, command);
  if (record == nullptr) return {Refusal::unknown_subject};
  if (record->taken_by != command.seat) return {Refusal::decided};
  const ChannelTold told{command.channel, command.outcome, command.seat, command.proof};
  auto known = std::ranges::find(record->channels, command.channel, &ChannelTold::channel);
  const bool news = !command.channel.empty() && (known == record->channels.end() || *known != told);
  if (!news && record->told >= command.last) return {Refusal::no_change};
  if (known == record->channels.end() && record->channels.size() >= channels_told_max) {
    return {Refusal::notices_full};
  }
  record->told = record->told || command.last;
  if (!news) return {Refusal::none, command.number};
  if (known == record->channels.end()) {
    record->channels.push_back(told);
  } else {
    *known = told;
  }
  if (command.what == Telling::planned_work) return {Refusal::none, command.number};
  add_row(turn, command.incident, RowKind::notice_told,
          {.number = record->number, .subject = command.channel, .words = words_of(command)});
  return {Refusal::none, command.number};
}

Reply page_told(Turn& turn, const RecordTold& command) {
  const auto page = turn.state.pages.find(command.number);
  if (page == turn.state.pages.end()) return {Refusal::unknown_subject};
  if (page->second.taken_by != command.seat) return {Refusal::decided};
  const IncidentId incident = page->second.incident;
  const PersonId person = page->second.person;
  if (command.last) turn.state.pages.erase(page);
  if (!command.channel.empty() && turn.state.incidents.contains(incident)) {
    add_row(turn, incident, RowKind::page_told,
            {.by = person,
             .number = command.number,
             .subject = command.channel,
             .words = words_of(command)});
  }
  return {Refusal::none, command.number};
}

}  // namespace

Reply take(Turn& turn, const Take& command) {
  if (!is_seat(command.seat) || command.from > seats_max) return {Refusal::invalid};
  return command.what == Telling::page ? take_page(turn, command) : take_notice(turn, command);
}

Reply record_told(Turn& turn, const RecordTold& command) {
  if (!is_seat(command.seat) || !is_line(command.channel, channel_bytes_max) ||
      !is_line(command.proof, proof_bytes_max) || (command.channel.empty() && !command.last)) {
    return {Refusal::invalid};
  }
  return command.what == Telling::page ? page_told(turn, command) : notice_told(turn, command);
}

Reply record_draft(Turn& turn, const RecordDraft& command) {
  if (!is_seat(command.seat) || command.digest.empty() ||
      !is_line(command.digest, digest_bytes_max)) {
    return {Refusal::invalid};
  }
  const auto found = turn.state.incidents.find(command.incident);
  if (found == turn.state.incidents.end()) return {Refusal::unknown_incident};
  if (found->second.phase < Phase::resolved) return {Refusal::wrong_phase};
  Postmortem& text = found->second.postmortem;
  if (text.draft == command.digest && text.draft_seat == command.seat) {
    return {Refusal::no_change};
  }
  text.draft = command.digest;
  text.draft_seat = command.seat;
  add_row(turn, command.incident, RowKind::postmortem_drafted,
          {.subject = command.digest, .words = seat_name(command.seat)});
  return {Refusal::none, command.incident.value};
}

}  // namespace oki::response
