#include "notify/text.h"

#include <iterator>

#include "base/assert.h"

namespace oki::notify {
namespace {

struct Entry {
  Text id;
  const char* ja;
  const char* en;
};

constexpr auto text_count = static_cast<std::size_t>(Text::count);

constexpr Entry catalogue[] = {
    {Text::site_title, "Okiagari 稼働状況", "Okiagari status"},
    {Text::other_language, "English", "日本語"},
    {Text::skip_to_content, "本文へ", "Skip to content"},
    {Text::reload, "最新の状態を見る", "Show the latest state"},
    {Text::shown_at, "この頁を表示した時刻: {0}", "Page as of {0}"},
    {Text::state_operational, "正常稼働中", "Operational"},
    {Text::state_degraded_performance, "性能低下", "Degraded performance"},
    {Text::state_partial_outage, "一部停止", "Partial outage"},
    {Text::state_major_outage, "全面停止", "Major outage"},
    {Text::state_unknown, "確認できません", "Not confirmed"},
    {Text::node_operational, "稼働中", "Running"},
    {Text::node_down, "停止中", "Down"},
    {Text::ledger_operational, "不整合なし", "No mismatch found"},
    {Text::ledger_mismatch, "不整合あり", "Mismatch"},
    {Text::node_leader, "リーダー（第{0}期）", "leader (term {0})"},
    {Text::headline_operational, "すべての市場で取引できます", "Trading works in every market"},
    {Text::headline_degraded_performance, "取引の応答が遅くなっています",
     "Trading is slower than usual"},
    {Text::headline_partial_outage, "取引の一部に障害が発生しています",
     "Part of trading is failing"},
    {Text::headline_major_outage, "取引が停止しています", "Trading is down"},
    {Text::headline_unknown, "現在の状態を確認できません", "The current state cannot be confirmed"},
    {Text::proven_at, "テスト取引の成功を確認した時刻: {0}", "Test trades last confirmed: {0}"},
    {Text::since, "{0}から", "since {0}"},
    {Text::unknown_since,
     "{0} 以降、取引が成立することを確認できていません。確認できるまで「正常」とは表示しません。",
     "Since {0} nothing has proven that trading works. Until it is proven again, this page does "
     "not "
     "say \"operational\"."},
    {Text::never_proven,
     "取引が成立することを、まだ一度も確認していません。確認できるまで「正常」とは表示しません。",
     "Nothing has proven yet that trading works. Until it is proven, this page does not say "
     "\"operational\"."},
    {Text::how_it_works,
     "すべてのAPI窓口から絶えず実際のテスト取引を行い、成功が続いている間だけ「正常」と表示します。"
     "成功が途絶えると、2秒以内に表示が変わります。",
     "Real test trades run all the time through every API edge. The page says \"operational\" only "
     "while they succeed, and changes within two seconds when they stop."},
    {Text::now_heading, "現在の障害", "Current incident"},
    {Text::now_began, "発生", "Began"},
    {Text::now_lasting, "{0}（{1}経過）", "{0} ({1} ago)"},
    {Text::now_affected, "影響範囲", "Affected"},
    {Text::now_unaffected, "影響のない範囲", "Not affected"},
    {Text::now_next, "次回のお知らせ", "Next update"},
    {Text::now_next_text, "状態が変わり次第、この頁に自動で掲載します。",
     "As soon as the state changes, automatically on this page."},
    {Text::now_compensation, "補償", "Compensation"},
    {Text::now_compensation_text, "この自動表示では判断しません。",
     "Not decided by this automatic page."},
    {Text::nothing, "なし", "None"},
    {Text::everything, "すべて", "Everything"},
    {Text::list_separator, "、", ", "},
    {Text::more, "詳しく見る", "Details"},
    {Text::trading_heading, "取引", "Trading"},
    {Text::edges_heading, "API窓口", "API edges"},
    {Text::nodes_heading, "取引エンジン", "Trading engine"},
    {Text::nodes_note, "過半数の台が動いていれば、取引は続きます。",
     "Trading continues while a majority of the nodes runs."},
    {Text::ledger_heading, "台帳", "Ledger"},
    {Text::component_market, "{0}", "{0}"},
    {Text::component_edge, "窓口 {0}", "Edge {0}"},
    {Text::component_node, "ノード {0}", "Node {0}"},
    {Text::component_ledger, "残高の整合性", "Consistency of balances"},
    {Text::no_components, "まだ報告がありません。", "Nothing has been reported yet."},
    {Text::timeline_heading, "これまでの出来事", "Timeline"},
    {Text::timeline_empty, "記録された出来事はありません。", "Nothing has happened so far."},
    {Text::timeline_note, "新しい順に{0}件まで。時刻は日本時間です。",
     "The newest {0}, newest first. Times are Japan Standard Time."},
    {Text::event_outage_began, "障害発生: {0}（{1}）", "Outage began: {0} ({1})"},
    {Text::event_outage_changed, "障害の状況が変化: {0}（{1}）", "Outage changed: {0} ({1})"},
    {Text::event_outage_ended, "復旧: 取引の正常を確認", "Recovered: trading confirmed"},
    {Text::event_leader_changed, "リーダー交代: ノード{0} → ノード{1}（第{2}期）",
     "Leader changed: node {0} → node {1} (term {2})"},
    {Text::event_leader_found, "リーダー決定: ノード{0}（第{1}期）",
     "Leader elected: node {0} (term {1})"},
    {Text::event_process_down, "停止: {0}", "Down: {0}"},
    {Text::event_process_up, "起動: {0}", "Up: {0}"},
    {Text::event_edge_drained, "計画的に切り離し: {0}（取引はほかの窓口で継続）",
     "Taken out on purpose: {0} (others serve)"},
    {Text::event_edge_back, "切り離しを終了: {0}", "No longer taken out: {0}"},
    {Text::event_unknown_began, "監視が途絶: 状態を確認できなくなりました",
     "Monitoring lost: the state could not be confirmed"},
    {Text::event_unknown_ended, "監視が再開", "Monitoring is back"},
    {Text::gap_below, "不在 {0} 以内", "no leader for at most {0}"},
    {Text::incidents_heading, "障害の履歴（自動判定）", "Incidents (measured)"},
    {Text::incidents_empty, "障害の記録はありません。", "No incidents on record."},
    {Text::incident_open, "{0}から継続中", "ongoing since {0}"},
    {Text::incident_took, "{0}に発生、{1}で復旧", "began {0}, recovered after {1}"},
    {Text::incident_back, "稼働状況へ戻る", "Back to the status page"},
    {Text::incident_updates, "経過", "Updates"},
    {Text::incident_began, "発生時刻", "Began"},
    {Text::incident_ended, "復旧時刻", "Recovered"},
    {Text::incident_not_yet, "まだ復旧していません", "Not yet"},
    {Text::incident_length, "継続時間", "Duration"},
    {Text::incident_worst, "最も重い状態", "Worst state"},
    {Text::phase_investigating, "調査中", "Investigating"},
    {Text::phase_monitoring, "経過観察中", "Monitoring"},
    {Text::phase_resolved, "復旧", "Resolved"},
    {Text::title_test_trades, "取引の障害", "Trading outage"},
    {Text::title_no_proof, "取引の確認不足", "Trading not confirmed"},
    {Text::title_ledger, "残高の不整合", "Balances do not add up"},
    {Text::title_monitoring_lost, "監視の途絶", "Monitoring lost"},
    {Text::body_investigating, "障害を検知しました。状態: {0}。原因: {1}。",
     "An outage was detected. State: {0}. Reason: {1}."},
    {Text::body_changed, "状況が変わりました。状態: {0}。原因: {1}。",
     "The situation has changed. State: {0}. Reason: {1}."},
    {Text::body_unknown, "監視からの証明が途絶えました。取引の状態を確認できません。",
     "Proof from the monitoring stopped. The state of trading cannot be confirmed."},
    {Text::body_monitoring, "すべてのテスト取引が再び成功しています。経過を観察しています。",
     "All test trades succeed again. We keep watching."},
    {Text::body_resolved, "正常な状態が続いていることを確認しました。",
     "Trading has stayed healthy. This incident is resolved."},
    {Text::reason_test_trades, "テスト取引が続けて失敗", "test trades failed in a row"},
    {Text::reason_no_proof, "成功したテスト取引が足りない", "too few successful test trades"},
    {Text::reason_ledger, "残高が取引記録と一致しない", "balances do not match the trades"},
    {Text::reason_monitoring_lost, "監視からの証明が途絶", "proof from the monitoring stopped"},
    {Text::page_not_found, "頁が見つかりません", "Page not found"},
    {Text::footer_engine,
     "状態の表示は機械の判定だけで決まります。人からのお知らせによって変わることはありません。",
     "The states on this page are determined by machines. No announcement by people changes them."},
    {Text::footer_api, "機械可読の状態 (Statuspage v2)", "Machine-readable status (Statuspage v2)"},
    {Text::notices_heading, "お知らせ", "Notices"},
    {Text::notices_empty, "公開したお知らせはありません。", "No notices have been published."},
    {Text::notice_now, "お知らせ", "Notice"},
    {Text::notice_by_rules, "確認された障害について、規則にもとづき自動で公開",
     "Published automatically, by the rules for confirmed incidents"},
    {Text::notice_by_people, "担当者が確認して公開", "Approved and published by staff"},
    {Text::notice_missed, "約束の時刻を{0}過ぎています。お待たせして申し訳ありません。",
     "This is overdue by {0}. We apologise."},
    {Text::notice_engine, "機械による判定", "Measured state"},
    {Text::notice_two_facts,
     "お知らせは、承認した担当者か、決められた規則によって公開されます。状態の表示は機械の判定だけ"
     "で"
     "決まり、お知らせによって変わることはありません。",
     "Notices are published by people, or by fixed rules. The states are measured by machines, and "
     "no notice changes them."},
    {Text::notice_cause, "原因: {0}", "Cause: {0}"},
    {Text::notice_faq, "よくあるご質問", "FAQ"},
    {Text::notice_support, "お問い合わせ", "Contact support"},
    {Text::notice_at, "{0} 公開", "published {0}"},
    {Text::maintenance_heading, "メンテナンスの予定", "Planned maintenance"},
    {Text::maintenance_when, "日時", "When"},
    {Text::maintenance_range, "{0} から {1} まで", "{0} to {1}"},
    {Text::maintenance_what, "対象", "Affects"},
    {Text::maintenance_ahead, "予定", "Planned"},
    {Text::maintenance_now, "実施中", "Under way"},
    {Text::maintenance_over, "終了", "Over"},
    {Text::maintenance_cancelled, "中止", "Cancelled"},
    {Text::history_heading, "過去90日間", "The last 90 days"},
    {Text::history_summary, "記録のある{0}日間のうち、取引の正常を確認できていた時間の割合: {1} %",
     "Over the {0} days on record, trading was confirmed {1} % of the time"},
    {Text::history_empty, "記録はまだありません。", "There is no record yet."},
    {Text::history_day_bad, "{0}: {1}、合計 {2}", "{0}: {1}, {2} in total"},
    {Text::history_day_good, "{0}: 障害なし", "{0}: no incident"},
    {Text::history_day_none, "{0}: 記録なし", "{0}: no record"},
    {Text::history_from, "90日前", "90 days ago"},
    {Text::history_to, "今日", "today"},
    {Text::history_more, "日ごとの記録", "Day by day"},
    {Text::history_all_good, "障害のあった日はありません。", "No day had an incident."},
    {Text::link_subscribe, "メールで受け取る", "Get notices by mail"},
    {Text::link_atom, "Atom フィード", "Atom feed"},
    {Text::link_calendar, "カレンダー（iCalendar）", "Calendar (iCalendar)"},
    {Text::copy_headline, "{0} の時点で、取引は正常でした", "Trading was working as of {0}"},
    {Text::copy_word, "この時点で正常", "Operational then"},
    {Text::copy_note, "これは {0} に書き出した写しです。いまの状態を示すものではありません。",
     "This is a copy made at {0}. It does not tell the present state."},
    {Text::copy_stale, "この写しは10分以上更新されていません。",
     "This copy has not been renewed for over 10 minutes."},
    {Text::badge_label, "取引", "trading"},
    {Text::badge_as_of, "{0} 時点で正常", "operational as of {0}"},
};

constexpr bool is_in_order() {
  if (std::size(catalogue) != text_count) return false;
  for (std::size_t i = 0; i < text_count; ++i) {
    if (static_cast<std::size_t>(catalogue[i].id) != i) return false;
  }
  return true;
}
static_assert(is_in_order(), "the catalogue is indexed by Text");

}  // namespace

ByteView text(Language language, Text id) {
  const Entry& entry = catalogue[static_cast<std::size_t>(id)];
  return language == Language::ja ? entry.ja : entry.en;
}

std::string text(Language language, Text id, std::initializer_list<ByteView> values) {
  const ByteView pattern = text(language, id);
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      out.push_back(pattern[i]);
      continue;
    }
    const auto position = static_cast<std::size_t>(pattern[i + 1] - '0');
    ASSERT(position < values.size() && pattern[i + 2] == '}');
    out += values.begin()[position];
    i += 2;
  }
  return out;
}

