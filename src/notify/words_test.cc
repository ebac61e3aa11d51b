// Texts, times and markup.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "notify/html.h"
#include "notify/text.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'123};  // 2025-11-21T15:00:00.123Z, midnight in Japan.

std::string places(ByteView text) {
  std::string found;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '{') found.push_back(text[i + 1]);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_proper_pattern(ByteView text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') continue;
    if (i + 2 >= text.size() || text[i + 1] < '0' || text[i + 1] > '2' || text[i + 2] != '}') {
      return false;
    }
  }
  return true;
}

TEST(TextTest, EverySentenceExistsInBothLanguagesWithTheSameValues) {
  for (int i = 0; i < static_cast<int>(Text::count); ++i) {
    const auto id = static_cast<Text>(i);
    const ByteView ja = text(Language::ja, id);
    const ByteView en = text(Language::en, id);
    EXPECT_FALSE(ja.empty()) << i;
    EXPECT_FALSE(en.empty()) << i;
    if (id != Text::component_market && id != Text::list_separator) {
      EXPECT_NE(ja, en) << i;
    }
    EXPECT_TRUE(is_proper_pattern(ja) && is_proper_pattern(en)) << ja;
    EXPECT_EQ(places(ja), places(en)) << ja;
  }
}

TEST(TextTest, PutsValuesInTheirPlaces) {
  EXPECT_EQ(text(Language::ja, Text::event_leader_changed, {"1", "2", "7"}),
            "リーダー交代: ノード1 → ノード2（第7期）");
}

TEST(TimeTextTest, SaysJapaneseTimeAndUtcAndTheZone) {
  EXPECT_EQ(japan_time(Language::ja, noon), "11月22日 00:00:00 日本時間 (15:00:00 UTC)");
  EXPECT_EQ(japan_time(Language::en, noon), "22 Nov 00:00:00 JST (15:00:00 UTC)");
  EXPECT_EQ(japan_date(Language::ja, noon), "2025年11月22日");
  EXPECT_EQ(japan_date(Language::en, noon), "22 Nov 2025");
  EXPECT_EQ(japan_clock({noon.value - 1000}), "23:59:59");
}

TEST(TimeTextTest, SaysDurationsInTheUnitThatFits) {
  const auto ja = [](std::int64_t ms) { return duration_text(Language::ja, ms); };
  EXPECT_EQ(ja(-5), "0 ミリ秒");
  EXPECT_EQ(ja(999), "999 ミリ秒");
  EXPECT_EQ(ja(1000), "1.0 秒");
  EXPECT_EQ(ja(59'999), "59.9 秒");
  EXPECT_EQ(ja(60'000), "1 分 0 秒");
  EXPECT_EQ(ja(3'599'999), "59 分 59 秒");
  EXPECT_EQ(ja(7'380'000), "2 時間 3 分");
  EXPECT_EQ(duration_text(Language::en, 5 * 86'400'000 + 3'600'000), "5 d 1 h");
}

TEST(HtmlTest, EscapesTextAndAttributesWhereverTheyStand) {
  Bytes out;
  {
    Html html(out);
    html.open("p", {{"class", "a\" onclick=\"x"}}).text("<script>&'").close();
  }
  EXPECT_EQ(out,
            "<!DOCTYPE html>\n<p class=\"a&quot; onclick=&quot;x\">"
            "&lt;script&gt;&amp;&#39;</p>\n");
}

TEST(HtmlTest, StopsWhenAnElementIsLeftOpen) {
  EXPECT_DEATH(
      {
        Bytes out;
        Html html(out);
        html.open("p");
      },
      "open_.empty");
}

}  // namespace
}  // namespace oki::notify
