#include "notify/notice_words.h"

#include <gtest/gtest.h>

#include "notify/notice_short.h"
#include "notify/testing/notices.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
const NoticeLinks links{"https://status.example.jp", "https://example.jp/faq", ""};

bool has(ByteView text, ByteView part) { return text.find(part) != ByteView::npos; }

TEST(NoticeWordsTest, SaysEverythingThatPeopleAskForInBothLanguages) {
  const std::string ja = notice_plain(Language::ja, full_notice(noon), links);
  for (const char* part :
       {"【原因特定】BTC/JPY の注文が受け付けられません", "発生: 11月21日 23:59:56 日本時間",
        "影響範囲: BTC/JPY（全面停止）", "影響のない範囲: ETH/JPY、", "原因: 設定変更の誤り",
        "復旧の見込み: ", "過去 14 件から推定", "79 %", "次回のお知らせ: ", " まで",
        "お客様の資産: お客様の資産は影響を受けていません。", "対応待ち 120 件",
        "https://status.example.jp/notices/i20261122a", "https://example.jp/faq", "日本時間"}) {
    EXPECT_TRUE(has(ja, part)) << part << " is missing in\n" << ja;
  }
  const std::string en = notice_plain(Language::en, full_notice(noon), links);
  for (const char* part :
       {"[Identified] BTC/JPY orders are not being accepted", "Affected: BTC/JPY (Major outage)",
        "Not affected: ETH/JPY, ", "Cause: A wrong setting", "from 14 past cases",
        "Next update: by ", "https://status.example.jp/en/notices/i20261122a", "JST"}) {
    EXPECT_TRUE(has(en, part)) << part << " is missing in\n" << en;
  }
}

TEST(NoticeWordsTest, WhatIsNotKnownIsLeftOut) {
  const std::string first = notice_plain(Language::en, first_notice(noon), links);
  for (const char* part : {"Cause", "Recovery", "Ended", "Support"}) EXPECT_FALSE(has(first, part));
  const std::string last = notice_plain(Language::en, last_notice(noon), links);
  EXPECT_TRUE(has(last, "Ended: "));
  EXPECT_FALSE(has(last, "Next update"));
}

TEST(NoticeWordsTest, PlannedWorkSaysWhenAndOnWhatAndClaimsNoState) {
  const std::string ja =
      notice_plain(Language::ja, work_notice(noon, NoticePhase::scheduled), links);
  for (const char* part :
       {"【メンテナンス予定】取引エンジンの更新", "この間、注文と取消ができません。",
        "開始: 11月23日 00:00:00 日本時間", "終了: 11月23日 02:00:00 日本時間", "対象: BTC/JPY、",
        "https://status.example.jp/maintenance/m20261123a"}) {
    EXPECT_TRUE(has(ja, part)) << part << " is missing in\n" << ja;
  }
  for (const char* part : {"発生", "影響範囲", "影響のない範囲", "正常", "お客様の資産"}) {
    EXPECT_FALSE(has(ja, part)) << part << " is in\n" << ja;
  }
  const std::string en =
      notice_plain(Language::en, work_notice(noon, NoticePhase::completed), links);
  EXPECT_TRUE(has(en, "[Maintenance over] Update of the trading engine")) << en;
  EXPECT_TRUE(has(en, "Affects: BTC/JPY, ")) << en;
}

TEST(NoticeWordsTest, ADrillSaysSoFirst) {
  Notice notice = first_notice(noon);
  notice.drill = true;
  EXPECT_TRUE(notice_headline(Language::ja, notice).starts_with("【訓練】"));
  EXPECT_TRUE(notice_headline(Language::en, notice).starts_with("[DRILL]"));
}

TEST(NoticeWordsTest, TextNeverBecomesMarkup) {
  Notice notice = first_notice(noon);
  notice.title.en = "<script>alert(1)</script>";
  notice.body.en = "a & b <b>\n\"quoted\"";
  const Bytes html = notice_html(Language::en, notice, links, {});
  EXPECT_FALSE(has(html, "<script>"));
  EXPECT_FALSE(has(html, "<b>"));
  EXPECT_TRUE(has(html, "a &amp; b &lt;b&gt;"));
  EXPECT_TRUE(has(html, "href=\"https://status.example.jp/en/notices/i20261122a\""));
}

struct Limit {
  const char* name;
  LengthRule rule;
};

TEST(NoticeShortTest, FitsEveryChannelAndAlwaysLeadsToTheFullText) {
  const std::vector<Limit> limits = {
      {"x", x_length},       {"mastodon", mastodon_length}, {"bluesky", bluesky_length},
      {"line", line_length}, {"telegram", telegram_length}, {"discord", discord_length}};
  std::vector<Notice> notices = {first_notice(noon), full_notice(noon), last_notice(noon)};
  Notice longest = full_notice(noon);
  longest.title.ja = "";
  while (longest.title.ja.size() + 3 <= notice_title_bytes_max) longest.title.ja += "障";
  longest.title.en = std::string(notice_title_bytes_max, 'a');
  longest.body.en = std::string(notice_text_bytes_max, 'b');
  notices.push_back(longest);
  for (const Limit& limit : limits) {
    for (const Notice& notice : notices) {
      for (const Language language : {Language::ja, Language::en}) {
        const std::string text = notice_short(language, notice, links, limit.rule);
        const std::string url = notice_url(language, notice, links);
        EXPECT_TRUE(text.ends_with("\n" + url)) << limit.name;
        const std::string words = text.substr(0, text.size() - url.size());
        const std::size_t url_length = limit.rule.counting == Counting::x_weights ? 23 : url.size();
        EXPECT_LE(text_length(words, limit.rule.counting) + url_length, limit.rule.length_max)
            << limit.name << text;
      }
    }
  }
}

TEST(NoticeShortTest, KeepsWhatPeopleNeedMostWhereThereIsRoom) {
  const std::string text = notice_short(Language::ja, first_notice(noon), links, mastodon_length);
  EXPECT_TRUE(has(text, "影響範囲: BTC/JPY（全面停止）"));
  EXPECT_TRUE(has(text, "次回のお知らせ: "));
  const std::string x = notice_short(Language::ja, first_notice(noon), links, x_length);
  EXPECT_TRUE(has(x, "【調査中】"));
}

TEST(NoticeShortTest, CountsAsTheChannelsDo) {
  EXPECT_EQ(text_length("abc", Counting::x_weights), 3u);
  EXPECT_EQ(text_length("障害", Counting::x_weights), 4u);
  EXPECT_EQ(text_length("障害", Counting::code_points), 2u);
  EXPECT_EQ(text_length("\xF0\x9F\x9A\xA8", Counting::utf16_units), 2u);
  EXPECT_EQ(text_length("\xF0\x9F\x9A\xA8", Counting::x_weights), 2u);
  EXPECT_EQ(text_length("“a”", Counting::x_weights), 3u);
}

}  // namespace
}  // namespace oki::notify
