// What people tell the public, as every status site gets it: the newest notices of incidents, and
// planned maintenance. Signed by the watch like a lease, and worth no colour whatever it says.
//
// Bounded so that it always fits an envelope: fit() drops the oldest notices of what is over first.
// The board of the highest sequence is the one that counts; the watches of one house give the same
// sequence to the same board, so that it matters to nobody which of them brought it.
//
// Rules, kept by the decoder: every notice keeps its own (notice.h), maintenance too; no name
// twice; nothing of a drill; no notice of planned work, which stands here as maintenance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "notify/notice.h"

namespace oki::notify {

constexpr std::size_t board_notices_max = 50;
constexpr std::size_t board_maintenances_max = 20;

// Planned work. Whether it is ahead, under way or over is told by its times alone.
struct Maintenance {
  std::string name;            // As an incident's; the same through all changes.
  std::uint32_t revision = 0;  // Rises with every change.
  bool cancelled = false;
  WallTimeMs announced_at;
  WallTimeMs changed_at;
  WallTimeMs from, to;
  LocalText title;
  LocalText body;
  std::vector<ComponentId> components;  // What will not be there meanwhile.
  friend bool operator==(const Maintenance&, const Maintenance&) = default;
};

// Errc::invalid with one sentence. announced_at <= changed_at and from < to; texts as a notice's.
Result<void> check(const Maintenance& maintenance);

struct NoticeBoard {
  std::uint64_t sequence = 0;             // Rises with every change.
  std::vector<Notice> notices;            // By rising time of approval.
  std::vector<Maintenance> maintenances;  // By rising beginning.
  friend bool operator==(const NoticeBoard&, const NoticeBoard&) = default;
};

// Orders the board, takes drills off it, and drops the oldest until it fits.
// REQUIRES: every notice and every maintenance passes check().
void fit(NoticeBoard& board);

Bytes encode(const NoticeBoard& board);
Result<NoticeBoard> decode_notice_board(ByteView payload);

// All notices of one incident, newest first; empty when there are none.
std::vector<const Notice*> notices_of(const NoticeBoard& board, ByteView incident);

// The newest notice of each incident, newest incident first.
std::vector<const Notice*> latest_notices(const NoticeBoard& board);

constexpr bool is_over(const Notice& notice) { return notice.phase >= NoticePhase::resolved; }

}  // namespace oki::notify
