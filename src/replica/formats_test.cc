// The bytes of entries, messages and snapshots are those written down in test/golden.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "replica/batch.h"
#include "replica/peer_message.h"
#include "replica/replicated_state.h"
#include "replica/testing/list_machine.h"

namespace oki::replica {
namespace {

Members some_members() {
  Members members;
  members.all = {{{1}, 1, false}, {{2}, 2, false}, {{4}, 3, true}};
  members.id_max = {4};
  return members;
}

Bytes some_batch() {
  BatchWriter writer({1'700'000'000'000});
  writer.add({});
  writer.add({{11}, 5, 4, "body"});
  return writer.take();
}

Bytes some_state() {
  ListMachine machine;
  ReplicatedState state(machine, {});
  EXPECT_TRUE(state.restore({1}, ReplicatedState::genesis(some_members())));
  BatchWriter opening({1'700'000'000'000});
  opening.add({});
  const Bytes first = opening.take();
  state.apply_batch({2}, std::get<Batch>(*decode_entry(first)), nullptr);
  BatchWriter writer({1'600'000'000'000});  // Time does not go back.
  writer.add({{2}, 3, 2, "body"});
  const Bytes second = writer.take();
  state.apply_batch({3}, std::get<Batch>(*decode_entry(second)), nullptr);
  return state.encode();
}

std::map<std::string, Bytes> some_formats() {
  PeerMessage engine;
  engine.header = {7, {1}, 1, {2}};
  engine.engine = {"raft", ""};
  PeerMessage chunk = engine;
  chunk.kind = PeerKind::snapshot_chunk;
  chunk.snapshot = {{99}, {6}, 0x0102030405060708};
  chunk.size = 1000;
  chunk.offset = 256;
  chunk.bytes = "state";
  PeerMessage have = chunk;
  have.kind = PeerKind::snapshot_have;
  PeerMessage ready = chunk;
  ready.kind = PeerKind::snapshot_ready;
  PeerMessage report = chunk;
  report.kind = PeerKind::hash_report;
  return {
      {"batch", some_batch()},
      {"hash_report", encode(HashReport{{3}, {900}, 0x0102030405060708, false})},
      {"deep_hash_report", encode(HashReport{{3}, {900}, 0x0102030405060708, true})},
      {"members", encode(some_members())},
      {"member_change", encode(MemberChange{MemberChange::Kind::add_learner, {4}, 3})},
      {"genesis", ReplicatedState::genesis(some_members())},
      {"state", some_state()},
      {"peer_engine", encode(engine)},
      {"peer_snapshot_chunk", encode(chunk)},
      {"peer_snapshot_have", encode(have)},
      {"peer_snapshot_ready", encode(ready)},
      {"peer_hash_report", encode(report)},
  };
}

std::string hex(ByteView bytes) {
  std::string out;
  for (const char byte : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    out += digits[static_cast<unsigned char>(byte) >> 4];
    out += digits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

TEST(Formats, BytesAreThoseWrittenDown) {
  std::ifstream in("test/golden/replica_formats.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, bytes; in >> name >> bytes;) lines[name] = bytes;
  EXPECT_EQ(lines.size(), some_formats().size());
  for (const auto& [name, bytes] : some_formats()) {
    EXPECT_EQ(lines[name], hex(bytes)) << name << " has changed its bytes";
  }
}

TEST(Formats, AStateComesBackFromItsBytes) {
  const Bytes bytes = some_state();
  ListMachine machine;
  ReplicatedState state(machine, {});
  ASSERT_TRUE(state.restore({3}, bytes));
  EXPECT_EQ(state.encode(), bytes);
  EXPECT_EQ(state.time(), WallTimeMs{1'700'000'000'000});
  EXPECT_EQ(state.members(), some_members());
  EXPECT_EQ(state.sessions().check({2}, 3, 0).reply->bytes, "1");
  EXPECT_EQ(machine.commands, std::vector<Bytes>{"body"});
}

TEST(Formats, ABrokenStateIsRefused) {
  const Bytes good = some_state();
  for (std::size_t size = 0; size < good.size(); ++size) {
    ListMachine machine;
    ReplicatedState state(machine, {});
    EXPECT_FALSE(state.restore({3}, ByteView(good).substr(0, size))) << size;
  }
  ListMachine machine;
  ReplicatedState state(machine, {});
  EXPECT_FALSE(state.restore({3}, good + '\0'));
}

}  // namespace
}  // namespace oki::replica
