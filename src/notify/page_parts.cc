#include "notify/page_parts.h"

#include "base/calendar.h"

namespace oki::notify {
namespace {

ByteView code(Language language) { return language == Language::ja ? "ja" : "en"; }

void open_head(Html& html, const PageHead& head) {
  html.open("head");
  html.empty("meta", {{"charset", "utf-8"}});
  html.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.empty("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  html.element("title", head.title);
  html.empty("link", {{"rel", "stylesheet"}, {"href", "/style.css"}});
  html.empty("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, {"href", "/icon.svg"}});
  html.empty(
      "link",
      {{"rel", "alternate"}, {"hreflang", code(other(head.language))}, {"href", head.other_path}});
  html.empty(
      "link",
      {{"rel", "alternate"}, {"type", "application/atom+xml"}, {"href", atom_path(head.language)}});
  html.close();
}

void masthead(Html& html, const PageHead& head) {
  html.open("header", {{"class", "masthead"}}).open("div", {{"class", "column"}});
  html.open("a", {{"class", "brand"}, {"href", home_path(head.language)}});
  html.literal(R"(<svg viewBox="0 0 32 32" aria-hidden="true"><path class="mark" d="M16 4 30 16H25)"
               R"(V27H7V16H2Z"/><path class="mark-line" d="M10 21h3l2-5 3 8 2-3h3"/></svg>)");
  html.element("span", text(head.language, Text::site_title)).close();
  html.element("a", text(head.language, Text::other_language),
               {{"class", "language"},
                {"href", head.other_path},
                {"hreflang", code(other(head.language))},
                {"lang", code(other(head.language))}});
  html.close().close();
}

}  // namespace

void open_page(Html& html, const PageHead& head) {
  html.open("html", {{"lang", code(head.language)}});
  open_head(html, head);
  html.open("body");
  html.element("a", text(head.language, Text::skip_to_content),
               {{"class", "skip"}, {"href", "#main"}});
  masthead(html, head);
  html.open("main", {{"id", "main"}, {"class", "column"}});
}

void close_page(Html& html, Language language, const SiteLinks& links) {
  html.close();  // main
  html.open("footer", {{"class", "column"}});
  html.element("p", text(language, Text::how_it_works));
  html.element("p", text(language, Text::footer_engine));
  html.open("p", {{"class", "actions"}});
  if (!links.subscribe_url.empty()) {
    html.element("a", text(language, Text::link_subscribe), {{"href", links.subscribe_url}});
  }
  html.element("a", text(language, Text::link_atom), {{"href", atom_path(language)}});
  html.element("a", text(language, Text::link_calendar), {{"href", calendar_path(language)}});
  html.element("a", text(language, Text::footer_api), {{"href", "/api/v2/summary.json"}});
  html.close().close();
  html.close().close();  // body, html
}

std::string home_path(Language language) { return language == Language::ja ? "/" : "/en/"; }

std::string incident_path(Language language, ByteView id) {
  return home_path(language) + "incidents/" + std::string(id);
}

std::string history_path(Language language) { return home_path(language) + "history"; }
std::string atom_path(Language language) { return home_path(language) + "history.atom"; }
std::string calendar_path(Language language) { return home_path(language) + "calendar.ics"; }

std::string state_class(State state) { return std::string("state-") + name(state); }

void state_icon(Html& html, State state) {
  const char* shape = "";
  switch (state) {
    case State::operational:
      shape = R"(<path d="m4.5 8.5 2.5 2.5 4.5-5"/>)";
      break;
    case State::degraded_performance:
      shape = R"(<path d="m8 4.5 4 7H4Z"/>)";
      break;
    case State::partial_outage:
      shape = R"(<path class="solid" d="M8 4a4 4 0 0 1 0 8Z"/>)";
      break;
    case State::major_outage:
      shape = R"(<path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4"/>)";
      break;
    case State::unknown:
      shape = R"(<path d="M6 6.4a2 2 0 1 1 2.7 1.9q-.7.3-.7 1m0 2.2v.1"/>)";
      break;
  }
  html.literal(R"(<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">)");
  html.literal(R"(<circle cx="8" cy="8" r="7.2"/>)").literal(shape).literal("</svg>");
}

void state_badge(Html& html, State state, ByteView word) {
  state_badge(html, state, word, state_class(state));
}

void state_badge(Html& html, State state, ByteView word, const std::string& colour_class) {
  html.open("span", {{"class", "badge " + colour_class}});
  state_icon(html, state);
  html.element("span", word);
  html.close();
}

void definition(Html& html, ByteView term, ByteView words) {
  html.open("div");
  html.element("dt", term);
  html.element("dd", words);
  html.close();
}

void time_element(Html& html, Language language, WallTimeMs time) {
  html.element("time", japan_time(language, time), {{"datetime", rfc3339_utc(time)}});
}

void clock_element(Html& html, WallTimeMs time) {
  html.element("time", japan_clock(time), {{"datetime", rfc3339_utc(time)}});
}

}  // namespace oki::notify
