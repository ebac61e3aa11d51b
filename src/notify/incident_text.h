// Incidents, events and components in words: what page and JSON both say.
#pragma once

#include <string>

#include "notify/incidents.h"
#include "notify/status_document.h"
#include "notify/text.h"

namespace oki::notify {

// "BTC/JPY", "窓口 1", "Node 2"
std::string component_text(Language language, const ComponentId& id);

// What the incident's update at `position` says.
std::string incident_body(Language language, const Incident& incident, std::size_t position);

// "リーダー交代: ノード1 → ノード2（第4期）"
std::string event_text(Language language, const StatusDocument& document,
                       const TimelineEvent& event);

// The components of the mask, with separators; the word for nothing when it is empty.
std::string affected_text(Language language, const StatusDocument& document,
                          std::uint64_t affected);

}  // namespace oki::notify
