#include "notify/feed_items.h"

#include <algorithm>
#include <tuple>

#include "notify/incident_text.h"
#include "notify/notice_view.h"
#include "notify/notice_words.h"

namespace oki::notify {
namespace {

// Body and facts, line by line.
std::string told_text(Language language, const Notice& notice) {
  std::string out = in(language, notice.body);
  for (const NoticeLine& line : notice_lines(language, notice)) {
    out += "\n" + line.label + ": " + line.value;
  }
  return out;
}

FeedItem told_item(Language language, const StatusView& view, const Notice& newest) {
  FeedItem item;
  item.name = "notices/" + newest.incident;
  item.title = in(language, newest.title);
  for (const Notice* notice : notices_of(*view.board, newest.incident)) {
    item.updates.push_back(
        {notice->at, phase_text(language, notice->phase), told_text(language, *notice)});
  }
  item.began = newest.began;
  item.ended = newest.ended;
  item.sequence = newest.number - 1;
  return item;
}

FeedItem measured_item(Language language, const StatusView& view, const Incident& incident) {
  FeedItem item;
  item.name = "incidents/" + incident.id;
  item.title = text(language, incident_title(incident.reason));
  for (std::size_t i = incident.updates.size(); i-- > 0;) {
    const IncidentUpdate& update = incident.updates[i];
    std::string body = incident_body(language, incident, i);
    if (update.affected != 0) {
      body += "\n" + std::string(text(language, Text::now_affected)) + ": " +
              affected_text(language, *view.document, update.affected);
    }
    item.updates.push_back(
        {update.at, std::string(text(language, phase_word(update.phase))), std::move(body)});
  }
  item.began = incident.began;
  item.ended = incident.ended;
  item.sequence = static_cast<std::uint32_t>(incident.updates.size() - 1);
  return item;
}

FeedItem maintenance_item(Language language, const StatusView& view,
                          const Maintenance& maintenance) {
  FeedItem item;
  item.name = "maintenance/" + maintenance.name;
  item.title = in(language, maintenance.title);
  const std::string when =
      text(language, Text::maintenance_range,
           {japan_time(language, maintenance.from), japan_time(language, maintenance.to)});
  const Text phase = phase_word(phase_of(maintenance, view.now));
  item.updates = {{maintenance.changed_at, std::string(text(language, phase)),
                   in(language, maintenance.body) + "\n" +
                       std::string(text(language, Text::maintenance_when)) + ": " + when + "\n" +
                       std::string(text(language, Text::maintenance_what)) + ": " +
                       components_text(language, maintenance.components)}};
  item.began = maintenance.from;
  item.ended = maintenance.to;
  item.sequence = maintenance.revision;
  item.cancelled = maintenance.cancelled;
  return item;
}

}  // namespace

std::vector<FeedItem> feed_items(Language language, const StatusView& view) {
  std::vector<FeedItem> items;
  for (const Maintenance& maintenance : view.board->maintenances) {
    items.push_back(maintenance_item(language, view, maintenance));
  }
  for (const Notice* newest : latest_notices(*view.board)) {
    items.push_back(told_item(language, view, *newest));
  }
  for (const Incident& incident : view.incidents) {
    items.push_back(measured_item(language, view, incident));
  }
  std::sort(items.begin(), items.end(), [](const FeedItem& a, const FeedItem& b) {
    return std::tie(b.updates.front().at, a.name) < std::tie(a.updates.front().at, b.name);
  });
  return items;
}

}  // namespace oki::notify
