// Notices and planned maintenance on the pages: what people tell, beside what machines measured.
#pragma once

#include "notify/html.h"
#include "notify/status_page.h"

namespace oki::notify {

// On the home page: a card for each incident that people have not called resolved, then what is
// planned, then the list of all.
void open_notices(Html& html, Language language, const StatusView& view, const SiteLinks& links);
void planned_maintenance_card(Html& html, Language language, const StatusView& view);
void notice_list(Html& html, Language language, const StatusView& view);

// How long the promise of the newest notice has been broken; nothing when it has not.
std::optional<std::int64_t> overdue_ms(const Notice& newest, WallTimeMs now);

enum class MaintenancePhase : std::uint8_t { ahead, under_way, over, cancelled };
MaintenancePhase phase_of(const Maintenance& maintenance, WallTimeMs now);
Text phase_word(MaintenancePhase phase);

std::string notice_path(Language language, ByteView incident);
std::string maintenance_path(Language language, ByteView name);

// "BTC/JPY, Edge 1"; the word for nothing when there are none.
std::string components_text(Language language, const std::vector<ComponentId>& ids);

// Each line of the text as a paragraph of its own.
void paragraphs(Html& html, ByteView body);

}  // namespace oki::notify
