#include "response/row_text.h"

#include <array>
#include <iterator>

#include "base/assert.h"
#include "response/events.h"

namespace oki::response {
namespace {

using notify::Language;

constexpr RowWordsOf catalogue[] = {
    {RowKind::opened, "障害の疑いを検知", "A possible incident was detected"},
    {RowKind::confirmed, "障害と確認（{0}）", "Confirmed as an incident ({0})"},
    {RowKind::signal_began, "検知信号: {1} — {2}", "Signal: {1} — {2}"},
    {RowKind::signal_over, "検知信号の終了: {1}", "Signal over: {1}"},
    {RowKind::signal_expired, "検知信号の途絶（回復とはみなさない）: {1}",
     "Signal no longer renewed (no all-clear): {1}"},
    {RowKind::signal_flaps, "検知信号が断続的: {1}", "Signal flaps: {1}"},
    {RowKind::component_joined, "影響箇所に追加: {1}", "Affected part added: {1}"},
    {RowKind::severity_raised, "重大度を{3}に引き上げ（{0}）: {2}",
     "Severity raised to {3} ({0}): {2}"},
    {RowKind::monitoring, "テスト取引が成功し始めた。経過観察中",
     "Test trades succeed again; monitoring"},
    {RowKind::worse_again, "再び悪化", "Worse again"},
    {RowKind::resolved, "復旧（テスト取引と検査で確認、{0}）",
     "Resolved, proven by test trades and checks ({0})"},
    {RowKind::reopened, "再発", "Reopened"},
    {RowKind::closed, "対応終了（{0}）", "Closed ({0})"},
    {RowKind::dismissed, "障害ではないと判断（{0}）: {2}", "Dismissed ({0}): {2}"},
    {RowKind::change_recorded, "直近の変更（{3}、{1}）: {2}", "Change recorded ({3}, {1}): {2}"},
    {RowKind::declared, "障害を宣言（{0}）: {1} — {2}", "Declared by {0}: {1} — {2}"},
    {RowKind::acknowledged, "呼び出しに応答（{0}）", "Acknowledged by {0}"},
    {RowKind::role_taken, "{3}を担当（{0}）", "{0} takes the role of {3}"},
    {RowKind::handed_over, "{3}を{1}へ引き継ぎ（{0}）: {2}", "{0} hands {3} over to {1}: {2}"},
    {RowKind::severity_asked, "重大度を{3}へ下げる提案（{0}）: {2}",
     "{0} asks to lower the severity to {3}: {2}"},
    {RowKind::severity_lowered, "重大度を{3}へ下げることに同意（{0}）", "{0} agrees: severity {3}"},
    {RowKind::phase_set, "段階を「{3}」に変更（{0}）: {2}", "{0} sets the phase to {3}: {2}"},
    {RowKind::note, "メモ（{0}）: {2}", "Note by {0}: {2}"},
    {RowKind::merged_away, "{1}へ統合（{0}）", "Merged into {1} ({0})"},
    {RowKind::merged_here, "{1}を統合（{0}）", "{1} was merged into this ({0})"},
    {RowKind::paged, "呼び出し: {0}（{3}）", "Called {0} ({3})"},
    {RowKind::everybody_paged, "応答がないため全員（{3}名）を呼び出し",
     "No answer: all {3} called"},
    {RowKind::nobody_answered, "誰も応答しなかった", "Nobody answered"},
    {RowKind::notice_proposed, "お知らせ案{3}（{1}）を提出（{0}）: {2}",
     "{0} proposes notice {3} ({1}): {2}"},
    {RowKind::notice_approved, "お知らせ第{3}号（{1}）を公表（承認: {0}）: {2}",
     "Notice {3} ({1}) published, approved by {0}: {2}"},
    {RowKind::notice_rejected, "お知らせ案{3}を却下（{0}）: {2}", "{0} rejects proposal {3}: {2}"},
    {RowKind::promised, "次回のお知らせを{3}秒後と約束（{0}）", "{0} promises an update in {3} s"},
    {RowKind::promise_missed, "約束した時刻までにお知らせできなかった（{3}回目）",
     "The promised update was missed ({3} so far)"},
    {RowKind::step_asked, "手順{3}を依頼（{0}）: {1}", "{0} asks for step {3}: {1}"},
    {RowKind::step_approved, "手順{3}を承認（{0}）: {1}", "Step {3} approved by {0}: {1}"},
    {RowKind::step_rejected, "手順{3}を却下（{0}）: {1}", "Step {3} rejected by {0}: {1}"},
    {RowKind::step_started, "手順{3}を開始: {1} {2}", "Step {3} started: {1} {2}"},
    {RowKind::step_output, "手順{3}の結果を記録: {1} {2}", "Output of step {3} recorded: {1} {2}"},
    {RowKind::step_verified, "手順{3}の効果を確認: {1} {2}", "Step {3} verified: {1} {2}"},
    {RowKind::step_failed, "手順{3}が失敗: {1} {2}", "Step {3} failed: {1} {2}"},
    {RowKind::item_added, "再発防止策{3}を追加（担当: {1}）: {2}",
     "Prevention item {3} added (owner: {1}): {2}"},
    {RowKind::item_assigned, "再発防止策{3}の担当を{1}に: {2}",
     "Prevention item {3} given to {1}: {2}"},
    {RowKind::item_done, "再発防止策{3}を完了（{0}）: {2}", "Prevention item {3} done by {0}: {2}"},
    {RowKind::postmortem_submitted, "事後報告を提出（{0}）", "Postmortem submitted by {0}"},
    {RowKind::postmortem_approved, "事後報告を承認（{0}）", "Postmortem approved by {0}"},
    {RowKind::postmortem_rejected, "事後報告を差し戻し（{0}）", "Postmortem sent back by {0}"},
    {RowKind::notice_taken, "お知らせ{3}の送信を{1}が担当", "Notice {3} is sent by {1}"},
    {RowKind::notice_told, "お知らせ{3}（{1}）: {2}", "Notice {3} by {1}: {2}"},
    {RowKind::page_told, "呼び出し{3}（{0}、{1}）: {2}", "Call {3} to {0} by {1}: {2}"},
    {RowKind::page_lapsed, "呼び出し{3}（{0}）は時間内に送れなかった",
     "Call {3} to {0} could not be made in time"},
    {RowKind::postmortem_drafted, "事後報告の下書き（{2}）", "Draft of the postmortem ({2})"},
};
static_assert(std::size(catalogue) == row_kinds);

struct Pair {
  const char* ja;
  const char* en;
};

const char* of(Language language, const Pair& pair) {
  return language == Language::ja ? pair.ja : pair.en;
}

constexpr Pair phase_words[] = {{"障害の疑い", "suspected"}, {"調査中", "investigating"},
                                {"原因特定", "identified"},  {"経過観察中", "monitoring"},
                                {"復旧", "resolved"},        {"対応終了", "closed"}};
static_assert(std::size(phase_words) == phases);

constexpr Pair role_words[] = {{"指揮", "commander"},   {"広報", "communications"},
                               {"技術", "operations"},  {"セキュリティ", "security"},
                               {"顧客対応", "support"}, {"記録", "scribe"}};
static_assert(std::size(role_words) == roles);

constexpr Pair check_words[] = {{"台帳の検査", "ledger check"},
                                {"不変条件の検査", "invariants"},
                                {"エラー率", "error rate"},
                                {"問い合わせ", "inquiries"}};
static_assert(std::size(check_words) == check_kinds);

constexpr Pair change_words[] = {{"設定", "configuration"}, {"配備", "deployment"},
                                 {"規則の改版", "release"}, {"運用操作", "operator command"},
                                 {"増減設", "capacity"},    {"その他", "other"}};
static_assert(std::size(change_words) == change_kinds);

constexpr Pair page_words[] = {{"疑い", "suspected"},
                               {"障害確認", "confirmed"},
                               {"全員", "everybody"},
                               {"お知らせの遅れ", "missed update"},
                               {"引き継ぎ", "handed over"}};
static_assert(std::size(page_words) == page_reasons);

constexpr Pair gate_words[] = {{"検知信号が継続中", "a signal still fires"},
                               {"テスト取引の成功が足りない", "too few test trades"},
                               {"テスト取引が一か所からのみ", "only one prober"},
                               {"成功の継続時間が短い", "too short a time"},
                               {"最新のテスト取引が古い", "the newest test trades are too old"}};

template <std::size_t count>
const char* pick(Language language, const Pair (&pairs)[count], std::uint32_t number) {
  return number < count ? of(language, pairs[number]) : "";
}

std::string number_text(Language language, const Row& row) {
  switch (row.kind) {
    case RowKind::severity_raised:
    case RowKind::severity_asked:
    case RowKind::severity_lowered:
      return row.number < severities ? word(static_cast<Severity>(row.number)) : std::string();
    case RowKind::phase_set:
      return pick(language, phase_words, row.number);
    case RowKind::role_taken:
    case RowKind::handed_over:
      return pick(language, role_words, row.number);
    case RowKind::change_recorded:
      return pick(language, change_words, row.number);
    case RowKind::paged:
      return pick(language, page_words, row.number);
    default:
      return std::to_string(row.number);
  }
}

std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  // A sentence without its optional end.
  for (const char* tail : {": ", " — ", " "}) {
    if (text.ends_with(tail)) text.resize(text.size() - std::char_traits<char>::length(tail));
  }
  return text;
}

}  // namespace

