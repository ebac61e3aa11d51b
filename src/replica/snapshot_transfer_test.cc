#include "replica/snapshot_transfer.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/sink.h"
#include "store/testing/memory_disk.h"

namespace oki::replica {
namespace {

struct Chunk {
  PeerMessage message;
  Bytes bytes;
};

class TransferTest : public ::testing::Test {
 protected:
  TransferTest() {
    Bytes data;
    for (std::size_t i = 0; i < 10 * snapshot_chunk_bytes + 17; ++i) {
      data.push_back(static_cast<char>(i * 7 + i / 251));
    }
    BytesSink sink(file_);
    store::SnapshotFileWriter writer(sink, {{50}, {3}, "members"});
    writer.write(data);
    snapshot_ = kept(writer.finish());
  }

  SnapshotSender make_sender() { return SnapshotSender(snapshot_, "engine"); }
  SnapshotReceiver make_receiver(std::uint64_t bytes_max = 1u << 30) {
    return SnapshotReceiver(disk_, "arriving", bytes_max,
                            [this](const Error& error) { failed_ = error; });
  }

  // Reads and sends what the sender may send now.
  void send(SnapshotSender& sender) {
    while (const auto piece = sender.next()) {
      const Bytes bytes = file_.substr(piece->offset, piece->size);
      wire_.push_back({sender.chunk(bytes), bytes});
    }
  }

  bool tick(SnapshotSender& sender) {
    if (!sender.on_tick(10)) return false;
    send(sender);
    return true;
  }

  // Delivers everything on the wire, and what that brings.
  void deliver(SnapshotSender& sender, SnapshotReceiver& receiver) {
    while (!wire_.empty()) {
      Chunk chunk = std::move(wire_.front());
      wire_.pop_front();
      chunk.message.bytes = chunk.bytes;
      receiver.on_chunk(chunk.message, [&](std::uint64_t have) {
        sender.on_have(have);
        send(sender);
      });
    }
  }