Text state_word(State state) {
  switch (state) {
    case State::operational:
      return Text::state_operational;
    case State::degraded_performance:
      return Text::state_degraded_performance;
    case State::partial_outage:
      return Text::state_partial_outage;
    case State::major_outage:
      return Text::state_major_outage;
    case State::unknown:
      return Text::state_unknown;
  }
  return Text::state_unknown;
}

Text headline(State state) {
  switch (state) {
    case State::operational:
      return Text::headline_operational;
    case State::degraded_performance:
      return Text::headline_degraded_performance;
    case State::partial_outage:
      return Text::headline_partial_outage;
    case State::major_outage:
      return Text::headline_major_outage;
    case State::unknown:
      return Text::headline_unknown;
  }
  return Text::headline_unknown;
}

Text phase_word(IncidentPhase phase) {
  switch (phase) {
    case IncidentPhase::investigating:
      return Text::phase_investigating;
    case IncidentPhase::monitoring:
      return Text::phase_monitoring;
    case IncidentPhase::resolved:
      return Text::phase_resolved;
  }
  return Text::phase_investigating;
}

Text reason_text(Reason reason) {
  switch (reason) {
    case Reason::ledger_mismatch:
      return Text::reason_ledger;
    case Reason::monitoring_lost:
      return Text::reason_monitoring_lost;
    case Reason::no_proof:
      return Text::reason_no_proof;
    case Reason::none:
    case Reason::test_trades_failing:
      break;
  }
  return Text::reason_test_trades;
}

Text incident_title(Reason reason) {
  switch (reason) {
    case Reason::ledger_mismatch:
      return Text::title_ledger;
    case Reason::monitoring_lost:
      return Text::title_monitoring_lost;
    case Reason::no_proof:
      return Text::title_no_proof;
    case Reason::none:
    case Reason::test_trades_failing:
      break;
  }
  return Text::title_test_trades;
}

}  // namespace oki::notify
