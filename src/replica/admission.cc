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

bool sole_of_seat(const Members& members, const Members::Member& of) {
  return std::none_of(members.all.begin(), members.all.end(), [&](const Members::Member& other) {
    return other.seat == of.seat && other.id != of.id;
  });
}

std::size_t seats(const Members& members) {
  return static_cast<std::size_t>(
      std::count_if(members.all.begin(), members.all.end(), [&](const Members::Member& member) {
        return newest_of_seat(members, member.seat)->id == member.id;
      }));
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
    if (!member.learner || !sole_of_seat(members, member)) continue;
    if (caught_up(member.id, last, peers)) {
      return MemberChange{MemberChange::Kind::add_voter, member.id, member.seat};
    }
  }
  const bool voter_may_leave = voters(members) - 1 >= seats(members) / 2 + 1;
  for (const Members::Member& member : members.all) {
    const NodeId newest = newest_of_seat(members, member.seat)->id;
    if (newest == member.id || member.id == self) continue;
    if (member.learner || (voter_may_leave && caught_up(newest, last, peers))) {
      return MemberChange{MemberChange::Kind::remove, member.id, member.seat};
    }
  }
  return std::nullopt;
}

}  // namespace oki::replica
