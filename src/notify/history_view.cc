#include "notify/history_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/calendar.h"
#include "notify/incident_text.h"
#include "notify/page_parts.h"

namespace oki::notify {
namespace {

constexpr int bar_step = 8;
constexpr int bar_width = 6;
constexpr int bar_height = 36;

WallTimeMs midnight_in_japan(WallTimeMs now) {
  const std::int64_t local_ms = now.value + japan_offset_ms;
  return {local_ms - local_ms % ms_per_day - japan_offset_ms};
}

// A timeline that is full has lost its oldest events: before what is left nothing is known.
std::optional<WallTimeMs> record_begins(const StatusView& view) {
  const StatusDocument& document = *view.document;
  if (document.components.empty()) return std::nullopt;
  WallTimeMs begins = document.components.front().first_seen;
  for (const DocumentComponent& component : document.components) {
    begins = std::min(begins, component.first_seen);
  }
  const bool cut = document.events.size() == timeline_events_max;
  if (cut) begins = std::max(begins, document.events.front().at);
  return begins;
}

// Stretches that were not green, from the oldest on, none overlapping the next.
struct Stretch {
  std::int64_t from_ms, to_ms;
  State worst;
};

std::vector<Stretch> stretches_of(const StatusView& view) {
  std::vector<Stretch> out;
  for (const Incident& incident : view.incidents) {
    const WallTimeMs to = incident.ended.value_or(view.now);
    if (to.value > incident.began.value) {
      out.push_back({incident.began.value, to.value, incident.worst});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Stretch& a, const Stretch& b) { return a.from_ms < b.from_ms; });
  std::int64_t end_ms = INT64_MIN;
  for (Stretch& stretch : out) {
    stretch.from_ms = std::max(stretch.from_ms, end_ms);
    stretch.to_ms = std::max(stretch.to_ms, stretch.from_ms);
    end_ms = stretch.to_ms;
  }
  return out;
}

std::string day_text(Language language, const HistoryDay& day) {
  const std::string date = japan_date(language, day.from);
  if (!day.on_record) return text(language, Text::history_day_none, {date});
  if (day.bad_ms == 0) return text(language, Text::history_day_good, {date});
  return text(language, Text::history_day_bad,
              {date, text(language, state_word(day.worst)), duration_text(language, day.bad_ms)});
}

std::string bar_class(const HistoryDay& day) {
  if (!day.on_record) return "bar bar-none";
  if (day.bad_ms == 0) return "bar bar-good";
  return "bar " + state_class(day.worst);
}

void bars(Html& html, Language language, const History& history, const std::string& summary) {
  const std::string box = fmt::format("0 0 {} {}", bar_step * history_days, bar_height);
  html.open("svg", {{"class", "bars"},
                    {"viewBox", box},
                    {"preserveAspectRatio", "none"},
                    {"role", "img"},
                    {"aria-label", summary}});
  int x = 0;
  for (const HistoryDay& day : history.days) {
    html.open("rect", {{"class", bar_class(day)},
                       {"x", std::to_string(x)},
                       {"y", "0"},
                       {"width", std::to_string(bar_width)},
                       {"height", std::to_string(bar_height)}});
    html.element("title", day_text(language, day)).close();
    x += bar_step;
  }
  html.close();
}

std::string summary_text(Language language, const History& history) {
  const auto percent = confirmed_percent(history);
  if (!percent) return std::string(text(language, Text::history_empty));
  return text(language, Text::history_summary, {std::to_string(history.days_on_record), *percent});
}

void bad_days(Html& html, Language language, const History& history) {
  const auto is_bad = [](const HistoryDay& day) { return day.on_record && day.bad_ms > 0; };
  if (std::none_of(history.days.begin(), history.days.end(), is_bad)) {
    html.element("p", text(language, Text::history_all_good), {{"class", "note"}});
    return;
  }
  html.open("ul", {{"class", "rows"}});
  for (auto day = history.days.rbegin(); day != history.days.rend(); ++day) {
    if (!is_bad(*day)) continue;
    html.open("li").open("span", {{"class", "name"}}).text(japan_date(language, day->from));
    html.element("span", duration_text(language, day->bad_ms), {{"class", "note below"}}).close();
    state_badge(html, day->worst, text(language, state_word(day->worst)));
    html.close();
  }
  html.close();
}

}  // namespace

History history_of(const StatusView& view) {
  History history;
  const auto begins = record_begins(view);
  const std::vector<Stretch> stretches = stretches_of(view);
  const std::int64_t first_ms =
      midnight_in_japan(view.now).value - static_cast<std::int64_t>(history_days - 1) * ms_per_day;
  for (std::size_t i = 0; i < history_days; ++i) {
    HistoryDay& day = history.days[i];
    day.from = {first_ms + static_cast<std::int64_t>(i) * ms_per_day};
    const std::int64_t ends_ms = std::min(day.from.value + ms_per_day, view.now.value);
    day.on_record = begins && begins->value < ends_ms;
    if (!day.on_record) continue;
    ++history.days_on_record;
    history.known_ms += ends_ms - std::max(begins->value, day.from.value);
    for (const Stretch& stretch : stretches) {
      const std::int64_t from_ms = std::max({stretch.from_ms, day.from.value, begins->value});
      const std::int64_t to_ms = std::min(stretch.to_ms, ends_ms);
      if (from_ms >= to_ms) continue;
      day.bad_ms += to_ms - from_ms;
      day.worst = worse(day.worst, stretch.worst);
    }
    history.bad_ms += day.bad_ms;
  }
  return history;
}

std::optional<std::string> confirmed_percent(const History& history) {
  if (history.known_ms <= 0) return std::nullopt;
  const std::int64_t good_ms = history.known_ms - history.bad_ms;
  const std::int64_t hundredths = good_ms * 10'000 / history.known_ms;
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

void history_strip(Html& html, Language language, const StatusView& view) {
  const History history = history_of(view);
  const std::string summary = summary_text(language, history);
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::history_heading));
  bars(html, language, history, summary);
  html.open("p", {{"class", "ends note"}});
  html.element("span", text(language, Text::history_from));
  html.element("span", text(language, Text::history_to)).close();
  html.open("p", {{"class", "actions"}}).element("span", summary, {{"class", "note"}});
  html.element("a", text(language, Text::history_more), {{"href", history_path(language)}});
  html.close().close();
}

Bytes history_page(Language language, const StatusView& view, const SiteLinks& links) {
  const History history = history_of(view);
  const std::string summary = summary_text(language, history);
  const std::string heading(text(language, Text::history_heading));
  Bytes out;
  Html html(out);
  open_page(html, {language, heading + " — " + std::string(text(language, Text::site_title)),
                   history_path(language), history_path(other(language))});
  html.element("h1", heading);
  html.open("section", {{"class", "card"}});
  bars(html, language, history, summary);
  html.element("p", summary).close();
  html.open("section", {{"class", "card"}});
  html.element("h2", text(language, Text::history_more));
  bad_days(html, language, history);
  html.close();
  html.open("p", {{"class", "actions"}});
  html.element("a", text(language, Text::incident_back), {{"href", home_path(language)}}).close();
  close_page(html, language, links);
  return out;
}

}  // namespace oki::notify
