// The pages of the status site, readable without scripts.
#pragma once

#include "base/bytes.h"
#include "notify/status_truth.h"
#include "notify/time_text.h"

namespace oki::notify {

constexpr std::size_t timeline_rows_max = 50;
constexpr std::size_t incident_rows_max = 20;

Bytes home_page(Language language, const StatusView& view);
Bytes incident_page(Language language, const StatusView& view, const Incident& incident);
Bytes not_found_page(Language language);

// The one style sheet and the icon, both static.
ByteView style_sheet();
ByteView icon_svg();

}  // namespace oki::notify
