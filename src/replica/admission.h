// How a seat whose disk was lost comes back under a new id, one change of members at a time.
//
// The plan is read off the members alone, so it survives any change of leader:
//   (1) a learner that is its seat's only id and has caught up becomes a voter;
//   (2) a learner whose seat has a newer id leaves;
//   (3) a voter whose seat has a newer id leaves when that one has caught up, unless fewer voters
//       than a majority of the seats would stay: then it waits for (1) elsewhere.
#pragma once

#include <optional>
#include <vector>

#include "replica/engine.h"

namespace oki::replica {

// A learner this close behind the leader has caught up.
constexpr std::uint64_t caught_up_entries = 64;

// Whether next_member_change() could have anything to do; cheap.
bool members_in_transition(const Members& members);

// The next change the leader `self` should propose. `last` is the leader's own last index.
std::optional<MemberChange> next_member_change(const Members& members, NodeId self, LogIndex last,
                                               const std::vector<Engine::Peer>& peers);

}  // namespace oki::replica
