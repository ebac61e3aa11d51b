#include "notify/notice_template.h"

#include <gtest/gtest.h>

#include "notify/testing/notices.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
const NoticeLinks links{"https://status.example.jp", "", ""};

// The smallest whole file, with one section replaced.
std::string file_with(const std::string& section = "", const std::string& text = "") {
  std::string out;
  for (const char* phase :
       {"investigating", "identified", "monitoring", "resolved", "postmortem"}) {
    for (const char* part : {".ja.title", ".ja.body", ".en.title", ".en.body"}) {
      const std::string name = std::string(phase) + part;
      if (name == section && text.empty()) continue;
      out += "[" + name + "]\n" + (name == section ? text : "text") + "\n";
    }
  }
  return out;
}

TEST(NoticeTemplateTest, TheFirstNoticeNeedsNoWriter) {
  for (Notice notice : {first_notice(noon), full_notice(noon), last_notice(noon)}) {
    notice.title = {};
    notice.body = {};
    ASSERT_TRUE(NoticeTemplates::standard().write(notice, links));
    EXPECT_TRUE(check(notice));
    EXPECT_NE(notice.title.ja.find("BTC/JPY"), std::string::npos);
    EXPECT_NE(notice.title.en.find("BTC/JPY"), std::string::npos);
  }
}

TEST(NoticeTemplateTest, ALineThatAsksForWhatNobodyKnowsIsLeftOut) {
  Notice notice = full_notice(noon);
  ASSERT_TRUE(NoticeTemplates::standard().write(notice, links));
  EXPECT_NE(notice.body.en.find("Cause: A wrong setting\nRecovery: between"), std::string::npos);
  notice.cause.reset();
  ASSERT_TRUE(NoticeTemplates::standard().write(notice, links));
  EXPECT_EQ(notice.body.en.find("Cause"), std::string::npos);
  EXPECT_NE(notice.body.en.find("Recovery"), std::string::npos);
}

TEST(NoticeTemplateTest, ATitleNamesThreeAndCountsTheRest) {
  Notice notice = first_notice(noon);
  for (const char* market : {"xrp_jpy", "ltc_jpy", "mona_jpy", "bcc_jpy"}) {
    notice.affected.push_back({{ComponentKind::market, market}});
  }
  ASSERT_TRUE(NoticeTemplates::standard().write(notice, links));
  EXPECT_EQ(notice.title.en, "Trouble with BTC/JPY, XRP/JPY, LTC/JPY and 2 more");
}

TEST(NoticeTemplateTest, AFileIsWholeOrRefused) {
  EXPECT_TRUE(NoticeTemplates::parse(file_with()));
  EXPECT_TRUE(NoticeTemplates::parse(file_with("resolved.en.body", "over at {ended}\n{url}")));
  EXPECT_FALSE(NoticeTemplates::parse(""));
  EXPECT_FALSE(NoticeTemplates::parse(file_with("resolved.en.body")));
  EXPECT_FALSE(NoticeTemplates::parse(file_with("resolved.en.body", "{password}")));
  EXPECT_FALSE(NoticeTemplates::parse(file_with("resolved.en.body", "{began")));
  EXPECT_FALSE(NoticeTemplates::parse(file_with("resolved.en.body", "began}")));
  EXPECT_FALSE(NoticeTemplates::parse("stray\n" + file_with()));
  EXPECT_FALSE(NoticeTemplates::parse(file_with() + "[else.en.body]\ntext\n"));
  EXPECT_FALSE(NoticeTemplates::parse(file_with() + "[resolved.en.body]\ntext\n"));
  EXPECT_FALSE(NoticeTemplates::parse(file_with() + "\xFF"));
  EXPECT_FALSE(NoticeTemplates::parse(std::string(template_file_bytes_max + 1, 'a')));
}

TEST(NoticeTemplateTest, AFilledTextThatBreaksARuleChangesNothing) {
  const auto templates = NoticeTemplates::parse(
      file_with("investigating.en.title", std::string(notice_title_bytes_max + 1, 'a')));
  ASSERT_TRUE(templates);
  Notice notice = first_notice(noon);
  EXPECT_FALSE(templates->write(notice, links));
  EXPECT_EQ(notice, first_notice(noon));
  const auto asking = NoticeTemplates::parse(file_with("investigating.en.title", "{cause}"));
  EXPECT_FALSE(asking->write(notice, links));
}

TEST(NoticeTemplateTest, APreviewShowsEveryChannelWithinItsLength) {
  const auto all = preview(full_notice(noon), links);
  EXPECT_EQ(all.size(), 18u);
  for (const NoticePreview& one : all) {
    EXPECT_FALSE(one.text.empty());
    EXPECT_TRUE(one.length_max == 0 || one.length <= one.length_max) << one.channel;
  }
}

}  // namespace
}  // namespace oki::notify
