#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "base/utf8.h"
#include "notify/feed_items.h"
#include "notify/feeds.h"
#include "notify/page_parts.h"

namespace oki::notify {
namespace {

constexpr std::size_t line_bytes_max = 75;

// "20261122T020000Z"
std::string stamp(WallTimeMs time) {
  const std::int64_t days = days_since_1970(utc_date(time));
  const std::int64_t seconds = (time.value - days * ms_per_day) / 1000;
  return fmt::format("{}T{:02}{:02}{:02}Z", yyyymmdd(utc_date(time)), seconds / 3600,
                     seconds / 60 % 60, seconds % 60);
}

std::string escaped(ByteView text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string description(Language language, const FeedItem& item) {
  std::string out;
  for (const FeedUpdate& update : item.updates) {
    if (!out.empty()) out += "\n\n";
    out += update.phase + " " + japan_time(language, update.at) + "\n" + update.body;
  }
  return out;
}

void event(Bytes& out, Language language, const StatuspageOptions& options, const FeedItem& item) {
  const auto line = [&out](const char* name, const std::string& value) {
    append_folded(out, std::string(name) + ":" + value);
  };
  std::string uid = item.name;
  std::replace(uid.begin(), uid.end(), '/', '-');
  line("BEGIN", "VEVENT");
  line("UID", uid + "@" + feed_authority(options));
  line("SEQUENCE", std::to_string(item.sequence));
  line("DTSTAMP", stamp(item.updates.front().at));
  line("LAST-MODIFIED", stamp(item.updates.front().at));
  line("DTSTART", stamp(item.began));
  if (item.ended) line("DTEND", stamp(*item.ended));
  line("SUMMARY", escaped(item.title + " (" + item.updates.front().phase + ")"));
  line("DESCRIPTION", escaped(description(language, item)));
  line("STATUS", item.cancelled ? "CANCELLED" : "CONFIRMED");
  line("TRANSP", "TRANSPARENT");
  if (!options.url.empty()) line("URL", options.url + home_path(language) + item.name);
  line("END", "VEVENT");
}

}  // namespace

void append_folded(Bytes& out, ByteView line) {
  std::size_t used = 0;
  while (!line.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(line), 1);
    if (used + size > line_bytes_max) {
      out += "\r\n ";
      used = 1;
    }
    out += line.substr(0, size);
    used += size;
    line.remove_prefix(size);
  }
  out += "\r\n";
}

Bytes calendar(Language language, const StatusView& view, const StatuspageOptions& options) {
  Bytes out;
  for (const char* line : {"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Okiagari//Status//EN",
                           "CALSCALE:GREGORIAN", "METHOD:PUBLISH"}) {
    append_folded(out, line);
  }
  append_folded(out, "X-WR-CALNAME:" + escaped(text(language, Text::site_title)));
  append_folded(out, "REFRESH-INTERVAL;VALUE=DURATION:PT15M");
  const std::vector<FeedItem> items = feed_items(language, view);
  const std::size_t count = std::min(items.size(), feed_entries_max);
  for (std::size_t i = 0; i < count; ++i) event(out, language, options, items[i]);
  append_folded(out, "END:VCALENDAR");
  return out;
}

}  // namespace oki::notify
