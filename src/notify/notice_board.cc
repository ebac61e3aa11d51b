#include "notify/notice_board.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "notify/envelope.h"

namespace oki::notify {
namespace {

constexpr std::uint8_t version = 1;

auto key_of(const Notice& notice) { return std::tie(notice.at, notice.incident, notice.number); }

auto key_of(const Maintenance& maintenance) { return std::tie(maintenance.from, maintenance.name); }

template <typename Item>
bool is_ordered(const std::vector<Item>& items) {
  return std::is_sorted(items.begin(), items.end(),
                        [](const Item& a, const Item& b) { return key_of(a) < key_of(b); });
}

template <typename Item>
void order(std::vector<Item>& items) {
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return key_of(a) < key_of(b); });
}

bool is_open(const NoticeBoard& board, const std::string& incident) {
  const auto all = notices_of(board, incident);
  return !all.empty() && !is_over(*all.front());
}

// The oldest notice of an incident that is over; else the oldest that is not the newest of its own.
std::size_t dispensable(const NoticeBoard& board) {
  for (std::size_t i = 0; i < board.notices.size(); ++i) {
    if (!is_open(board, board.notices[i].incident)) return i;
  }
  for (std::size_t i = 0; i < board.notices.size(); ++i) {
    if (notices_of(board, board.notices[i].incident).front() != &board.notices[i]) return i;
  }
  return 0;
}

// A notice carries the rules for texts; maintenance borrows them.
Notice as_notice(const Maintenance& maintenance) {
  Notice notice;
  notice.incident = maintenance.name;
  notice.impact = Impact::maintenance;
  notice.at = notice.began = maintenance.changed_at;
  notice.title = maintenance.title;
  notice.body = notice.assets = maintenance.body;
  notice.unaffected = maintenance.components;
  return notice;
}

void append(Bytes& out, const LocalText& text) {
  Writer writer(out);
  writer.blob(text.ja);
  writer.blob(text.en);
}

LocalText read_text(Reader& in, std::size_t bytes_max) {
  LocalText text;
  text.ja = std::string(in.blob(bytes_max));
  text.en = std::string(in.blob(bytes_max));
  return text;
}

void append(Bytes& out, const Maintenance& maintenance) {
  Writer writer(out);
  writer.blob(maintenance.name);
  writer.u32(maintenance.revision);
  writer.boolean(maintenance.cancelled);
  writer.i64(maintenance.announced_at.value);
  writer.i64(maintenance.changed_at.value);
  writer.i64(maintenance.from.value);
  writer.i64(maintenance.to.value);
  append(out, maintenance.title);
  append(out, maintenance.body);
  writer.u8(static_cast<std::uint8_t>(maintenance.components.size()));
  for (const ComponentId& id : maintenance.components) append(out, id);
}

Maintenance read_maintenance(Reader& in) {
  Maintenance maintenance;
  maintenance.name = std::string(in.blob(incident_name_bytes_max));
  maintenance.revision = in.u32();
  maintenance.cancelled = in.boolean();
  maintenance.announced_at = read_time(in);
  maintenance.changed_at = read_time(in);
  maintenance.from = read_time(in);
  maintenance.to = read_time(in);
  maintenance.title = read_text(in, notice_title_bytes_max);
  maintenance.body = read_text(in, notice_text_bytes_max);
  for (std::size_t left = in.u8(); left > 0 && in.ok(); --left) {
    maintenance.components.push_back(read_component_id(in));
  }
  return maintenance;
}

bool has_name_twice(const NoticeBoard& board) {
  for (auto i = board.notices.begin(); i != board.notices.end(); ++i) {
    if (std::any_of(board.notices.begin(), i, [i](const Notice& other) {
          return other.incident == i->incident && other.number == i->number;
        })) {
      return true;
    }
  }
  for (auto i = board.maintenances.begin(); i != board.maintenances.end(); ++i) {
    if (std::any_of(board.maintenances.begin(), i,
                    [i](const Maintenance& other) { return other.name == i->name; })) {
      return true;
    }
  }
  return false;
}

