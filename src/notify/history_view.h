// The last 90 days, day by day in Japanese time: what was measured, in the worst state of each day.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "notify/html.h"
#include "notify/status_page.h"

namespace oki::notify {

constexpr std::size_t history_days = 90;

struct HistoryDay {
  WallTimeMs from;  // Midnight in Japan.
  bool on_record = false;
  State worst = State::operational;
  std::int64_t bad_ms = 0;  // Not green, whatever the state; at most the day.
};

struct History {
  std::array<HistoryDay, history_days> days;  // Oldest first; the last is today.
  std::size_t days_on_record = 0;
  std::int64_t known_ms = 0;  // From the first record to now.
  std::int64_t bad_ms = 0;
};

// The record begins when the first component was seen, or with the oldest incident that is still
// known, whichever is later when the timeline has been cut.
History history_of(const StatusView& view);

// "99.98", rounded down; nothing before any record.
std::optional<std::string> confirmed_percent(const History& history);

// One bar for each day, with a sentence for those who do not see it.
void history_strip(Html& html, Language language, const StatusView& view);

}  // namespace oki::notify