  Bytes file_;
  KeptSnapshot snapshot_;
  store::MemoryDisk disk_{1};
  std::optional<Error> failed_;
  std::deque<Chunk> wire_;
};

TEST_F(TransferTest, ArrivesWholeWithABoundedWindow) {
  SnapshotSender sender = make_sender();
  SnapshotReceiver receiver = make_receiver();
  ASSERT_TRUE(tick(sender));
  EXPECT_EQ(wire_.size(), snapshot_window_bytes / snapshot_chunk_bytes);
  EXPECT_EQ(receiver.whole(snapshot_.name), nullptr);
  deliver(sender, receiver);
  EXPECT_TRUE(sender.complete());
  ASSERT_NE(receiver.whole(snapshot_.name), nullptr);
  EXPECT_EQ(*receiver.whole(snapshot_.name), snapshot_.info);
  EXPECT_TRUE(disk_.files().at("arriving") == file_);
  receiver.taken();
  EXPECT_EQ(receiver.whole(snapshot_.name), nullptr);
}

TEST_F(TransferTest, OnlyWhatIsOnTheDiskCounts) {
  SnapshotReceiver receiver = make_receiver();
  SnapshotSender sender = make_sender();
  ASSERT_TRUE(tick(sender));
  disk_.hold();
  std::vector<std::uint64_t> told;
  for (Chunk& chunk : wire_) {
    chunk.message.bytes = chunk.bytes;
    EXPECT_TRUE(
        receiver.on_chunk(chunk.message, [&](std::uint64_t have) { told.push_back(have); }));
  }
  EXPECT_TRUE(told.empty());
  ASSERT_TRUE(disk_.finish_next());
  EXPECT_EQ(told, std::vector<std::uint64_t>{snapshot_chunk_bytes});
}

TEST_F(TransferTest, AReceiverThatIsGoneIsNotCalledByItsDisk) {
  disk_.hold();
  SnapshotSender sender = make_sender();
  ASSERT_TRUE(tick(sender));
  {
    SnapshotReceiver receiver = make_receiver();
    wire_.front().message.bytes = wire_.front().bytes;
    EXPECT_TRUE(receiver.on_chunk(wire_.front().message, [](std::uint64_t) { FAIL(); }));
  }
  disk_.finish_all();
}

TEST_F(TransferTest, GoesOnWhereItWasAfterALoss) {
  SnapshotSender sender = make_sender();
  SnapshotReceiver receiver = make_receiver();
  ASSERT_TRUE(tick(sender));
  wire_.erase(wire_.begin() + 1);
  deliver(sender, receiver);
  EXPECT_FALSE(sender.complete());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(tick(sender));
  EXPECT_EQ(wire_.front().message.offset, snapshot_chunk_bytes);
  deliver(sender, receiver);
  EXPECT_TRUE(sender.complete());
}

TEST_F(TransferTest, AnotherLeaderWithTheSameSnapshotGoesOn) {
  SnapshotSender first = make_sender();
  SnapshotReceiver receiver = make_receiver();
  ASSERT_TRUE(tick(first));
  wire_.resize(2);
  deliver(first, receiver);
  wire_.clear();
  SnapshotSender second = make_sender();
  ASSERT_TRUE(tick(second));
  wire_.resize(1);  // Its answer says how much is there already.
  deliver(second, receiver);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(tick(second));
  EXPECT_EQ(wire_.front().message.offset, 2 * snapshot_chunk_bytes);
  deliver(second, receiver);
  EXPECT_TRUE(second.complete());
  EXPECT_NE(receiver.whole(snapshot_.name), nullptr);
  EXPECT_TRUE(disk_.files().at("arriving") == file_);
}

TEST_F(TransferTest, GivesUpOnASilentReceiver) {
  SnapshotSender sender = make_sender();
  int ticks = 0;
  while (tick(sender)) {
    ASSERT_LT(++ticks, 1000);
  }
  EXPECT_FALSE(sender.complete());
}

TEST_F(TransferTest, DamagedBytesStartAgain) {
  for (const std::size_t at : {5u, 100u}) {  // In the header, and in the data.
    SnapshotSender sender = make_sender();
    SnapshotReceiver receiver = make_receiver();
    ASSERT_TRUE(tick(sender));
    wire_.front().bytes[at] = static_cast<char>(wire_.front().bytes[at] ^ 1);
    for (int i = 0; i < 100 && !sender.complete(); ++i) {
      deliver(sender, receiver);
      ASSERT_TRUE(tick(sender));
    }
    ASSERT_TRUE(sender.complete());
    EXPECT_NE(receiver.whole(snapshot_.name), nullptr);
    EXPECT_TRUE(disk_.files().at("arriving") == file_);
  }
}

TEST_F(TransferTest, AFullDiskIsTold) {
  SnapshotSender sender = make_sender();
  SnapshotReceiver receiver = make_receiver();
  disk_.set_bytes_max(snapshot_chunk_bytes + 5);
  ASSERT_TRUE(tick(sender));
  deliver(sender, receiver);
  ASSERT_TRUE(failed_.has_value());
  EXPECT_EQ(failed_->code, Errc::full);
}

TEST_F(TransferTest, RefusesMoreThanItsLimitAndChunksThatDoNotFit) {
  SnapshotReceiver receiver = make_receiver(1000);
  const auto nobody = [](std::uint64_t) { FAIL(); };
  PeerMessage chunk;
  chunk.kind = PeerKind::snapshot_chunk;
  chunk.snapshot = snapshot_.name;
  chunk.size = 1001;
  chunk.bytes = "x";
  EXPECT_FALSE(receiver.on_chunk(chunk, nobody));
  chunk.size = 10;
  chunk.offset = 10;
  EXPECT_FALSE(receiver.on_chunk(chunk, nobody));
  chunk.offset = ~std::uint64_t{0};
  EXPECT_FALSE(receiver.on_chunk(chunk, nobody));
  chunk.offset = 0;
  chunk.bytes = "";
  EXPECT_FALSE(receiver.on_chunk(chunk, nobody));
  chunk.bytes = "x";
  EXPECT_TRUE(receiver.on_chunk(chunk, [](std::uint64_t have) { EXPECT_EQ(have, 1u); }));
}

}  // namespace
}  // namespace oki::replica
