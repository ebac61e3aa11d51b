// What people say, in bytes: bounded, ordered, and never of a drill.
#include "notify/notice_board.h"

#include <gtest/gtest.h>

#include "notify/envelope.h"
#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

NoticeBoard board_of_all() {
  NoticeBoard board;
  board.sequence = 9;
  board.notices = {first_notice(noon), full_notice({noon.value + 60'000}),
                   last_notice({noon.value + 120'000})};
  board.maintenances = {planned_maintenance(noon)};
  return board;
}

TEST(NoticeBoardTest, ReadsWhatItWroteAndRefusesEveryTruncation) {
  const NoticeBoard board = board_of_all();
  const Bytes bytes = encode(board);
  EXPECT_EQ(decode_notice_board(bytes).value(), board);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_notice_board(ByteView(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_notice_board(bytes + '\0'));
}

TEST(NoticeBoardTest, RefusesDrillsDoublesAndDisorder) {
  NoticeBoard board = board_of_all();
  board.notices[1].drill = true;
  EXPECT_FALSE(decode_notice_board(encode(board)));
  board = board_of_all();
  board.notices[1] = board.notices[0];
  EXPECT_FALSE(decode_notice_board(encode(board)));
  board = board_of_all();
  std::swap(board.notices[0], board.notices[2]);
  EXPECT_FALSE(decode_notice_board(encode(board)));
  board = board_of_all();
  board.maintenances[0].to = board.maintenances[0].from;
  EXPECT_FALSE(decode_notice_board(encode(board)));
  board = board_of_all();
  board.maintenances[0].title.en.clear();
  EXPECT_FALSE(decode_notice_board(encode(board)));
}

TEST(NoticeBoardTest, FittingTakesDrillsOffAndKeepsTheNewestOfWhatIsOpen) {
  NoticeBoard board;
  board.notices.push_back(first_notice(noon));
  for (std::uint32_t i = 0; i < 70; ++i) {
    Notice notice = last_notice({noon.value + 10'000 + i});
    notice.incident = "inc" + std::to_string(i);
    notice.drill = i == 69;
    board.notices.push_back(notice);
  }
  fit(board);
  EXPECT_EQ(board.notices.size(), board_notices_max);
  EXPECT_EQ(board.notices.front().incident, "i20261122a") << "open, though the oldest";
  EXPECT_EQ(board.notices.back().incident, "inc68");
  EXPECT_TRUE(decode_notice_board(encode(board)));
}

TEST(NoticeBoardTest, TheLargestNoticesStillFitAnEnvelope) {
  NoticeBoard board;
  for (std::uint32_t i = 0; i < board_notices_max; ++i) {
    Notice notice = full_notice({noon.value + i});
    notice.incident = "inc" + std::to_string(i);
    notice.body = {std::string(notice_text_bytes_max, 'a'),
                   std::string(notice_text_bytes_max, 'b')};
    board.notices.push_back(notice);
  }
  Maintenance maintenance = planned_maintenance(noon);
  maintenance.body = {std::string(notice_text_bytes_max, 'a'),
                      std::string(notice_text_bytes_max, 'b')};
  for (std::uint32_t i = 0; i < 2 * board_maintenances_max; ++i) {
    maintenance.name = "m" + std::to_string(i);
    ++maintenance.from.value;
    board.maintenances.push_back(maintenance);
  }
  fit(board);
  EXPECT_LE(encode(board).size(), envelope_payload_bytes_max);
  EXPECT_FALSE(board.notices.empty());
  EXPECT_FALSE(board.maintenances.empty());
  EXPECT_EQ(board.maintenances.back().name, "m39");
  EXPECT_TRUE(decode_notice_board(encode(board)));
}

TEST(NoticeBoardTest, ListsTheNewestNoticeOfEachIncident) {
  NoticeBoard board = board_of_all();
  EXPECT_EQ(latest_notices(board).size(), 1u);
  EXPECT_EQ(latest_notices(board)[0]->number, 3u);
  EXPECT_EQ(notices_of(board, "i20261122a").size(), 3u);
  EXPECT_TRUE(notices_of(board, "other").empty());
}

}  // namespace
}  // namespace oki::notify
