// Dates of the proleptic Gregorian calendar in UTC, without the machine's time zone tables.
//
// Algorithm: days_from_civil and civil_from_days by Howard Hinnant
// (http://howardhinnant.github.io/date_algorithms.html).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/strong.h"

namespace oki {

struct Date {
  std::int32_t year = 1970;
  std::int32_t month = 1;  // 1 to 12
  std::int32_t day = 1;    // 1 to 31

  friend bool operator==(const Date&, const Date&) = default;
};

constexpr std::int64_t ms_per_day = 86'400'000;

std::int64_t days_since_1970(const Date& date);
Date date_of_day(std::int64_t days_since_1970);
Date utc_date(WallTimeMs time);
WallTimeMs start_of_day(const Date& date);

// "20261121"; nothing for a day that does not exist.
std::optional<Date> parse_yyyymmdd(ByteView text);
std::string yyyymmdd(const Date& date);

// "2026-11-21T18:26:00.123Z"
std::string rfc3339_utc(WallTimeMs time);

}  // namespace oki
