#include "replica/peer_message.h"

#include <gtest/gtest.h>

namespace oki::replica {
namespace {

PeerMessage of_kind(PeerKind kind) {
  PeerMessage message;
  message.kind = kind;
  message.header = {77, {1}, 1, {2}};
  message.snapshot = {{50}, {3}, 0x99};
  switch (kind) {
    case PeerKind::engine:
      message.snapshot = {};
      message.engine = {"one", "", "three"};
      break;
    case PeerKind::snapshot_chunk:
      message.size = 1000;
      message.offset = 256;
      message.bytes = "chunk";
      break;
    case PeerKind::snapshot_have:
      message.offset = 512;
      break;
    case PeerKind::snapshot_ready:
      message.bytes = "engine";
      break;
    case PeerKind::hash_report:
      message.snapshot = {};
      message.bytes = "report";
      break;
  }
  return message;
}

constexpr PeerKind kinds[] = {PeerKind::engine, PeerKind::snapshot_chunk, PeerKind::snapshot_have,
                              PeerKind::snapshot_ready, PeerKind::hash_report};

TEST(PeerMessage, ComesBackFromItsBytes) {
  for (PeerKind kind : kinds) {
    const PeerMessage sent = of_kind(kind);
    const Bytes bytes = encode(sent);
    const auto got = decode_peer_message(bytes);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->kind, kind);
    EXPECT_EQ(got->header.cluster, 77u);
    EXPECT_EQ(got->header.from, NodeId{1});
    EXPECT_EQ(got->header.from_seat, 1u);
    EXPECT_EQ(got->header.to, NodeId{2});
    EXPECT_EQ(got->engine, sent.engine);
    EXPECT_EQ(got->snapshot, sent.snapshot);
    EXPECT_EQ(got->size, sent.size);
    EXPECT_EQ(got->offset, sent.offset);
    EXPECT_EQ(got->bytes, sent.bytes);
  }
}

TEST(PeerMessage, RefusesCutLongAndUnknownBytes) {
  for (PeerKind kind : kinds) {
    const Bytes good = encode(of_kind(kind));
    for (std::size_t size = 0; size < good.size(); ++size) {
      EXPECT_FALSE(decode_peer_message(ByteView(good).substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_peer_message(good + '\0'));
    for (std::size_t at : {0u, 1u}) {
      Bytes bad = good;
      bad[at] = 9;
      EXPECT_FALSE(decode_peer_message(bad));
    }
  }
  Bytes many = encode(of_kind(PeerKind::engine));
  Writer(many).patch_u32(30, 0xffff'ffff);
  EXPECT_FALSE(decode_peer_message(many));
}

}  // namespace
}  // namespace oki::replica
