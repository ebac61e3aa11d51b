// The public JSON in the shape of Atlassian Statuspage v2, which existing monitors read.
//
// Field by field after statuspage.io's client types and MongoDB's API pages. The format has no word
// for "unknown": components become major_outage and the indicator critical, because whoever reads
// this must not take silence for health. What people told of is listed as incidents of their own
// before those that machines measured. Names are English; update texts are both.
#pragma once

#include <string>

#include "base/bytes.h"
#include "notify/status_truth.h"

namespace oki::notify {

struct StatuspageOptions {
  std::string page_name = "Okiagari";
  std::string url;  // "https://status.example.jp", without a slash at the end; may be empty.
};

constexpr std::size_t incidents_listed_max = 50;

Bytes summary_json(const StatusView& view, const StatuspageOptions& options);
Bytes status_json(const StatusView& view, const StatuspageOptions& options);
Bytes components_json(const StatusView& view, const StatuspageOptions& options);
Bytes incidents_json(const StatusView& view, const StatuspageOptions& options, bool only_open);

// Cancelled ones are in none of these; Statuspage has no word for them.
enum class Maintenances : std::uint8_t { all, upcoming, active, not_over };
Bytes scheduled_maintenances_json(const StatusView& view, const StatuspageOptions& options,
                                  Maintenances which);

// "none", "minor", "major", "critical"
const char* indicator(State state);

// "All Systems Operational" and so on; of `unknown` without its time.
const char* description(State state);

// What webhooks call these, too.
constexpr ByteView statuspage_page_id = "okiagari0000";
std::string statuspage_component_id(const ComponentId& id);

}  // namespace oki::notify
