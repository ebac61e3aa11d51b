#include "notify/timeline_view.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "notify/incident_text.h"
#include "notify/page_parts.h"
#include "notify/status_page.h"

namespace oki::notify {
namespace {

struct Line {
  WallTimeMs at;
  State colour = State::operational;
  std::string words;
  std::string detail;
  std::size_t order = 0;  // Among lines of one time.
};

State colour_of(const TimelineEvent& event) {
  switch (event.kind) {
    case EventKind::outage_began:
    case EventKind::outage_changed:
      return event.state;
    case EventKind::process_down:
    case EventKind::edge_drained:
      return State::degraded_performance;
    case EventKind::outage_ended:
    case EventKind::leader_changed:
    case EventKind::process_up:
    case EventKind::edge_back:
      break;
  }
  return State::operational;
}

std::string detail_of(Language language, const StatusDocument& document,
                      const TimelineEvent& event) {
  if (event.kind == EventKind::leader_changed && event.old_seat != 0) {
    return text(language, Text::gap_below, {duration_text(language, event.gap_ms)});
  }
  if (event.affected == 0) return {};
  return affected_text(language, document, event.affected);
}

std::vector<Line> newest_lines(Language language, const StatusView& view) {
  std::vector<Line> lines;
  const auto& events = view.document->events;
  const std::size_t count = std::min(events.size(), timeline_rows_max);
  for (std::size_t i = events.size() - count; i < events.size(); ++i) {
    lines.push_back({events[i].at, colour_of(events[i]),
                     event_text(language, *view.document, events[i]),
                     detail_of(language, *view.document, events[i])});
  }
  for (const UnknownPeriod& period : *view.unknown) {
    lines.push_back(
        {period.from, State::unknown, std::string(text(language, Text::event_unknown_began)), {}});
    if (!period.to) continue;
    lines.push_back({*period.to, State::operational,
                     std::string(text(language, Text::event_unknown_ended)),
                     duration_text(language, period.to->value - period.from.value)});
  }
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].order = i;
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(b.at, b.order) < std::tie(a.at, a.order);
  });
  if (lines.size() > timeline_rows_max) lines.resize(timeline_rows_max);
  return lines;
}

void show(Html& html, const Line& line) {
  html.open("li", {{"class", state_class(line.colour)}});
  clock_element(html, line.at);
  html.open("span", {{"class", "words"}}).text(line.words);
  if (!line.detail.empty()) {
    html.text(" ").element("span", line.detail, {{"class", "note"}});
  }
  html.close().close();
}

}  // namespace

void timeline(Html& html, Language language, const StatusView& view) {
  const std::vector<Line> lines = newest_lines(language, view);
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::timeline_heading));
  if (lines.empty()) {
    html.element("p", text(language, Text::timeline_empty), {{"class", "note"}}).close();
    return;
  }
  std::string day;
  for (const Line& line : lines) {
    const std::string line_day = japan_date(language, line.at);
    if (line_day != day) {
      if (!day.empty()) html.close();
      html.element("h3", line_day);
      html.open("ol", {{"class", "timeline"}});
      day = line_day;
    }
    show(html, line);
  }
  html.close();
  html.element("p", text(language, Text::timeline_note, {std::to_string(timeline_rows_max)}),
               {{"class", "note"}});
  html.close();
}

}  // namespace oki::notify
