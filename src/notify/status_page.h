// The pages of the status site, readable without scripts.
#pragma once

#include "base/bytes.h"
#include "notify/page_parts.h"
#include "notify/status_truth.h"
#include "notify/time_text.h"

namespace oki::notify {

constexpr std::size_t timeline_rows_max = 50;
constexpr std::size_t incident_rows_max = 20;

Bytes home_page(Language language, const StatusView& view, const SiteLinks& links);
Bytes incident_page(Language language, const StatusView& view, const SiteLinks& links,
                    const Incident& incident);

// REQUIRES: the board has a notice of this incident.
Bytes notice_page(Language language, const StatusView& view, const SiteLinks& links,
                  ByteView incident);
Bytes maintenance_page(Language language, const StatusView& view, const SiteLinks& links,
                       const Maintenance& maintenance);
Bytes history_page(Language language, const StatusView& view, const SiteLinks& links);
Bytes not_found_page(Language language, const SiteLinks& links);

// What a state is called and how it is coloured. A copy never says that all is well now: it says
// that it was then.
Text shown_word(const StatusView& view, State state);
std::string shown_class(const StatusView& view, State state);

// The one style sheet and the icon, both static.
ByteView style_sheet();
ByteView icon_svg();

}  // namespace oki::notify
