// Times as people read them: Japanese time first, UTC beside it, the zone always said.
#pragma once

#include <cstdint>
#include <string>

#include "base/strong.h"

namespace oki::notify {

enum class Language : std::uint8_t { ja, en };

// Japan has no summer time: always UTC+9.
constexpr std::int64_t japan_offset_ms = 9 * 3'600'000;

// "2026年11月22日" or "22 Nov 2026", in Japan.
std::string japan_date(Language language, WallTimeMs time);

// "03:26:00", in Japan.
std::string japan_clock(WallTimeMs time);

// "11月22日 03:26:00 日本時間 (18:26:00 UTC)" or "22 Nov 03:26:00 JST (18:26:00 UTC)".
std::string japan_time(Language language, WallTimeMs time);

// "312 ミリ秒", "12.3 秒", "4 分 5 秒", "2 時間 3 分", "5 日 1 時間" and the same in English.
// Negative durations, as a clock that was set back gives, are shown as zero.
std::string duration_text(Language language, std::int64_t duration_ms);

}  // namespace oki::notify
