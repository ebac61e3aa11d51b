#include "notify/notice_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "notify/html.h"
#include "notify/incident_text.h"
#include "notify/text.h"

namespace oki::notify {
namespace {

struct Words {
  const char* ja;
  const char* en;
};

const char* say(Language language, const Words& words) {
  return language == Language::ja ? words.ja : words.en;
}

constexpr Words began = {"発生", "Began"};
constexpr Words ended = {"終了", "Ended"};
constexpr Words affected = {"影響範囲", "Affected"};
constexpr Words unaffected = {"影響のない範囲", "Not affected"};
constexpr Words planned_from = {"開始", "From"};
constexpr Words planned_to = {"終了", "Until"};
constexpr Words planned_on = {"対象", "Affects"};
constexpr Words cause = {"原因", "Cause"};
constexpr Words recovery = {"復旧の見込み", "Recovery"};
constexpr Words next_update = {"次回のお知らせ", "Next update"};
constexpr Words assets = {"お客様の資産", "Your assets"};
constexpr Words support = {"お問い合わせ窓口", "Support"};
constexpr Words latest = {"最新の情報", "Latest"};
constexpr Words questions = {"よくあるご質問", "FAQ"};
constexpr Words drill = {"【訓練】", "[DRILL] "};
constexpr Words by_then = {"{} まで", "by {}"};
constexpr Words range = {"{} から {} の間（過去 {} 件から推定。この幅に収まった割合: {} %）",
                         "between {} and {} (from {} past cases; {} % of such ranges held)"};
constexpr Words load = {"対応待ち {} 件、お待ちいただく時間の目安 {} 分",
                        "{} inquiries open, about {} minutes to wait"};

// Planned work claims no state: whether something works then is for the page to say.
std::string component_line(Language language, const Notice& notice,
                           const NoticeComponent& component) {
  if (is_planned(notice.phase)) return component_text(language, component.id);
  const std::string state(text(language, state_word(component.now)));
  const std::string name = component_text(language, component.id);
  return language == Language::ja ? name + "（" + state + "）" : name + " (" + state + ")";
}

template <typename Items, typename Word>
std::string joined(Language language, const Items& items, const Word& word) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += text(language, Text::list_separator);
    out += word(item);
  }
  return out.empty() ? std::string(text(language, Text::nothing)) : out;
}

std::string recovery_text(Language language, const RecoveryRange& r) {
  return fmt::format(fmt::runtime(say(language, range)), japan_time(language, r.from),
                     japan_time(language, r.to), r.cases, r.held_percent);
}

void append_paragraphs(Html& html, ByteView body) {
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    if (end != 0) html.element("p", body.substr(0, end));
    body.remove_prefix(end == ByteView::npos ? body.size() : end + 1);
  }
}

void append_row(Html& html, const NoticeLine& line) {
  html.open("tr").element("th", line.label, {{"align", "left"}, {"valign", "top"}});
  html.element("td", line.value).close();
}

std::vector<NoticeLine> link_lines(Language language, const Notice& notice,
                                   const NoticeLinks& links) {
  std::vector<NoticeLine> lines = {{say(language, latest), notice_url(language, notice, links)}};
  if (!links.faq_url.empty()) lines.push_back({say(language, questions), links.faq_url});
  if (!links.support_url.empty()) lines.push_back({say(language, support), links.support_url});
  return lines;
}

}  // namespace

std::string phase_text(Language language, NoticePhase phase) {
  switch (phase) {
    case NoticePhase::investigating:
      return say(language, {"調査中", "Investigating"});
    case NoticePhase::identified:
      return say(language, {"原因特定", "Identified"});
    case NoticePhase::monitoring:
      return say(language, {"経過観察中", "Monitoring"});
    case NoticePhase::resolved:
      return say(language, {"復旧", "Resolved"});
    case NoticePhase::postmortem:
      return say(language, {"事後報告", "Postmortem"});
    case NoticePhase::scheduled:
      return say(language, {"メンテナンス予定", "Planned maintenance"});
    case NoticePhase::in_progress:
      return say(language, {"メンテナンス開始", "Maintenance under way"});
    case NoticePhase::completed:
      return say(language, {"メンテナンス終了", "Maintenance over"});
    case NoticePhase::cancelled:
      return say(language, {"メンテナンス中止", "Maintenance cancelled"});
  }
  return {};
}

std::string impact_text(Language language, Impact impact) {
  switch (impact) {
    case Impact::none:
      return say(language, {"影響なし", "No impact"});
    case Impact::minor:
      return say(language, {"軽度", "Minor"});
    case Impact::major:
      return say(language, {"重度", "Major"});
    case Impact::critical:
      return say(language, {"重大", "Critical"});
    case Impact::maintenance:
      return say(language, {"メンテナンス", "Maintenance"});
  }
  return {};
}

const std::string& in(Language language, const LocalText& text) {
  return language == Language::ja ? text.ja : text.en;
}

std::string notice_headline(Language language, const Notice& notice) {
  const std::string phase = phase_text(language, notice.phase);
  return std::string(notice.drill ? say(language, drill) : "") +
         (language == Language::ja ? "【" + phase + "】" : "[" + phase + "] ") +
         in(language, notice.title);
}

