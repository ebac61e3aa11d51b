#include "replica/snapshot_transfer.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/hash64.h"

namespace oki::replica {
namespace {

struct Chunk {
  PeerMessage message;
  Bytes bytes;
};

class TransferTest : public ::testing::Test {
 protected:
  TransferTest() {
    for (std::size_t i = 0; i < 10 * snapshot_chunk_bytes + 17; ++i) {
      data_.push_back(static_cast<char>(i * 7 + i / 251));
    }
    name_ = {{50}, {3}, hash64(data_)};
  }

  SnapshotSender make_sender() {
    return SnapshotSender(name_, std::make_shared<const Bytes>(data_), "engine");
  }

  SnapshotSender::Send send() {
    return [this](PeerMessage message) {
      wire_.push_back({message, Bytes(message.bytes)});
      wire_.back().message.bytes = wire_.back().bytes;
    };
  }

  // Delivers everything on the wire, and what that brings.
  void deliver(SnapshotSender& sender, SnapshotReceiver& receiver) {
    while (!wire_.empty()) {
      Chunk chunk = std::move(wire_.front());
      wire_.pop_front();
      chunk.message.bytes = chunk.bytes;
      if (const auto have = receiver.on_chunk(chunk.message)) sender.on_have(*have, send());
    }
  }

  Bytes data_;
  SnapshotName name_;
  std::deque<Chunk> wire_;
};

TEST_F(TransferTest, ArrivesWholeWithABoundedWindow) {
  SnapshotSender sender = make_sender();
  SnapshotReceiver receiver(1u << 30);
  ASSERT_TRUE(sender.on_tick(10, send()));
  EXPECT_EQ(wire_.size(), snapshot_window_bytes / snapshot_chunk_bytes);
  EXPECT_EQ(receiver.whole(name_), nullptr);
  deliver(sender, receiver);
  EXPECT_TRUE(sender.complete());
  ASSERT_NE(receiver.whole(name_), nullptr);
  EXPECT_TRUE(receiver.take() == data_);
  EXPECT_EQ(receiver.whole(name_), nullptr);
}

TEST_F(TransferTest, GoesOnWhereItWasAfterALoss) {
  SnapshotSender sender = make_sender();
  SnapshotReceiver receiver(1u << 30);
  ASSERT_TRUE(sender.on_tick(10, send()));
  wire_.erase(wire_.begin() + 1);
  deliver(sender, receiver);
  EXPECT_FALSE(sender.complete());
  for (int tick = 0; tick < 10; ++tick) ASSERT_TRUE(sender.on_tick(10, send()));
  EXPECT_EQ(wire_.front().message.offset, snapshot_chunk_bytes);
  deliver(sender, receiver);
  EXPECT_TRUE(sender.complete());
}

TEST_F(TransferTest, AnotherLeaderWithTheSameSnapshotGoesOn) {
  SnapshotSender first = make_sender();
  SnapshotReceiver receiver(1u << 30);
  ASSERT_TRUE(first.on_tick(10, send()));
  wire_.resize(2);
  deliver(first, receiver);
  wire_.clear();
  SnapshotSender second = make_sender();
  ASSERT_TRUE(second.on_tick(10, send()));
  wire_.resize(1);  // Its answer says how much is there already.
  deliver(second, receiver);
  for (int tick = 0; tick < 10; ++tick) ASSERT_TRUE(second.on_tick(10, send()));
  EXPECT_EQ(wire_.front().message.offset, 2 * snapshot_chunk_bytes);
  deliver(second, receiver);
  EXPECT_TRUE(second.complete());
  EXPECT_TRUE(receiver.take() == data_);
}

TEST_F(TransferTest, GivesUpOnASilentReceiver) {
  SnapshotSender sender = make_sender();
  int ticks = 0;
  while (sender.on_tick(10, send())) {
    ASSERT_LT(++ticks, 1000);
  }
  EXPECT_FALSE(sender.complete());
}

TEST_F(TransferTest, DamagedBytesStartAgain) {
  SnapshotSender sender = make_sender();
  SnapshotReceiver receiver(1u << 30);
  ASSERT_TRUE(sender.on_tick(10, send()));
  wire_.front().bytes[5] = static_cast<char>(wire_.front().bytes[5] ^ 1);
  for (int tick = 0; tick < 100 && !sender.complete(); ++tick) {
    deliver(sender, receiver);
    ASSERT_TRUE(sender.on_tick(10, send()));
  }
  ASSERT_TRUE(sender.complete());
  EXPECT_TRUE(receiver.take() == data_);
}

TEST_F(TransferTest, RefusesMoreThanItsLimitAndChunksThatDoNotFit) {
  SnapshotReceiver receiver(1000);
  PeerMessage chunk;
  chunk.kind = PeerKind::snapshot_chunk;
  chunk.snapshot = name_;
  chunk.size = 1001;
  chunk.bytes = "x";
  EXPECT_FALSE(receiver.on_chunk(chunk));
  chunk.size = 10;
  chunk.offset = 10;
  EXPECT_FALSE(receiver.on_chunk(chunk));
  chunk.offset = ~std::uint64_t{0};
  EXPECT_FALSE(receiver.on_chunk(chunk));
  chunk.offset = 0;
  chunk.bytes = "";
  EXPECT_FALSE(receiver.on_chunk(chunk));
  chunk.bytes = "x";
  EXPECT_EQ(receiver.on_chunk(chunk), 1u);
}

}  // namespace
}  // namespace oki::replica