bool is_consistent(const NoticeBoard& board) {
  const auto passes = [](const auto& item) { return check(item).has_value(); };
  return is_ordered(board.notices) && is_ordered(board.maintenances) && !has_name_twice(board) &&
         std::none_of(
             board.notices.begin(), board.notices.end(),
             [](const Notice& notice) { return notice.drill || is_planned(notice.phase); }) &&
         std::all_of(board.maintenances.begin(), board.maintenances.end(), passes);
}

}  // namespace

Result<void> check(const Maintenance& maintenance) {
  const bool in_order = maintenance.announced_at <= maintenance.changed_at &&
                        maintenance.from < maintenance.to && maintenance.from.value >= 0 &&
                        maintenance.to <= time_max;
  if (!in_order) return error(Errc::invalid, "the times of the maintenance are not in order");
  return check(as_notice(maintenance));
}

void fit(NoticeBoard& board) {
  std::erase_if(board.notices,
                [](const Notice& notice) { return notice.drill || is_planned(notice.phase); });
  order(board.notices);
  order(board.maintenances);
  while (board.maintenances.size() > board_maintenances_max) {
    board.maintenances.erase(board.maintenances.begin());
  }
  while (board.notices.size() > board_notices_max) {
    board.notices.erase(board.notices.begin() + static_cast<std::ptrdiff_t>(dispensable(board)));
  }
  while (encode(board).size() > envelope_payload_bytes_max) {
    const bool words_on_incidents = board.notices.size() > 1 || board.maintenances.empty();
    ASSERT(!board.notices.empty() || !board.maintenances.empty());
    if (words_on_incidents) {
      board.notices.erase(board.notices.begin() + static_cast<std::ptrdiff_t>(dispensable(board)));
    } else {
      board.maintenances.erase(board.maintenances.begin());
    }
  }
}

Bytes encode(const NoticeBoard& board) {
  Bytes out;
  Writer writer(out);
  writer.u8(version);
  writer.u64(board.sequence);
  writer.u8(static_cast<std::uint8_t>(board.notices.size()));
  for (const Notice& notice : board.notices) {
    Bytes bytes;
    append(bytes, notice);
    writer.blob(bytes);
  }
  writer.u8(static_cast<std::uint8_t>(board.maintenances.size()));
  for (const Maintenance& maintenance : board.maintenances) append(out, maintenance);
  return out;
}

Result<NoticeBoard> decode_notice_board(ByteView payload) {
  Reader in(payload);
  NoticeBoard board;
  if (in.u8() != version) return error(Errc::invalid, "a notice board of a version not known here");
  board.sequence = in.u64();
  const std::size_t notices = in.u8();
  if (notices > board_notices_max) in.fail();
  for (std::size_t i = 0; i < notices && in.ok(); ++i) {
    Result<Notice> notice = read_notice(in.blob(notice_bytes_max));
    if (!notice) return tl::unexpected<Error>(std::move(notice.error()));
    board.notices.push_back(std::move(*notice));
  }
  const std::size_t maintenances = in.u8();
  if (maintenances > board_maintenances_max) in.fail();
  for (std::size_t i = 0; i < maintenances && in.ok(); ++i) {
    board.maintenances.push_back(read_maintenance(in));
  }
  if (!in.done() || !is_consistent(board)) return error(Errc::invalid, "malformed notice board");
  return board;
}

std::vector<const Notice*> notices_of(const NoticeBoard& board, ByteView incident) {
  std::vector<const Notice*> found;
  for (const Notice& notice : board.notices) {
    if (notice.incident == incident) found.push_back(&notice);
  }
  std::sort(found.begin(), found.end(),
            [](const Notice* a, const Notice* b) { return b->number < a->number; });
  return found;
}

std::vector<const Notice*> latest_notices(const NoticeBoard& board) {
  std::vector<const Notice*> latest;
  for (const Notice& notice : board.notices) {
    const auto all = notices_of(board, notice.incident);
    if (all.front() == &notice) latest.push_back(&notice);
  }
  std::sort(latest.begin(), latest.end(), [](const Notice* a, const Notice* b) {
    return std::tie(b->began, b->incident) < std::tie(a->began, a->incident);
  });
  return latest;
}

}  // namespace oki::notify
