#include "notify/status_page.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "notify/history_view.h"
#include "notify/incident_text.h"
#include "notify/notice_view.h"
#include "notify/page_parts.h"
#include "notify/timeline_view.h"

namespace oki::notify {
namespace {

// The sentence under the headline: since when, and what was last proven.
void banner_facts(Html& html, Language language, const StatusView& view) {
  if (view.overall == State::unknown) {
    const std::string words =
        view.since ? text(language, Text::unknown_since, {japan_time(language, *view.since)})
                   : std::string(text(language, Text::never_proven));
    html.element("p", words);
  } else if (view.overall != State::operational && view.since) {
    html.element("p", text(language, Text::since, {japan_time(language, *view.since)}));
  }
  if (view.proven_at) {
    html.element("p", text(language, Text::proven_at, {japan_time(language, *view.proven_at)}));
  }
}

std::string headline_text(Language language, const StatusView& view) {
  if (!view.is_copy || view.overall != State::operational) {
    return std::string(text(language, headline(view.overall)));
  }
  const WallTimeMs then = view.proven_at.value_or(view.now);
  return text(language, Text::copy_headline, {japan_time(language, then)});
}

void banner(Html& html, Language language, const StatusView& view) {
  html.open("section", {{"class", "banner " + shown_class(view, view.overall)}});
  state_icon(html, view.overall);
  html.open("div");
  html.element("h1", headline_text(language, view));
  banner_facts(html, language, view);
  if (view.is_copy) {
    html.element("p", text(language, Text::copy_note, {japan_time(language, view.now)}));
  }
  html.open("p", {{"class", "actions"}});
  html.element("a", text(language, Text::reload), {{"href", home_path(language)}});
  html.element("span", text(language, Text::shown_at, {japan_time(language, view.now)}),
               {{"class", "note"}});
  html.close().close().close();
}

// Markets and edges that the current lease proves to work.
std::string unaffected_text(Language language, const StatusView& view) {
  std::string out;
  for (const LeaseRow& row : view.rows) {
    const bool counts = row.id.kind == ComponentKind::market || row.id.kind == ComponentKind::edge;
    if (!counts || row.state != State::operational) continue;
    if (!out.empty()) out += text(language, Text::list_separator);
    out += component_text(language, row.id);
  }
  return out.empty() ? std::string(text(language, Text::nothing)) : out;
}

std::string scope_text(Language language, const StatusView& view, std::uint64_t affected,
                       State state) {
  if (state == State::unknown) return std::string(text(language, Text::everything));
  return affected_text(language, *view.document, affected);
}

void current_incident(Html& html, Language language, const StatusView& view) {
  const auto open = std::find_if(view.incidents.begin(), view.incidents.end(),
                                 [](const Incident& each) { return !each.ended; });
  if (open == view.incidents.end()) return;
  const IncidentUpdate& last = open->updates.back();
  const std::string elapsed = duration_text(language, view.now.value - open->began.value);
  html.open("section", {{"class", "card current"}});
  html.open("h2").text(text(language, Text::now_heading)).text(": ");
  html.element("span", text(language, incident_title(open->reason))).close();
  html.open("dl");
  definition(html, text(language, Text::now_began),
             text(language, Text::now_lasting, {japan_time(language, open->began), elapsed}));
  definition(html, text(language, Text::now_affected),
             scope_text(language, view, last.affected, last.state));
  definition(html, text(language, Text::now_unaffected), unaffected_text(language, view));
  definition(html, text(language, Text::now_next), text(language, Text::now_next_text));
  definition(html, text(language, Text::now_compensation),
             text(language, Text::now_compensation_text));
  html.close();
  html.element("a", text(language, Text::more), {{"href", incident_path(language, open->id)}});
  html.close();
}

// A node is up or down; outage words would say that customers feel it. Balances do not run.
Text row_word(const StatusView& view, const LeaseRow& row) {
  if (row.state == State::unknown) return state_word(row.state);
  if (view.is_copy && row.state == State::operational) return Text::copy_word;
  const bool good = row.state == State::operational;
  switch (row.id.kind) {
    case ComponentKind::node:
      return good ? Text::node_operational : Text::node_down;
    case ComponentKind::ledger:
      return good ? Text::ledger_operational : Text::ledger_mismatch;
    case ComponentKind::market:
    case ComponentKind::edge:
      break;
  }
  return state_word(row.state);
}

void component_row(Html& html, Language language, const StatusView& view, const LeaseRow& row) {
  html.open("li").open("span", {{"class", "name"}});
  html.text(component_text(language, row.id));
  const bool leads =
      row.id.kind == ComponentKind::node && row.id.name == std::to_string(view.leader_seat);
  if (leads) {
    const std::string term = std::to_string(view.leader_term.value);
    html.text(" ").element("span", text(language, Text::node_leader, {term}), {{"class", "note"}});
  }
  html.close();
  state_badge(html, row.state, text(language, row_word(view, row)), shown_class(view, row.state));
  html.close();
}

struct Group {
  ComponentKind kind;
  Text heading;
};

void component_group(Html& html, Language language, const StatusView& view, const Group& group) {
  const auto is_member = [&](const LeaseRow& row) { return row.id.kind == group.kind; };
  if (std::none_of(view.rows.begin(), view.rows.end(), is_member)) return;
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, group.heading));
  html.open("ul", {{"class", "rows"}});
  for (const LeaseRow& row : view.rows) {
    if (is_member(row)) component_row(html, language, view, row);
  }
  html.close();
  if (group.kind == ComponentKind::node) {
    html.element("p", text(language, Text::nodes_note), {{"class", "note"}});
  }
  html.close();
}

