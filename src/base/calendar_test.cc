#include "base/calendar.h"

#include <gtest/gtest.h>

namespace oki {
namespace {

TEST(Calendar, KnowsDaysByNumber) {
  EXPECT_EQ(days_since_1970({1970, 1, 1}), 0);
  EXPECT_EQ(days_since_1970({1969, 12, 31}), -1);
  EXPECT_EQ(days_since_1970({2000, 3, 1}), 11017);
  EXPECT_EQ(days_since_1970({2026, 11, 21}), 20778);
  EXPECT_EQ(date_of_day(20778), (Date{2026, 11, 21}));
}

// A plain walk through four centuries and some days before them.
TEST(Calendar, AgreesWithCountingDayByDay) {
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  Date date{1900, 1, 1};
  for (std::int64_t day = -25567; day < 146097; ++day) {
    ASSERT_EQ(days_since_1970(date), day);
    ASSERT_EQ(date_of_day(day), date);
    const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    const int length = lengths[date.month - 1] + (leap && date.month == 2 ? 1 : 0);
    if (++date.day > length) {
      date.day = 1;
      if (++date.month > 12) date = {date.year + 1, 1, 1};
    }
  }
}

TEST(Calendar, CutsTimeIntoUtcDays) {
  EXPECT_EQ(utc_date({0}), (Date{1970, 1, 1}));
  EXPECT_EQ(utc_date({ms_per_day - 1}), (Date{1970, 1, 1}));
  EXPECT_EQ(utc_date({ms_per_day}), (Date{1970, 1, 2}));
  EXPECT_EQ(utc_date({-1}), (Date{1969, 12, 31}));
  EXPECT_EQ(utc_date({-ms_per_day}), (Date{1969, 12, 31}));
  EXPECT_EQ(utc_date({-ms_per_day - 1}), (Date{1969, 12, 30}));
  EXPECT_EQ(start_of_day({1970, 1, 2}).value, ms_per_day);
}

TEST(Calendar, ReadsDaysThatExist) {
  EXPECT_EQ(parse_yyyymmdd("20261121"), (Date{2026, 11, 21}));
  EXPECT_EQ(parse_yyyymmdd("20240229"), (Date{2024, 2, 29}));
  EXPECT_EQ(parse_yyyymmdd("20000229"), (Date{2000, 2, 29}));
  for (const char* bad :
       {"", "2026112", "202611211", "20230229", "21000229", "20261301", "20260001", "20260100",
        "20260132", "20260431", "2026-1-1", "2026 101", "+2026101", "yyyymmdd"}) {
    EXPECT_EQ(parse_yyyymmdd(bad), std::nullopt) << bad;
  }
}

TEST(Calendar, WritesDays) {
  EXPECT_EQ(yyyymmdd({2026, 1, 2}), "20260102");
  EXPECT_EQ(rfc3339_utc({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339_utc({1'795'285'560'123}), "2026-11-21T18:26:00.123Z");
  EXPECT_EQ(rfc3339_utc({-1}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace oki
