// How a seat whose disk was lost comes back under a new id, one change of members at a time.
//
// The plan is read off the members alone, so it survives any change of leader:
//   (1) a learner or voter whose seat has a newer id leaves: a learner at once, a voter when the
//       seat's newest id has caught up;
//   (2) a learner that is its seat's only id and has caught up becomes a voter.
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
