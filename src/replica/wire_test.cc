#include "replica/wire.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/crc32c.h"

namespace oki::replica {
namespace {

std::map<std::string, Frame> some_frames() {
  return {
      {"hello", Hello{.cluster = 7, .role = Role::node, .node = {3}, .seat = 2, .to = {1}}},
      {"goodbye", Goodbye{Errc::mismatch, "another cluster"}},
      {"peer_message", PeerBytes{"raft"}},
      {"submit", Submit{{11}, 5, 4, "body"}},
      {"submitted", Submitted{{11}, 5, SubmitResult::applied, {99}, 1, "reply"}},
      {"open_session", OpenSession{8}},
      {"session_opened", SessionOpened{8, SubmitResult::not_leader, {}, 3}},
      {"follow", Follow{true, {98}, 0x0102030405060708}},
      {"block", Block{{99}, {1'700'000'000'000}, 1, 2, "events"}},
      {"snapshot_begin", SnapshotBegin{{99}, 2, 1000}},
      {"snapshot_chunk", SnapshotChunk{"state"}},
      {"status", Status{{3}, 2, 1, {6}, false, {99}}},
      {"read_index", ReadIndex{9}},
      {"read_index_is", ReadIndexIs{9, SubmitResult::applied, {99}}},
      {"admit", Admit{10, 3}},
      {"admitted", Admitted{10, SubmitResult::busy, 1, "members"}},
      {"ping", Ping{12}},
      {"pong", Pong{12}},
      {"up_to", UpTo{{99}}},
      {"transfer", Transfer{13, 2}},
      {"transferred", Transferred{13, TransferResult::not_connected, 1}},
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

TEST(Wire, BytesAreThoseWrittenDown) {
  std::ifstream in("test/golden/replica_wire.txt");
  std::map<std::string, std::string> lines;
  for (std::string name, bytes; in >> name >> bytes;) lines[name] = bytes;
  EXPECT_EQ(lines.size(), std::variant_size_v<Frame>);
  for (const auto& [name, frame] : some_frames()) {
    EXPECT_EQ(lines[name], hex(encode_frame(frame))) << name << " has changed its bytes";
  }
}

TEST(Wire, EveryKindIsTriedAndReadsBackAsItWas) {
  std::map<std::size_t, int> kinds;
  for (const auto& [name, frame] : some_frames()) {
    ++kinds[frame.index()];
    const Bytes bytes = encode_frame(frame);
    const auto back = decode_frame(ByteView(bytes).substr(frame_header_bytes));
    ASSERT_TRUE(back.has_value()) << name;
    EXPECT_EQ(*back, frame) << name;
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Frame>);
}

TEST(Wire, TruncatedBodiesAreRefusedAndLongerOnesToo) {
  for (const auto& [name, frame] : some_frames()) {
    const Bytes bytes = encode_frame(frame).substr(frame_header_bytes);
    const bool ends_open = name == "goodbye" || name == "peer_message" || name == "submit" ||
                           name == "submitted" || name == "block" || name == "snapshot_chunk" ||
                           name == "admitted";
    if (!ends_open) {
      EXPECT_FALSE(decode_frame(bytes + "x")) << name;
      EXPECT_FALSE(decode_frame(bytes.substr(0, bytes.size() - 1))) << name;
    }
    EXPECT_FALSE(decode_frame(bytes.substr(0, 1)).has_value() && name != "peer_message") << name;
  }
  EXPECT_FALSE(decode_frame(""));
}

TEST(Wire, FieldsOutOfTheirRangeAreRefused) {
  struct Row {
    const char* name;
    std::size_t offset;  // In the body, after the kind.
    char value;
  };
  for (const Row& row : {Row{"hello", 14, 2}, Row{"goodbye", 0, 8}, Row{"submitted", 16, 8},
                         Row{"session_opened", 8, 8}, Row{"follow", 0, 2}, Row{"status", 24, 2},
                         Row{"snapshot_begin", 23, 1}, Row{"read_index_is", 8, 8},
                         Row{"admitted", 8, 8}, Row{"transferred", 8, 5}}) {
    Bytes bytes = encode_frame(some_frames().at(row.name)).substr(frame_header_bytes);
    ASSERT_TRUE(decode_frame(bytes)) << row.name;
    bytes.at(1 + row.offset) = row.value;
    EXPECT_FALSE(decode_frame(bytes)) << row.name;
  }
  Bytes unknown(1, static_cast<char>(std::variant_size_v<Frame>));
  EXPECT_EQ(decode_frame(unknown).error().message, "a frame has the unknown kind 21");
}

TEST(Wire, LimitsOfVariablePartsHold) {
  const auto body = [](std::uint8_t kind, std::size_t size) {
    return Bytes(1, static_cast<char>(kind)) + Bytes(size, '\1');
  };
  EXPECT_TRUE(decode_frame(body(1, 1 + goodbye_bytes_max)));
  EXPECT_FALSE(decode_frame(body(1, 2 + goodbye_bytes_max)));
  EXPECT_TRUE(decode_frame(body(10, snapshot_chunk_bytes_max)));
  EXPECT_FALSE(decode_frame(body(10, snapshot_chunk_bytes_max + 1)));
  EXPECT_FALSE(decode_frame(body(10, 0)));
  EXPECT_TRUE(decode_frame(body(15, 13 + members_bytes_max)));
  EXPECT_FALSE(decode_frame(body(15, 14 + members_bytes_max)));
}

TEST(FrameReader, FindsFramesInPiecesOfAnySize) {
  Bytes stream;
  std::vector<Bytes> sent;
  for (const auto& [name, frame] : some_frames()) {
    sent.push_back(encode_frame(frame));
    append_frame(stream, frame);
  }
  for (std::size_t piece = 1; piece <= stream.size(); piece += 1 + piece / 3) {
    FrameReader reader;
    std::vector<Bytes> got;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      const auto fed = reader.feed(ByteView(stream).substr(at, piece), [&](const Frame& frame) {
        got.push_back(encode_frame(frame));
        return Result<void>{};
      });
      ASSERT_TRUE(fed.has_value());
    }
    EXPECT_EQ(got, sent) << piece;
    EXPECT_EQ(reader.waiting_bytes(), 0u);
  }
}

TEST(FrameReader, EveryFlippedBitIsNoticed) {
  const Bytes good = encode_frame(some_frames().at("submit"));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    FrameReader reader;
    int frames = 0;
    const auto fed = reader.feed(bad, [&](const Frame&) {
      ++frames;
      return Result<void>{};
    });
    EXPECT_EQ(frames, 0) << bit;
    // A length that grew only waits for more; everything else is an error at once.
    EXPECT_TRUE(!fed || reader.waiting_bytes() == bad.size()) << bit;
  }
}

TEST(FrameReader, LengthsAreCheckedBeforeMemoryIsTaken) {
  const auto give = [](std::uint32_t length) {
    Bytes header;
    Writer writer(header);
    writer.u32(length);
    writer.u32(0);
    FrameReader reader(1000);
    return reader.feed(header, [](const Frame&) { return Result<void>{}; });
  };
  EXPECT_FALSE(give(0));
  EXPECT_TRUE(give(1000).has_value());
  EXPECT_EQ(give(1001).error().message, "a frame announces 1001 bytes");
  EXPECT_FALSE(give(0xFFFFFFFF));
}

TEST(FrameReader, AnErrorOfTheReceiverEndsTheFeeding) {
  const Bytes two = encode_frame(Ping{1}) + encode_frame(Ping{2});
  FrameReader reader;
  int frames = 0;
  const auto fed = reader.feed(two, [&](const Frame&) -> Result<void> {
    ++frames;
    return error(Errc::invalid, "enough");
  });
  EXPECT_FALSE(fed);
  EXPECT_EQ(frames, 1);
}

}  // namespace
}  // namespace oki::replica
