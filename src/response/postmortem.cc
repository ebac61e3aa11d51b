#include "response/postmortem.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "notify/incident_text.h"
#include "response/gate.h"
#include "response/markdown.h"
#include "response/row_text.h"
#include "response/signals.h"

namespace oki::response {
namespace {

using notify::Language;

struct Draft {
  Language language;
  const State& state;
  IncidentId id;
  const Incident& incident;
  std::string out{};

  bool ja() const { return language == Language::ja; }
  const char* pick(const char* japanese, const char* english) const {
    return ja() ? japanese : english;
  }
  void heading(const char* japanese, const char* english) {
    out += fmt::format("\n## {}\n\n", pick(japanese, english));
  }
  void field(const char* japanese, const char* english, const std::string& value) {
    out += fmt::format("| {} | {} |\n", pick(japanese, english), value);
  }
  void item(const std::string& text) { out += "- " + text + "\n"; }
  void none() { item(pick("なし", "None")); }
  std::string duration(std::int64_t ms) const { return notify::duration_text(language, ms); }
  std::string person(PersonId who) const {
    return markdown(person_text(language, state.house, who));
  }
  std::string after_start(WallTimeMs at) const { return duration(at.value - incident.began.value); }
};

std::string zoned(Language language, WallTimeMs at) { return notify::japan_time(language, at); }

const Row* first_row(const Incident& incident, RowKind kind) {
  const auto found = std::ranges::find(incident.rows, kind, &Row::kind);
  return found == incident.rows.end() ? nullptr : &*found;
}

std::string holder(const Draft& draft, Role role) {
  const auto found = draft.incident.holders.find(role);
  return found == draft.incident.holders.end() ? std::string("-") : draft.person(found->second);
}

void add_overview(Draft& draft) {
  const Incident& incident = draft.incident;
  const auto time_of = [&draft](const Row* row) {
    return row == nullptr
               ? std::string("-")
               : zoned(draft.language, row->at) + " (+" + draft.after_start(row->at) + ")";
  };
  draft.heading("概要", "Overview");
  draft.out += "| | |\n|---|---|\n";
  draft.field("段階", "Phase", word(draft.language, incident.phase));
  draft.field("最大の重大度", "Worst severity", word(incident.severity_worst));
  draft.field("指揮", "Commander", holder(draft, Role::commander));
  draft.field("広報", "Communications", holder(draft, Role::communications));
  draft.field("発生", "Began", zoned(draft.language, incident.began));
  draft.field(
      "検知", "Detected",
      zoned(draft.language, incident.opened) + " (+" + draft.after_start(incident.opened) + ")");
  draft.field("障害と確認", "Confirmed", time_of(first_row(incident, RowKind::confirmed)));
  draft.field("応答", "Acknowledged", time_of(first_row(incident, RowKind::acknowledged)));
  draft.field("最初のお知らせ", "First notice",
              time_of(first_row(incident, RowKind::notice_approved)));
  if (incident.ended) {
    draft.field("影響の終わり", "Impact ended", zoned(draft.language, *incident.ended));
    draft.field("影響時間", "Impact lasted", draft.after_start(*incident.ended));
  }
  if (incident.resolved) {
    draft.field("復旧の確認", "Recovery proven", zoned(draft.language, *incident.resolved));
  }
  draft.field("再発", "Reopened", std::to_string(incident.reopened));
}

std::string amounts_text(const std::vector<ScopeAmount>& amounts) {
  std::string text;
  for (const ScopeAmount& amount : amounts) {
    if (!text.empty()) text += ", ";
    text += decimal(amount.units, amount.digits) + ' ' + markdown(amount.asset);
  }
  return text.empty() ? "-" : text;
}

void add_impact(Draft& draft, const ScopeReport& scope) {
  draft.heading("影響", "Impact");
  draft.item(fmt::format("{}: {} – {}", draft.pick("調べた範囲", "Stretch"),
                         rfc3339_utc(scope.from), rfc3339_utc(scope.to)));
  draft.item(fmt::format("{}: {} – {}", draft.pick("ログの範囲", "Log entries"), scope.first.value,
                         scope.last.value));
  if (!scope.complete) {
    draft.item(draft.pick("一部の記録が未集計のため、数値は下限です。",
                          "Some records are missing: the numbers are lower bounds."));
    for (const std::string& why : scope.missing) draft.out += "  - " + markdown(why) + "\n";
  }
  std::string services;
  for (const std::string& service : scope.services) {
    services += (services.empty() ? "" : ", ") + markdown(service);
  }
  draft.item(
      fmt::format("{}: {}", draft.pick("サービス", "Services"), services.empty() ? "-" : services));
  draft.item(fmt::format(
      "{}: {} ({} {}, {} {})", draft.pick("影響を受けた口座数", "Accounts affected"),
      scope.accounts, draft.pick("依頼の失敗", "requests failed:"), scope.accounts_failed,
      draft.pick("注文が板に残った", "orders left in the book:"), scope.accounts_waiting));
  if (scope.requests_everywhere > 0) {
    draft.item(fmt::format(
        "{}: {}", draft.pick("市場を限らない依頼の失敗", "Failed requests of no single market"),
        scope.requests_everywhere));
  }
  if (scope.requests_unnamed > 0) {
    draft.item(fmt::format(
        "{}: {}",
        draft.pick("口座が分からないまま断った依頼", "Requests refused before login was read"),
        scope.requests_unnamed));
  }
  draft.item(fmt::format("{}: {} ({})",
                         draft.pick("滞留・失敗した出金", "Withdrawals delayed or failed"),
                         scope.withdrawals, amounts_text(scope.withdrawn)));
  draft.item(fmt::format("{}: {}", draft.pick("問い合わせ件数", "Inquiries"), scope.inquiries));
  if (!scope.accounts_digest.empty()) {
    draft.item(fmt::format("{}: `{}`",
                           draft.pick("口座一覧の照合値", "Digest of the list of accounts"),
                           markdown(scope.accounts_digest)));
  }
  if (scope.markets.empty()) return;
  draft.out += draft.pick(
      "\n| 市場 | 口座 | 不成立の注文 | 結果不明の注文 | 失敗した取消 | 失敗した訂正 | "
      "板に残った注文 | "
      "金額 |\n",
      "\n| Market | Accounts | Orders refused | Orders unknown | Cancels failed | Amends failed | "
      "Orders open | Amounts |\n");
  draft.out += "|---|---|---|---|---|---|---|---|\n";
  for (const MarketScope& market : scope.markets) {
    draft.out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", markdown(market.market),
                             market.accounts, market.orders_refused, market.orders_unknown,
                             market.cancels_failed, market.amends_failed, market.orders_open,
                             amounts_text(market.amounts));
  }
}

const char* cause_word(const Draft& draft, CauseKind kind) {
  switch (kind) {
    case CauseKind::change:
      return draft.pick("直前の変更", "a change shortly before");
    case CauseKind::broken:
      return draft.pick("停止", "does not work");
    case CauseKind::shortage:
      return draft.pick("資源の不足", "short of a resource");
    case CauseKind::overload:
      return draft.pick("負荷の集中", "overload");
    case CauseKind::abuse:
      return draft.pick("異常なアクセスの集中", "a flood of abnormal access");
    case CauseKind::defect:
      return draft.pick("誤った結果", "wrong results");
  }
  return "";
}

void add_causes(Draft& draft, const std::vector<Cause>& causes) {
  draft.heading("考えられる要因（自動順位）", "Likely causes, ranked automatically");
  if (causes.empty()) return draft.none();
  for (const Cause& cause : causes) {
    std::string place;
    if (!cause.component.name.empty()) {
      place = notify::component_text(draft.language, cause.component) + ": ";
    }
    std::string text = fmt::format("{}{}", markdown(place), cause_word(draft, cause.kind));
    if (!cause.words.empty()) {
      text += fmt::format(" — {} ({})", markdown(cause.words), rfc3339_utc(cause.at));
    }
    draft.item(fmt::format("{} [{} {}, {} {}/{}]", text, draft.pick("評点", "score"), cause.score,
                           draft.pick("説明できる信号", "signals explained"), cause.explained,
                           cause.signals));
  }
}

// What the record itself shows; people add to it.
void add_lessons(Draft& draft) {
  const Incident& incident = draft.incident;
  const Row* notice = first_row(incident, RowKind::notice_approved);
  draft.heading("うまくいったこと", "What went well");
  const std::size_t before = draft.out.size();
  if (incident.opened.value - incident.began.value <= 5'000) {
    draft.item(fmt::format("{}: {}",
                           draft.pick("発生から検知まで", "From the beginning to detection"),
                           draft.after_start(incident.opened)));
  }
  if (notice != nullptr && notice->at.value - incident.began.value <= 300'000) {
    draft.item(fmt::format("{}: {}",
                           draft.pick("発生から最初のお知らせまで", "To the first notice"),
                           draft.after_start(notice->at)));
  }
  if (incident.promises_missed == 0 && notice != nullptr) {
    draft.item(draft.pick("お知らせの約束の時刻を守った", "Every promised update was kept"));
  }
  if (draft.out.size() == before) draft.none();
  draft.heading("うまくいかなかったこと", "What did not go well");
  const std::size_t middle = draft.out.size();
  if (incident.opened.value - incident.began.value > 5'000) {
    draft.item(fmt::format("{}: {}", draft.pick("検知まで時間がかかった", "Detection took"),
                           draft.after_start(incident.opened)));
  }
  if (notice == nullptr)
    draft.item(draft.pick("お知らせを出していない", "No notice was published"));
  if (incident.promises_missed > 0) {
    draft.item(fmt::format("{}: {}",
                           draft.pick("守れなかったお知らせの約束", "Promised updates missed"),
                           incident.promises_missed));
  }
  for (const RowKind kind : {RowKind::nobody_answered, RowKind::everybody_paged,
                             RowKind::step_failed, RowKind::reopened, RowKind::worse_again}) {
    const Row* row = first_row(incident, kind);
    if (row != nullptr) draft.item(markdown(row_text(draft.language, draft.state.house, *row)));
  }
  if (draft.out.size() == middle) draft.none();
}

void add_items(Draft& draft) {
  draft.heading("再発防止策", "Prevention");
  if (draft.incident.items.empty()) return draft.none();
  draft.out += draft.pick("| 内容 | 担当 | 期限 | 完了 |\n", "| What | Owner | Due | Done |\n");
  draft.out += "|---|---|---|---|\n";
  for (const Item& item : draft.incident.items) {
    draft.out +=
        fmt::format("| {} | {} | {} | {} |\n", markdown(item.words),
                    item.owner.value == 0 ? std::string("-") : draft.person(item.owner),
                    notify::japan_date(draft.language, item.due),
                    item.done ? notify::japan_date(draft.language, *item.done) : std::string("-"));
  }
}

void add_timeline(Draft& draft) {
  draft.heading("経過", "Timeline");
  draft.out += draft.pick("| 時刻 (UTC) | 出来事 | 記録 (ログ位置, ハッシュ) |\n",
                          "| Time (UTC) | What | Data link (log index, hash) |\n");
  draft.out += "|---|---|---|\n";
  for (const Row& row : draft.incident.rows) {
    draft.out += fmt::format("| {} | {} | {}, {:016x} |\n", rfc3339_utc(row.at),
                             markdown(row_text(draft.language, draft.state.house, row)),
                             row.index.value, row.hash);
  }
  if (draft.incident.rows_dropped > 0) {
    draft.out += fmt::format("\n{}: {}\n", draft.pick("省いた行", "Rows left out"),
                             draft.incident.rows_dropped);
  }
}

void add_pending(Draft& draft) {
  const Incident& incident = draft.incident;
  const std::size_t before = draft.out.size();
  for (std::size_t i = 0; i < incident.notices.size(); ++i) {
    if (incident.notices[i].state != NoticeState::proposed) continue;
    draft.item(fmt::format("{} {} ({})", draft.pick("承認待ちのお知らせ案", "Notice to approve:"),
                           i + 1, draft.person(incident.notices[i].by)));
  }
  for (const StepRecord& step : incident.steps) {
    if (step.state != StepState::asked && step.state != StepState::started) continue;
    draft.item(fmt::format("{}: {} / {}",
                           step.state == StepState::asked
                               ? draft.pick("承認待ちの手順", "Step to approve")
                               : draft.pick("実行中の手順", "Step under way"),
                           markdown(step.runbook), markdown(step.step)));
  }
  if (draft.out.size() == before) draft.none();
}

void add_signals(Draft& draft) {
  const std::size_t before = draft.out.size();
  for (const auto& [key, held] : draft.state.signals) {
    if (held.incident != draft.id || !is_live(held)) continue;
    draft.item(fmt::format("{} {} — {}", name(key.source), markdown(key.key),
                           markdown(held.signal.words)));
  }
  if (draft.out.size() == before) draft.none();
}

}  // namespace

