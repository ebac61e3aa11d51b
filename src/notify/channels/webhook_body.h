// What machines are told: a notice or a change of a component as JSON.
//
// `statuspage` is the body of Statuspage's own webhooks (incident and component_update; the newest
// update first, as their readers take the first one), so that what already reads those reads ours.
// `cloudevents` is CloudEvents 1.0 in structured mode, with everything a notice says in both
// languages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "notify/component_update.h"
#include "notify/notice_words.h"
#include "notify/page.h"

namespace oki::notify {

enum class WebhookFormat : std::uint8_t { statuspage, cloudevents };

struct WebhookWords {
  Language language = Language::en;  // Of statuspage bodies.
  NoticeLinks links;
  std::string page_name = "Okiagari";
};

// `notices` of one incident, newest first, never none; the first is what is told.
Bytes statuspage_incident(const std::vector<Notice>& notices, const WebhookWords& words);
Bytes statuspage_component(const ComponentUpdate& update, const WebhookWords& words);

Bytes cloud_event(const Notice& notice, const WebhookWords& words);
Bytes cloud_event(const ComponentUpdate& update, const WebhookWords& words);
Bytes cloud_event(const Page& page, const WebhookWords& words, const PageLinks& links);

}  // namespace oki::notify
