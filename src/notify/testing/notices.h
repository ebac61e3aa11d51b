// Notices as people would approve them, for tests.
#pragma once

#include "notify/notice.h"
#include "notify/notice_board.h"

namespace oki::notify {

inline Notice first_notice(WallTimeMs at) {
  Notice notice;
  notice.incident = "i20261122a";
  notice.impact = Impact::major;
  notice.at = at;
  notice.began = {at.value - 4'000};
  notice.next_update_at = WallTimeMs{at.value + 15 * 60'000};
  notice.title = {"BTC/JPY の注文が受け付けられません", "BTC/JPY orders are not being accepted"};
  notice.body = {"注文の受付で障害が発生しています。\n原因を調査しています。",
                 "Orders are failing.\nWe are investigating the cause."};
  notice.assets = {"お客様の資産は影響を受けていません。", "Customers' assets are not affected."};
  notice.affected = {{{ComponentKind::market, "btc_jpy"}, State::operational, State::major_outage}};
  notice.unaffected = {{ComponentKind::market, "eth_jpy"}, {ComponentKind::ledger, "house"}};
  return notice;
}

// With every field that a notice can have.
inline Notice full_notice(WallTimeMs at) {
  Notice notice = first_notice(at);
  notice.number = 2;
  notice.phase = NoticePhase::identified;
  notice.recovery = RecoveryRange{{at.value + 60'000}, {at.value + 600'000}, 14, 79};
  notice.cause = LocalText{"設定変更の誤り", "A wrong setting"};
  notice.support = SupportLoad{120, 15};
  notice.approved_by = {"sato", "tanaka"};
  return notice;
}

inline Notice last_notice(WallTimeMs at) {
  Notice notice = first_notice(at);
  notice.number = 3;
  notice.phase = NoticePhase::resolved;
  notice.next_update_at.reset();
  notice.ended = WallTimeMs{at.value - 1'000};
  notice.affected[0].before = State::major_outage;
  notice.affected[0].now = State::operational;
  return notice;
}

// Announced at `at`, in a day, for two hours.
inline Maintenance planned_maintenance(WallTimeMs at) {
  Maintenance maintenance;
  maintenance.name = "m20261123a";
  maintenance.announced_at = maintenance.changed_at = at;
  maintenance.from = {at.value + 24 * 3'600'000};
  maintenance.to = {at.value + 26 * 3'600'000};
  maintenance.title = {"取引エンジンの更新", "Update of the trading engine"};
  maintenance.body = {"この間、注文と取消ができません。", "No orders and no cancels meanwhile."};
  maintenance.components = {{ComponentKind::market, "btc_jpy"}, {ComponentKind::edge, "1"}};
  return maintenance;
}

// Told at `at`, of work that begins in a day; of a later phase at the time of that phase.
inline Notice work_notice(WallTimeMs at, NoticePhase phase) {
  const Maintenance maintenance = planned_maintenance(at);
  Notice notice;
  notice.incident = maintenance.name;
  notice.phase = phase;
  notice.impact = Impact::maintenance;
  notice.began = maintenance.from;
  notice.ended = maintenance.to;
  notice.at = at;
  if (phase == NoticePhase::in_progress) notice.at = notice.began;
  if (phase == NoticePhase::completed) notice.at = *notice.ended;
  notice.number = 1 + static_cast<std::uint32_t>(phase) - 5;
  notice.title = maintenance.title;
  notice.body = maintenance.body;
  for (const ComponentId& id : maintenance.components) {
    notice.affected.push_back({id, State::operational, State::operational});
  }
  return notice;
}

inline NoticeBoard small_board(WallTimeMs at) {
  NoticeBoard board;
  board.sequence = 5;
  board.notices = {first_notice(at), full_notice({at.value + 60'000})};
  board.maintenances = {planned_maintenance(at)};
  return board;
}

}  // namespace oki::notify