std::string postmortem_draft(Language language, const State& state, IncidentId id,
                             const ScopeReport& scope, const std::vector<Cause>& causes) {
  const auto found = state.incidents.find(id);
  ASSERT(found != state.incidents.end());
  Draft draft{language, state, id, found->second};
  draft.out =
      fmt::format("# {} {}", draft.pick("事後報告（草案）", "Postmortem (draft):"), name(id));
  if (!found->second.title.empty()) draft.out += ": " + markdown(found->second.title);
  draft.out += '\n';
  if (found->second.drill)
    draft.out += draft.pick("\n**これは訓練です。**\n", "\n**This was a drill.**\n");
  add_overview(draft);
  add_impact(draft, scope);
  add_causes(draft, causes);
  add_lessons(draft);
  add_items(draft);
  add_timeline(draft);
  return std::move(draft.out);
}

std::string handover_summary(Language language, const State& state, IncidentId id) {
  const auto found = state.incidents.find(id);
  ASSERT(found != state.incidents.end());
  const Incident& incident = found->second;
  Draft draft{language, state, id, incident};
  draft.out = fmt::format("# {} {} — {}, {}\n", draft.pick("引き継ぎ", "Handover:"), name(id),
                          word(incident.severity), word(language, incident.phase));
  draft.heading("担当", "Roles");
  for (std::uint8_t role = 0; role < roles; ++role) {
    const auto each = static_cast<Role>(role);
    draft.item(fmt::format("{}: {}", word(language, each), holder(draft, each)));
  }
  draft.heading("続いている信号", "Signals that still fire");
  add_signals(draft);
  draft.heading("復旧の条件で足りないもの", "What the recovery gate still lacks");
  draft.item(gate_text(language, gate_shut(state, id, state.now)));
  draft.heading("次回のお知らせ", "Next update");
  draft.item(incident.promise ? zoned(language, *incident.promise) : std::string("-"));
  draft.heading("判断待ち", "Pending");
  add_pending(draft);
  draft.heading("最近の出来事", "Latest");
  const std::size_t rows = incident.rows.size();
  for (std::size_t i = rows > 10 ? rows - 10 : 0; i < rows; ++i) {
    draft.item(rfc3339_utc(incident.rows[i].at) + ' ' +
               markdown(row_text(language, state.house, incident.rows[i])));
  }
  return std::move(draft.out);
}

}  // namespace oki::response