const RowWordsOf& words_of(RowKind kind) {
  const RowWordsOf& words = catalogue[static_cast<std::size_t>(kind)];
  ASSERT(words.kind == kind);
  return words;
}

const char* word(Language language, Phase phase) {
  return of(language, phase_words[static_cast<std::size_t>(phase)]);
}

const char* word(Language language, Role role) {
  return of(language, role_words[static_cast<std::size_t>(role)]);
}

const char* word(Language language, CheckKind kind) {
  return of(language, check_words[static_cast<std::size_t>(kind)]);
}

std::string word(Severity severity) {
  return "SEV" + std::to_string(static_cast<unsigned>(severity) + 1);
}

std::string person_text(Language language, const House& house, PersonId person) {
  if (person.value == 0) return language == Language::ja ? "自動" : "automatic";
  const auto found = house.people.find(person);
  return found == house.people.end() ? std::to_string(person.value) : found->second.name;
}

std::string gate_text(Language language, std::uint16_t shut) {
  std::string text;
  const auto add = [&](const char* words) {
    if (!text.empty()) text += language == Language::ja ? "、" : ", ";
    text += words;
  };
  for (std::size_t i = 0; i < std::size(gate_words); ++i) {
    if ((shut >> i & 1u) != 0) add(of(language, gate_words[i]));
  }
  for (std::size_t i = 0; i < check_kinds; ++i) {
    if ((shut >> (std::size(gate_words) + i) & 1u) != 0) add(of(language, check_words[i]));
  }
  if (text.empty()) text = language == Language::ja ? "なし" : "nothing";
  return text;
}

std::string row_text(Language language, const House& house, const Row& row) {
  const RowWordsOf& words = words_of(row.kind);
  const std::array<std::string, 4> values = {person_text(language, house, row.by), row.subject,
                                             row.words, number_text(language, row)};
  std::string text;
  for (const char* at = language == Language::ja ? words.ja : words.en; *at != '\0'; ++at) {
    if (*at == '{') {
      text += values[static_cast<std::size_t>(at[1] - '0')];
      at += 2;
    } else {
      text += *at;
    }
  }
  return on_one_line(std::move(text));
}

}  // namespace oki::response
