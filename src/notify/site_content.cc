#include "notify/site_content.h"

#include <algorithm>

#include "base/calendar.h"
#include "notify/badge.h"
#include "notify/feeds.h"
#include "notify/notice_view.h"
#include "notify/status_page.h"

namespace oki::notify {
namespace {

constexpr ByteView api_prefix = "/api/v2/";
constexpr const char* html_type = "text/html; charset=utf-8";
constexpr const char* json_type = "application/json; charset=utf-8";
constexpr const char* security_path = "/.well-known/security.txt";

// Well within the year that RFC 9116 recommends.
constexpr std::int64_t security_expires_ms = 90 * ms_per_day;

bool starts_with(ByteView text, ByteView prefix) { return text.substr(0, prefix.size()) == prefix; }

Bytes api_json(ByteView name, const StatusView& view, const StatuspageOptions& options) {
  if (name == "summary.json") return summary_json(view, options);
  if (name == "status.json") return status_json(view, options);
  if (name == "components.json") return components_json(view, options);
  if (name == "incidents.json") return incidents_json(view, options, false);
  if (name == "incidents/unresolved.json") return incidents_json(view, options, true);
  constexpr ByteView maintenances = "scheduled-maintenances";
  if (!starts_with(name, maintenances)) return {};
  const ByteView rest = name.substr(maintenances.size());
  if (rest == ".json") return scheduled_maintenances_json(view, options, Maintenances::all);
  if (rest == "/upcoming.json") {
    return scheduled_maintenances_json(view, options, Maintenances::upcoming);
  }
  if (rest == "/active.json") {
    return scheduled_maintenances_json(view, options, Maintenances::active);
  }
  return {};
}

// RFC 9116. The expiry moves by whole days, so that copies do not differ all the time.
Bytes security_txt(const StatusView& view, const SiteOptions& options) {
  const WallTimeMs day{view.now.value - view.now.value % ms_per_day};
  Bytes out = "Contact: " + options.security_contact + "\n";
  out += "Expires: " + rfc3339_utc({day.value + security_expires_ms}) + "\n";
  out += "Preferred-Languages: ja, en\n";
  if (!options.page.url.empty()) out += "Canonical: " + options.page.url + security_path + "\n";
  return out;
}

std::optional<Content> fixed(ByteView path, const StatusView& view, const SiteOptions& options) {
  if (path == "/style.css") return Content{"text/css; charset=utf-8", Bytes(style_sheet())};
  if (path == "/icon.svg") return Content{"image/svg+xml", Bytes(icon_svg())};
  const bool has_contact = !options.security_contact.empty();
  if (path == security_path && has_contact) {
    return Content{"text/plain; charset=utf-8", security_txt(view, options)};
  }
  return std::nullopt;
}

// After "incidents/", "notices/" or "maintenance/".
std::optional<Bytes> one_of(ByteView rest, Language language, const StatusView& view,
                            const SiteOptions& options) {
  const std::size_t slash = rest.find('/');
  if (slash == ByteView::npos) return std::nullopt;
  const ByteView kind = rest.substr(0, slash);
  const ByteView name = rest.substr(slash + 1);
  if (kind == "incidents") {
    for (const Incident& incident : view.incidents) {
      if (incident.id == name) return incident_page(language, view, options.links, incident);
    }
  }
  if (kind == "notices" && !notices_of(*view.board, name).empty()) {
    return notice_page(language, view, options.links, name);
  }
  if (kind == "maintenance") {
    for (const Maintenance& maintenance : view.board->maintenances) {
      if (maintenance.name != name) continue;
      return maintenance_page(language, view, options.links, maintenance);
    }
  }
  return std::nullopt;
}

std::optional<Content> in_language(ByteView rest, Language language, const StatusView& view,
                                   const SiteOptions& options) {
  if (rest.empty()) return Content{html_type, home_page(language, view, options.links)};
  if (rest == "history") return Content{html_type, history_page(language, view, options.links)};
  if (rest == "history.atom") {
    return Content{"application/atom+xml; charset=utf-8", atom_feed(language, view, options.page)};
  }
  if (rest == "calendar.ics") {
    return Content{"text/calendar; charset=utf-8", calendar(language, view, options.page)};
  }
  if (rest == "badge.svg") return Content{"image/svg+xml", badge_svg(language, view)};
  std::optional<Bytes> page = one_of(rest, language, view, options);
  if (!page) return std::nullopt;
  return Content{html_type, std::move(*page)};
}

}  // namespace

std::optional<Content> site_content(ByteView path, const StatusView& view,
                                    const SiteOptions& options) {
  if (!starts_with(path, "/")) return std::nullopt;
  if (std::optional<Content> content = fixed(path, view, options)) return content;
  if (starts_with(path, api_prefix)) {
    Bytes body = api_json(path.substr(api_prefix.size()), view, options.page);
    if (body.empty()) return std::nullopt;
    return Content{json_type, std::move(body)};
  }
  constexpr ByteView english = "/en/";
  if (starts_with(path, english)) {
    return in_language(path.substr(english.size()), Language::en, view, options);
  }
  return in_language(path.substr(1), Language::ja, view, options);
}

std::vector<std::string> copied_paths(const StatusView& view, const SiteOptions& options) {
  std::vector<std::string> paths = {"/style.css", "/icon.svg", "/api/v2/incidents.json",
                                    "/api/v2/incidents/unresolved.json",
                                    "/api/v2/scheduled-maintenances.json"};
  if (!options.security_contact.empty()) paths.push_back(security_path);
  for (const Language language : {Language::ja, Language::en}) {
    const std::string home = home_path(language);
    for (const char* name : {"", "history", "history.atom", "calendar.ics", "badge.svg"}) {
      paths.push_back(home + name);
    }
    for (const Incident& incident : view.incidents) {
      paths.push_back(incident_path(language, incident.id));
    }
    for (const Notice* notice : latest_notices(*view.board)) {
      paths.push_back(notice_path(language, notice->incident));
    }
    for (const Maintenance& maintenance : view.board->maintenances) {
      paths.push_back(maintenance_path(language, maintenance.name));
    }
  }
  return paths;
}

}  // namespace oki::notify
