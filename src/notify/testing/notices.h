// Notices as people would approve them, for tests.
#pragma once

#include "notify/notice.h"

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

}  // namespace oki::notify
