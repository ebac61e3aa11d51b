// The members of the cluster: their bytes and their changes.
//
// Members: u8 version 1, u64 id_max, u32 count, then per member u64 id, u32 seat, boolean learner,
// ids rising. A change: u8 kind, u64 id, u32 seat.
#include <algorithm>

#include "base/assert.h"
#include "replica/engine.h"

namespace oki::replica {
namespace {

constexpr std::uint8_t members_version = 1;
constexpr std::uint32_t members_max = 64;

auto position(Members& members, NodeId id) {
  return std::lower_bound(members.all.begin(), members.all.end(), id,
                          [](const Members::Member& member, NodeId at) { return member.id < at; });
}

}  // namespace

Bytes encode(const Members& members) {
  Bytes out;
  Writer writer(out);
  writer.u8(members_version);
  writer.u64(members.id_max.value);
  writer.u32(static_cast<std::uint32_t>(members.all.size()));
  for (const Members::Member& member : members.all) {
    writer.u64(member.id.value);
    writer.u32(member.seat);
    writer.boolean(member.learner);
  }
  return out;
}

Result<Members> decode_members(ByteView bytes) {
  Reader reader(bytes);
  if (reader.u8() != members_version) reader.fail();
  Members members;
  members.id_max = {reader.u64()};
  const std::uint32_t count = reader.u32();
  if (count > members_max) reader.fail();
  NodeId last;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    Members::Member member;
    member.id = {reader.u64()};
    member.seat = reader.u32();
    member.learner = reader.boolean();
    if (member.id <= last || member.id > members.id_max) reader.fail();
    last = member.id;
    members.all.push_back(member);
  }
  if (!reader.done()) return error(Errc::invalid, "the list of cluster members is malformed");
  return members;
}

const Members::Member* find_member(const Members& members, NodeId id) {
  for (const Members::Member& member : members.all) {
    if (member.id == id) return &member;
  }
  return nullptr;
}

std::size_t voters(const Members& members) {
  return static_cast<std::size_t>(
      std::count_if(members.all.begin(), members.all.end(),
                    [](const Members::Member& member) { return !member.learner; }));
}

Bytes encode(const MemberChange& change) {
  Bytes out;
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(change.kind));
  writer.u64(change.id.value);
  writer.u32(change.seat);
  return out;
}

Result<MemberChange> decode_member_change(ByteView bytes) {
  Reader reader(bytes);
  const std::uint8_t kind = reader.u8();
  if (kind > static_cast<std::uint8_t>(MemberChange::Kind::add_learner)) reader.fail();
  const MemberChange change{static_cast<MemberChange::Kind>(kind), {reader.u64()}, reader.u32()};
  if (!reader.done()) return error(Errc::invalid, "a change of cluster members is malformed");
  return change;
}

bool apply_change(Members& members, const MemberChange& change) {
  const auto at = position(members, change.id);
  const bool known = at != members.all.end() && at->id == change.id;
  switch (change.kind) {
    case MemberChange::Kind::add_learner:
      if (change.id <= members.id_max || members.all.size() >= members_max) return false;
      ASSERT(!known);
      members.all.insert(at, {change.id, change.seat, true});
      members.id_max = change.id;
      return true;
    case MemberChange::Kind::add_voter:
      if (!known || !at->learner || at->seat != change.seat) return false;
      at->learner = false;
      return true;
    case MemberChange::Kind::remove:
      if (!known || (!at->learner && voters(members) == 1)) return false;
      members.all.erase(at);
      return true;
  }
  return false;
}

}  // namespace oki::replica
