#include "notify/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/calendar.h"

namespace oki::notify {
namespace {

constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

WallTimeMs in_japan(WallTimeMs time) { return {time.value + japan_offset_ms}; }

const char* month_name(const Date& date) {
  return months[static_cast<std::size_t>(date.month - 1)];
}

std::string clock_text(WallTimeMs time) {
  const std::int64_t days = days_since_1970(utc_date(time));
  const std::int64_t seconds = (time.value - days * ms_per_day) / 1000;
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string pair_text(Language language, std::int64_t a, int unit, std::int64_t b) {
  static constexpr std::array<const char*, 4> ja = {"日", "時間", "分", "秒"};
  static constexpr std::array<const char*, 4> en = {"d", "h", "min", "s"};
  const auto& names = language == Language::ja ? ja : en;
  const auto first = static_cast<std::size_t>(unit);
  return fmt::format("{} {} {} {}", a, names[first], b, names[first + 1]);
}

}  // namespace

std::string japan_date(Language language, WallTimeMs time) {
  const Date date = utc_date(in_japan(time));
  if (language == Language::ja) return fmt::format("{}年{}月{}日", date.year, date.month, date.day);
  return fmt::format("{} {} {}", date.day, month_name(date), date.year);
}

std::string japan_clock(WallTimeMs time) { return clock_text(in_japan(time)); }

std::string japan_time(Language language, WallTimeMs time) {
  const Date date = utc_date(in_japan(time));
  if (language == Language::ja) {
    return fmt::format("{}月{}日 {} 日本時間 ({} UTC)", date.month, date.day, japan_clock(time),
                       clock_text(time));
  }
  return fmt::format("{} {} {} JST ({} UTC)", date.day, month_name(date), japan_clock(time),
                     clock_text(time));
}

std::string duration_text(Language language, std::int64_t duration_ms) {
  const std::int64_t ms = std::max<std::int64_t>(duration_ms, 0);
  const bool ja = language == Language::ja;
  if (ms < 1000) return fmt::format("{} {}", ms, ja ? "ミリ秒" : "ms");
  const std::int64_t s = ms / 1000;
  if (s < 60) return fmt::format("{}.{} {}", s, ms / 100 % 10, ja ? "秒" : "s");
  if (s < 3600) return pair_text(language, s / 60, 2, s % 60);
  if (s < 86'400) return pair_text(language, s / 3600, 1, s / 60 % 60);
  return pair_text(language, s / 86'400, 0, s / 3600 % 24);
}

}  // namespace oki::notify
