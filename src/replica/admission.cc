#include "replica/admission.h"

#include <algorithm>

namespace oki::replica {
namespace {

const Members::Member* newest_of_seat(const Members& members, std::uint32_t seat) {
  const Members::Member* newest = nullptr;
  for (const Members::Member& member : members.all) {
    if (member.seat == seat) newest = &member;  // Ids rise.
  }
  return newest;
}

bool caught_up(NodeId id, LogIndex last, const std::vector<Engine::Peer>& peers) {
  return std::any_of(peers.begin(), peers.end(), [&](const Engine::Peer& peer) {
    return peer.id == id && peer.recently_active && peer.match.value > 0 &&
           peer.match.value + caught_up_entries >= last.value;
  });
}

}  // namespace

bool members_in_transition(const Members& members) {
  return std::any_of(members.all.begin(), members.all.end(), [&](const Members::Member& member) {
    return member.learner || newest_of_seat(members, member.seat)->id != member.id;
  });
}

std::optional<MemberChange> next_member_change(const Members& members, NodeId self, LogIndex last,
                                               const std::vector<Engine::Peer>& peers) {
  for (const Members::Member& member : members.all) {
    const Members::Member& newest = *newest_of_seat(members, member.seat);
    if (newest.id == member.id || member.id == self) continue;
    if (member.learner || caught_up(newest.id, last, peers)) {
      return MemberChange{MemberChange::Kind::remove, member.id, member.seat};
    }
  }
  for (const Members::Member& member : members.all) {
    const bool sole =
        std::count_if(members.all.begin(), members.all.end(),
                      [&](const Members::Member& other) { return other.seat == member.seat; }) == 1;
    if (member.learner && sole && caught_up(member.id, last, peers)) {
      return MemberChange{MemberChange::Kind::add_voter, member.id, member.seat};
    }
  }
  return std::nullopt;
}

}  // namespace oki::replica
