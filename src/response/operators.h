// What people do: each is checked whole, in the order of Refusal, and only then changes anything.
// docs/incidents.md, 8 to 12.
#pragma once

#include "notify/notice.h"
#include "response/turn.h"

namespace oki::response {

// unknown_person, not_allowed, unknown_incident or none. 0 is nobody here.
Refusal admit(const State& state, PersonId by, std::uint8_t rights_any_of);
Refusal admit(const State& state, PersonId by, std::uint8_t rights_any_of, IncidentId id);

// rows_full when people have written all they may.
Refusal room_for_rows(const State& state, IncidentId id);

Reply configure(Turn& turn, const Configure& command);
Reply decide(Turn& turn, const DecideWish& command);

Reply declare(Turn& turn, const Declare& command);
Reply acknowledge(Turn& turn, const Acknowledge& command);
Reply take_role(Turn& turn, const TakeRole& command);
Reply hand_over(Turn& turn, const HandOver& command);
Reply set_severity(Turn& turn, const SetSeverity& command);
Reply set_phase(Turn& turn, const SetPhase& command);
Reply add_note(Turn& turn, const AddNote& command);
Reply merge(Turn& turn, const Merge& command);
Reply request_resolve(Turn& turn, const RequestResolve& command);
Reply close(Turn& turn, const Close& command);
Reply dismiss(Turn& turn, const Dismiss& command);

// "inc12", and "inc12r1" after it was reopened once: to readers of notices, going back from
// `resolved` is a new incident.
std::string notice_name(IncidentId id, const Incident& incident);

// Of the notices approved under that name, in their order.
std::vector<notify::NoticePhase> phases_told(IncidentId id, const Incident& incident);

Reply propose_notice(Turn& turn, const ProposeNotice& command);
Reply decide_notice(Turn& turn, const DecideNotice& command);
Reply promise(Turn& turn, const Promise& command);
Reply request_step(Turn& turn, const RequestStep& command);
Reply decide_step(Turn& turn, const DecideStep& command);
Reply record_step(Turn& turn, const RecordStep& command);
Reply add_item(Turn& turn, const AddItem& command);
Reply assign_item(Turn& turn, const AssignItem& command);
Reply finish_item(Turn& turn, const FinishItem& command);
Reply submit_postmortem(Turn& turn, const SubmitPostmortem& command);
Reply decide_postmortem(Turn& turn, const DecidePostmortem& command);

}  // namespace oki::response
