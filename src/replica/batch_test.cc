#include "replica/batch.h"

#include <gtest/gtest.h>

namespace oki::replica {
namespace {

Bytes two_commands() {
  BatchWriter writer({1'700'000'000'000});
  writer.add({{0}, 0, 0, ""});
  writer.add({{5}, 7, 6, "body"});
  EXPECT_EQ(writer.count(), 2u);
  return writer.take();
}

TEST(Batch, ComesBackFromItsBytes) {
  const Bytes data = two_commands();
  const EntryData entry = decode_entry(data).value();
  const Batch& batch = std::get<Batch>(entry);
  EXPECT_EQ(batch.time, WallTimeMs{1'700'000'000'000});
  ASSERT_EQ(batch.commands.size(), 2u);
  EXPECT_EQ(batch.commands[0].session, SessionId{});
  EXPECT_EQ(batch.commands[1].session, SessionId{5});
  EXPECT_EQ(batch.commands[1].number, 7u);
  EXPECT_EQ(batch.commands[1].floor, 6u);
  EXPECT_EQ(batch.commands[1].body, "body");
}

TEST(Batch, KnowsTheSizeOfACommandBeforehand) {
  const ClientCommand command{{5}, 7, 6, "body"};
  BatchWriter writer({0});
  const std::size_t before = writer.size();
  writer.add(command);
  EXPECT_EQ(writer.size() - before, BatchWriter::size_of(command));
}

TEST(Batch, RefusesCutLongAndUnknownBytes) {
  const Bytes good = two_commands();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_entry(ByteView(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_entry(good + '\0'));
  for (std::size_t at : {0u, 1u}) {  // Version and kind.
    Bytes bad = good;
    bad[at] = 9;
    EXPECT_FALSE(decode_entry(bad));
  }
  Bytes many = good;
  Writer(many).patch_u32(10, 0xffff'ffff);  // A count that would need gigabytes.
  EXPECT_FALSE(decode_entry(many));
}

TEST(Batch, CarriesHashReports) {
  const HashReport report{{3}, {900}, 0x1234};
  EXPECT_EQ(std::get<HashReport>(decode_entry(encode(report)).value()), report);
  EXPECT_FALSE(decode_entry(encode(report) + "x"));
}

}  // namespace
}  // namespace oki::replica
