// The notices that go out by the rules alone: the first of an incident, and the last. Everything in
// them but their title and body is computed here from the record of the incident.
#pragma once

#include "notify/notice.h"
#include "response/state.h"

namespace oki::watch {

// How long after the first notice the next one is promised.
std::int64_t promise_ms(response::Severity severity);

// Without title and body. Affected is what proofs and evidence say, as bad as they say;
// not affected is every market, edge and ledger of the house about which nothing is signalled.
// REQUIRES: the incident is there, and resolved when `phase` is.
notify::Notice notice_by_rules(const response::State& state, response::IncidentId id,
                               notify::NoticePhase phase, WallTimeMs now);

// All approved notices of incidents, for the status sites; its sequence rises with every approval,
// and with everything that is told of planned work.
struct NoticeBoardSource {
  std::uint64_t sequence = 0;
  std::vector<notify::Notice> notices;
};
NoticeBoardSource notices_of(const response::State& state);

}  // namespace oki::watch