std::optional<std::string> notice_value(Language language, const Notice& notice,
                                        const NoticeLinks& links, ByteView placeholder) {
  const auto named = [&](const ComponentId& id) { return component_text(language, id); };
  if (placeholder == "began") return japan_time(language, notice.began);
  if (placeholder == "ended" && notice.ended) return japan_time(language, *notice.ended);
  if (placeholder == "affected") {
    return joined(language, notice.affected, [&](const NoticeComponent& component) {
      return component_line(language, notice, component);
    });
  }
  if (placeholder == "unaffected" && !is_planned(notice.phase)) {
    return joined(language, notice.unaffected, named);
  }
  if (placeholder == "cause" && notice.cause) return in(language, *notice.cause);
  if (placeholder == "recovery" && notice.recovery)
    return recovery_text(language, *notice.recovery);
  if (placeholder == "next_update" && notice.next_update_at) {
    return japan_time(language, *notice.next_update_at);
  }
  if (placeholder == "assets" && !in(language, notice.assets).empty()) {
    return in(language, notice.assets);
  }
  if (placeholder == "support" && notice.support) {
    return fmt::format(fmt::runtime(say(language, load)), notice.support->open_inquiries,
                       notice.support->wait_minutes);
  }
  if (placeholder == "faq" && !links.faq_url.empty()) return links.faq_url;
  if (placeholder == "url") return notice_url(language, notice, links);
  return std::nullopt;
}

bool is_notice_value(ByteView placeholder) {
  constexpr std::array<ByteView, 11> all = {"began",   "ended",    "affected",    "unaffected",
                                            "cause",   "recovery", "next_update", "assets",
                                            "support", "faq",      "url"};
  return std::find(all.begin(), all.end(), placeholder) != all.end();
}

std::string affected_in_title(Language language, const Notice& notice) {
  constexpr std::size_t named_max = 3;
  std::vector<ComponentId> first;
  for (const NoticeComponent& component : notice.affected) {
    if (first.size() < named_max) first.push_back(component.id);
  }
  const std::string names =
      joined(language, first, [&](const ComponentId& id) { return component_text(language, id); });
  if (notice.affected.empty()) return say(language, {"取引", "trading"});
  if (notice.affected.size() == first.size()) return names;
  return fmt::format(fmt::runtime(say(language, {"{}ほか{}件", "{} and {} more"})), names,
                     notice.affected.size() - first.size());
}

std::vector<NoticeLine> notice_lines(Language language, const Notice& notice) {
  struct Row {
    Words label;
    Words of_plan;
    const char* placeholder;
  };
  constexpr std::array<Row, 9> rows = {{{began, planned_from, "began"},
                                        {ended, planned_to, "ended"},
                                        {affected, planned_on, "affected"},
                                        {unaffected, unaffected, "unaffected"},
                                        {cause, cause, "cause"},
                                        {recovery, recovery, "recovery"},
                                        {next_update, next_update, "next_update"},
                                        {assets, assets, "assets"},
                                        {support, support, "support"}}};
  std::vector<NoticeLine> lines;
  for (const Row& row : rows) {
    auto value = notice_value(language, notice, {}, row.placeholder);
    if (!value) continue;
    if (row.placeholder == ByteView("next_update")) {
      value = fmt::format(fmt::runtime(say(language, by_then)), *value);
    }
    const Words& label = is_planned(notice.phase) ? row.of_plan : row.label;
    lines.push_back({say(language, label), std::move(*value)});
  }
  return lines;
}

std::string notice_url(Language language, const Notice& notice, const NoticeLinks& links) {
  const char* folder = is_planned(notice.phase) ? "maintenance/" : "notices/";
  return links.site_url + (language == Language::ja ? "/" : "/en/") + folder + notice.incident;
}

std::string notice_plain(Language language, const Notice& notice, const NoticeLinks& links) {
  std::string out = notice_headline(language, notice) + "\n\n" + in(language, notice.body) + "\n\n";
  for (const NoticeLine& line : notice_lines(language, notice)) {
    out += line.label + ": " + line.value + "\n";
  }
  out += "\n";
  for (const NoticeLine& line : link_lines(language, notice, links)) {
    out += line.label + ": " + line.value + "\n";
  }
  return out;
}

Bytes notice_html(Language language, const Notice& notice, const NoticeLinks& links,
                  const std::vector<NoticeLine>& more_links) {
  Bytes out;
  Html html(out);
  const std::string headline = notice_headline(language, notice);
  html.open("html", {{"lang", language == Language::ja ? "ja" : "en"}}).open("head");
  html.empty("meta", {{"charset", "utf-8"}}).element("title", headline).close().open("body");
  html.element("h1", headline);
  append_paragraphs(html, in(language, notice.body));
  html.open("table");
  for (const NoticeLine& line : notice_lines(language, notice)) append_row(html, line);
  html.close();
  std::vector<NoticeLine> urls = link_lines(language, notice, links);
  urls.insert(urls.end(), more_links.begin(), more_links.end());
  for (const NoticeLine& line : urls) {
    html.open("p").text(line.label).text(": ");
    html.element("a", line.value, {{"href", line.value}}).close();
  }
  html.close().close();
  return out;
}

std::string notice_posting_name(const Notice& notice) {
  return notice.incident + "/" + std::to_string(notice.number);
}

}  // namespace oki::notify
