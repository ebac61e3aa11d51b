#include "notify/notice_view.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "notify/incident_text.h"
#include "notify/notice_words.h"
#include "notify/page_parts.h"

namespace oki::notify {
namespace {

void phase_mark(Html& html, Language language, NoticePhase phase) {
  html.element("span", phase_text(language, phase),
               {{"class", std::string("phase phase-") + name(phase)}});
}

void phase_mark(Html& html, Language language, MaintenancePhase phase) {
  static constexpr const char* classes[] = {"phase phase-ahead", "phase phase-under_way",
                                            "phase phase-resolved", "phase phase-cancelled"};
  html.element("span", text(language, phase_word(phase)),
               {{"class", classes[static_cast<std::size_t>(phase)]}});
}

void overdue(Html& html, Language language, const StatusView& view, const Notice& newest) {
  const auto late_ms = overdue_ms(newest, view.now);
  if (!late_ms) return;
  html.element("p", text(language, Text::notice_missed, {duration_text(language, *late_ms)}),
               {{"class", "error"}});
}

void facts(Html& html, Language language, const Notice& notice) {
  html.open("dl");
  for (const NoticeLine& line : notice_lines(language, notice)) {
    definition(html, line.label, line.value);
  }
  html.close();
}

void help_links(Html& html, Language language, const SiteLinks& links) {
  if (links.faq_url.empty() && links.support_url.empty()) return;
  html.open("p", {{"class", "actions"}});
  if (!links.faq_url.empty()) {
    html.element("a", text(language, Text::notice_faq), {{"href", links.faq_url}});
  }
  if (!links.support_url.empty()) {
    html.element("a", text(language, Text::notice_support), {{"href", links.support_url}});
  }
  html.close();
}

void open_notice(Html& html, Language language, const StatusView& view, const Notice& notice,
                 const SiteLinks& links) {
  html.open("section", {{"class", std::string("card told phase-") + name(notice.phase)}});
  html.open("div", {{"class", "heading"}});
  html.open("h2").text(text(language, Text::notice_now)).text(": ");
  html.text(in(language, notice.title)).close();
  phase_mark(html, language, notice.phase);
  html.close();
  paragraphs(html, in(language, notice.body));
  overdue(html, language, view, notice);
  facts(html, language, notice);
  help_links(html, language, links);
  html.open("p", {{"class", "actions"}});
  html.element("a", text(language, Text::more), {{"href", notice_path(language, notice.incident)}});
  html.element("span", text(language, Text::notice_at, {japan_time(language, notice.at)}),
               {{"class", "note"}});
  html.close().close();
}

void notice_row(Html& html, Language language, const Notice& notice) {
  html.open("li").open("span", {{"class", "name"}});
  html.element("a", in(language, notice.title), {{"href", notice_path(language, notice.incident)}});
  html.element("span", text(language, Text::notice_at, {japan_time(language, notice.at)}),
               {{"class", "note below"}});
  html.close();
  phase_mark(html, language, notice.phase);
  html.close();
}

void told_update(Html& html, Language language, const Notice& notice) {
  html.open("li", {{"class", std::string("phase-") + name(notice.phase)}});
  html.element("strong", phase_text(language, notice.phase));
  paragraphs(html, in(language, notice.body));
  if (notice.cause) {
    html.element("p", text(language, Text::notice_cause, {in(language, *notice.cause)}));
  }
  html.open("p", {{"class", "note"}});
  time_element(html, language, notice.at);
  const Text by = notice.approved_by.empty() ? Text::notice_by_rules : Text::notice_by_people;
  html.text(" · ").text(text(language, by)).close().close();
}

void maintenance_row(Html& html, Language language, const StatusView& view,
                     const Maintenance& maintenance) {
  html.open("li").open("span", {{"class", "name"}});
  html.element("a", in(language, maintenance.title),
               {{"href", maintenance_path(language, maintenance.name)}});
  html.element("span",
               text(language, Text::maintenance_range,
                    {japan_time(language, maintenance.from), japan_time(language, maintenance.to)}),
               {{"class", "note below"}});
  html.close();
  phase_mark(html, language, phase_of(maintenance, view.now));
  html.close();
}

void page_end(Html& html, Language language, ByteView reload) {
  html.open("p", {{"class", "actions"}});
  html.element("a", text(language, Text::reload), {{"href", reload}});
  html.element("a", text(language, Text::incident_back), {{"href", home_path(language)}}).close();
}

std::string page_title(Language language, const std::string& title) {
  return title + " — " + std::string(text(language, Text::site_title));
}

}  // namespace

std::optional<std::int64_t> overdue_ms(const Notice& newest, WallTimeMs now) {
  if (!newest.next_update_at || now <= *newest.next_update_at) return std::nullopt;
  return now.value - newest.next_update_at->value;
}

MaintenancePhase phase_of(const Maintenance& maintenance, WallTimeMs now) {
  if (maintenance.cancelled) return MaintenancePhase::cancelled;
  if (now < maintenance.from) return MaintenancePhase::ahead;
  return now < maintenance.to ? MaintenancePhase::under_way : MaintenancePhase::over;
}

Text phase_word(MaintenancePhase phase) {
  switch (phase) {
    case MaintenancePhase::ahead:
      return Text::maintenance_ahead;
    case MaintenancePhase::under_way:
      return Text::maintenance_now;
    case MaintenancePhase::over:
      return Text::maintenance_over;
    case MaintenancePhase::cancelled:
      break;
  }
  return Text::maintenance_cancelled;
}

std::string notice_path(Language language, ByteView incident) {
  return home_path(language) + "notices/" + std::string(incident);
}

std::string maintenance_path(Language language, ByteView name) {
  return home_path(language) + "maintenance/" + std::string(name);
}

std::string components_text(Language language, const std::vector<ComponentId>& ids) {
  std::string out;
  for (const ComponentId& id : ids) {
    if (!out.empty()) out += text(language, Text::list_separator);
    out += component_text(language, id);
  }
  return out.empty() ? std::string(text(language, Text::nothing)) : out;
}

void paragraphs(Html& html, ByteView body) {
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    if (end != 0) html.element("p", body.substr(0, end));
    body.remove_prefix(end == ByteView::npos ? body.size() : end + 1);
  }
}