void components(Html& html, Language language, const StatusView& view) {
  html.open("div", {{"class", "groups"}});
  component_group(html, language, view, {ComponentKind::market, Text::trading_heading});
  component_group(html, language, view, {ComponentKind::edge, Text::edges_heading});
  component_group(html, language, view, {ComponentKind::node, Text::nodes_heading});
  component_group(html, language, view, {ComponentKind::ledger, Text::ledger_heading});
  html.close();
}

void incident_row(Html& html, Language language, const Incident& incident) {
  html.open("li").open("span", {{"class", "name"}});
  html.element("a", text(language, incident_title(incident.reason)),
               {{"href", incident_path(language, incident.id)}});
  const std::string began = japan_time(language, incident.began);
  const std::string words =
      incident.ended
          ? text(language, Text::incident_took,
                 {began, duration_text(language, incident.ended->value - incident.began.value)})
          : text(language, Text::incident_open, {began});
  html.element("span", words, {{"class", "note below"}});
  html.close();
  html.element("span", text(language, phase_word(incident.phase)),
               {{"class", std::string("phase phase-") + name(incident.phase)}});
  html.close();
}

void incident_list(Html& html, Language language, const StatusView& view) {
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::incidents_heading));
  if (view.incidents.empty()) {
    html.element("p", text(language, Text::incidents_empty), {{"class", "note"}});
  } else {
    html.open("ul", {{"class", "rows"}});
    const std::size_t shown = std::min(view.incidents.size(), incident_rows_max);
    for (std::size_t i = 0; i < shown; ++i) incident_row(html, language, view.incidents[i]);
    html.close();
  }
  html.close();
}

void incident_facts(Html& html, Language language, const StatusView& view,
                    const Incident& incident) {
  html.open("section", {{"class", "card"}}).open("dl");
  definition(html, text(language, Text::incident_began), japan_time(language, incident.began));
  definition(html, text(language, Text::incident_ended),
             incident.ended ? japan_time(language, *incident.ended)
                            : std::string(text(language, Text::incident_not_yet)));
  const WallTimeMs until = incident.ended.value_or(view.now);
  definition(html, text(language, Text::incident_length),
             duration_text(language, until.value - incident.began.value));
  definition(html, text(language, Text::incident_worst),
             text(language, state_word(incident.worst)));
  definition(html, text(language, Text::now_affected),
             scope_text(language, view, incident.affected, incident.worst));
  html.close().close();
}

void incident_updates(Html& html, Language language, const StatusView& view,
                      const Incident& incident) {
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::incident_updates));
  html.open("ol", {{"class", "updates"}});
  for (std::size_t i = incident.updates.size(); i-- > 0;) {
    const IncidentUpdate& update = incident.updates[i];
    html.open("li", {{"class", state_class(update.state)}});
    html.element("strong", text(language, phase_word(update.phase)));
    html.element("p", incident_body(language, incident, i));
    if (update.affected != 0) {
      html.open("p", {{"class", "note"}});
      html.text(text(language, Text::now_affected)).text(": ");
      html.text(affected_text(language, *view.document, update.affected)).close();
    }
    html.open("p", {{"class", "note"}});
    time_element(html, language, update.at);
    html.close().close();
  }
  html.close().close();
}

}  // namespace

Text shown_word(const StatusView& view, State state) {
  return view.is_copy && state == State::operational ? Text::copy_word : state_word(state);
}

std::string shown_class(const StatusView& view, State state) {
  return view.is_copy && state == State::operational ? "state-copy" : state_class(state);
}

Bytes home_page(Language language, const StatusView& view, const SiteLinks& links) {
  ASSERT(view.document != nullptr && view.unknown != nullptr && view.board != nullptr);
  Bytes out;
  Html html(out);
  const std::string word(text(language, shown_word(view, view.overall)));
  open_page(html, {language, word + " — " + std::string(text(language, Text::site_title)),
                   home_path(language), home_path(other(language))});
  banner(html, language, view);
  open_notices(html, language, view, links);
  current_incident(html, language, view);
  planned_maintenance_card(html, language, view);
  if (view.rows.empty()) {
    html.element("p", text(language, Text::no_components), {{"class", "card note"}});
  }
  components(html, language, view);
  history_strip(html, language, view);
  notice_list(html, language, view);
  incident_list(html, language, view);
  timeline(html, language, view);
  close_page(html, language, links);
  return out;
}

Bytes incident_page(Language language, const StatusView& view, const SiteLinks& links,
                    const Incident& incident) {
  Bytes out;
  Html html(out);
  const std::string title(text(language, incident_title(incident.reason)));
  open_page(html,
            {language, title + " — " + std::string(text(language, Text::site_title)),
             incident_path(language, incident.id), incident_path(other(language), incident.id)});
  html.open("div", {{"class", "heading"}});
  html.element("h1", title);
  html.element("span", text(language, phase_word(incident.phase)),
               {{"class", std::string("phase phase-") + name(incident.phase)}});
  html.close();
  incident_facts(html, language, view, incident);
  incident_updates(html, language, view, incident);
  html.open("p", {{"class", "actions"}});
  html.element("a", text(language, Text::reload), {{"href", incident_path(language, incident.id)}});
  html.element("a", text(language, Text::incident_back), {{"href", home_path(language)}});
  html.close();
  close_page(html, language, links);
  return out;
}

Bytes not_found_page(Language language, const SiteLinks& links) {
  Bytes out;
  Html html(out);
  open_page(html, {language, std::string(text(language, Text::page_not_found)), home_path(language),
                   home_path(other(language))});
  html.element("h1", text(language, Text::page_not_found));
  html.open("p");
  html.element("a", text(language, Text::incident_back), {{"href", home_path(language)}});
  html.close();
  close_page(html, language, links);
  return out;
}

}  // namespace oki::notify
