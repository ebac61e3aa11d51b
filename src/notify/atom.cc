#include <algorithm>

#include "base/calendar.h"
#include "notify/feed_items.h"
#include "notify/feeds.h"
#include "notify/html.h"
#include "notify/page_parts.h"

namespace oki::notify {
namespace {

// The year in which ids of this form began; it never changes.
constexpr const char* tag_year = "2026";

// &, <, >, " and ' are escaped as in HTML, which XML knows too.
void element(Bytes& out, const char* tag, ByteView text, ByteView attributes = "") {
  out += "<" + std::string(tag) + std::string(attributes) + ">";
  append_escaped(out, text);
  out += "</" + std::string(tag) + ">\n";
}

void link(Bytes& out, const char* relation, const char* type, ByteView href) {
  out += "<link rel=\"" + std::string(relation) + "\" type=\"" + type + "\" href=\"";
  append_escaped(out, href);
  out += "\"/>\n";
}

std::string tag(const StatuspageOptions& options, ByteView name) {
  return "tag:" + feed_authority(options) + "," + tag_year + ":" + std::string(name);
}

std::string content(Language language, const FeedItem& item) {
  Bytes out;
  for (const FeedUpdate& update : item.updates) {
    out += "<p><strong>";
    append_escaped(out, update.phase);
    out += "</strong> ";
    append_escaped(out, japan_time(language, update.at));
    out += "</p>";
    ByteView rest = update.body;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      out += "<p>";
      append_escaped(out, rest.substr(0, end));
      out += "</p>";
      rest.remove_prefix(end == ByteView::npos ? rest.size() : end + 1);
    }
  }
  return out;
}

void entry(Bytes& out, Language language, const StatuspageOptions& options, const FeedItem& item) {
  out += "<entry>\n";
  element(out, "id", tag(options, item.name));
  element(out, "title",
          language == Language::ja ? "【" + item.updates.front().phase + "】" + item.title
                                   : "[" + item.updates.front().phase + "] " + item.title);
  element(out, "published", rfc3339_utc(item.updates.back().at));
  element(out, "updated", rfc3339_utc(item.updates.front().at));
  link(out, "alternate", "text/html", options.url + home_path(language) + item.name);
  element(out, "content", content(language, item), " type=\"html\"");
  out += "</entry>\n";
}

}  // namespace

std::string feed_authority(const StatuspageOptions& options) {
  const std::size_t scheme = options.url.find("://");
  if (scheme == std::string::npos) return "localhost";
  const std::string host = options.url.substr(scheme + 3);
  return host.substr(0, host.find_first_of(":/"));
}

Bytes atom_feed(Language language, const StatusView& view, const StatuspageOptions& options) {
  const std::vector<FeedItem> items = feed_items(language, view);
  const bool ja = language == Language::ja;
  // Before anything happened: the beginning of the record, which does not move either.
  WallTimeMs updated{0};
  if (!view.document->components.empty()) updated = view.document->components.front().first_seen;
  if (!items.empty()) updated = items.front().updates.front().at;
  Bytes out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
  out += std::string("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"") +
         (ja ? "ja" : "en") + "\">\n";
  element(out, "id", tag(options, ja ? "feed/ja" : "feed/en"));
  element(out, "title", text(language, Text::site_title));
  element(out, "updated", rfc3339_utc(updated));
  link(out, "self", "application/atom+xml", options.url + atom_path(language));
  link(out, "alternate", "text/html", options.url + home_path(language));
  out += "<author>";
  element(out, "name", options.page_name);
  out += "</author>\n";
  const std::size_t count = std::min(items.size(), feed_entries_max);
  for (std::size_t i = 0; i < count; ++i) entry(out, language, options, items[i]);
  out += "</feed>\n";
  return out;
}

}  // namespace oki::notify