void open_notices(Html& html, Language language, const StatusView& view, const SiteLinks& links) {
  for (const Notice* notice : latest_notices(*view.board)) {
    if (!is_over(*notice)) open_notice(html, language, view, *notice, links);
  }
}

void planned_maintenance_card(Html& html, Language language, const StatusView& view) {
  const auto is_to_come = [&view](const Maintenance& maintenance) {
    return phase_of(maintenance, view.now) != MaintenancePhase::over && view.now < maintenance.to;
  };
  const auto& all = view.board->maintenances;
  if (std::none_of(all.begin(), all.end(), is_to_come)) return;
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::maintenance_heading));
  html.open("ul", {{"class", "rows"}});
  for (const Maintenance& maintenance : all) {
    if (is_to_come(maintenance)) maintenance_row(html, language, view, maintenance);
  }
  html.close().close();
}

void notice_list(Html& html, Language language, const StatusView& view) {
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::notices_heading));
  const auto latest = latest_notices(*view.board);
  if (latest.empty()) {
    html.element("p", text(language, Text::notices_empty), {{"class", "note"}});
  } else {
    html.open("ul", {{"class", "rows"}});
    const std::size_t shown = std::min(latest.size(), incident_rows_max);
    for (std::size_t i = 0; i < shown; ++i) notice_row(html, language, *latest[i]);
    html.close();
    html.element("p", text(language, Text::notice_two_facts), {{"class", "note"}});
  }
  html.close();
}

Bytes notice_page(Language language, const StatusView& view, const SiteLinks& links,
                  ByteView incident) {
  const auto all = notices_of(*view.board, incident);
  ASSERT(!all.empty());
  const Notice& newest = *all.front();
  Bytes out;
  Html html(out);
  open_page(html, {language, page_title(language, in(language, newest.title)),
                   notice_path(language, incident), notice_path(other(language), incident)});
  html.open("div", {{"class", "heading"}}).element("h1", in(language, newest.title));
  phase_mark(html, language, newest.phase);
  html.close();
  html.open("section", {{"class", "card"}});
  overdue(html, language, view, newest);
  facts(html, language, newest);
  html.open("dl").open("div").element("dt", text(language, Text::notice_engine)).open("dd");
  state_badge(html, view.overall, text(language, shown_word(view, view.overall)),
              shown_class(view, view.overall));
  html.close().close().close();
  help_links(html, language, links);
  html.element("p", text(language, Text::notice_two_facts), {{"class", "note"}}).close();
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::incident_updates));
  html.open("ol", {{"class", "updates"}});
  for (const Notice* notice : all) told_update(html, language, *notice);
  html.close().close();
  page_end(html, language, notice_path(language, incident));
  close_page(html, language, links);
  return out;
}

Bytes maintenance_page(Language language, const StatusView& view, const SiteLinks& links,
                       const Maintenance& maintenance) {
  Bytes out;
  Html html(out);
  const std::string& title = in(language, maintenance.title);
  open_page(html,
            {language, page_title(language, title), maintenance_path(language, maintenance.name),
             maintenance_path(other(language), maintenance.name)});
  html.open("div", {{"class", "heading"}}).element("h1", title);
  phase_mark(html, language, phase_of(maintenance, view.now));
  html.close();
  html.open("section", {{"class", "card"}});
  paragraphs(html, in(language, maintenance.body));
  html.open("dl");
  definition(html, text(language, Text::maintenance_when),
             text(language, Text::maintenance_range,
                  {japan_time(language, maintenance.from), japan_time(language, maintenance.to)}));
  definition(html, text(language, Text::maintenance_what),
             components_text(language, maintenance.components));
  html.close();
  html.open("p", {{"class", "note"}});
  html.text(text(language, Text::notice_at, {japan_time(language, maintenance.changed_at)}));
  html.close().close();
  page_end(html, language, maintenance_path(language, maintenance.name));
  close_page(html, language, links);
  return out;
}

}  // namespace oki::notify
