#include "notify/page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <map>

#include "crypto/crypto.h"
#include "notify/component_update.h"
#include "notify/delivery.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
const PageLinks links{"https://ops.example.jp/incidents/{incident}",
                      "okiagari incident acknowledge {incident}"};

Page some_page() {
  Page page;
  page.number = 7;
  page.incident = "inc12";
  page.severity = 1;
  page.person = "佐藤";
  page.title = {"BTC/JPY の注文が失敗しています", "BTC/JPY orders are failing"};
  page.affected = {{{ComponentKind::market, "btc_jpy"}, State::operational, State::major_outage}};
  page.at = noon;
  page.began = {noon.value - 4'000};
  return page;
}

TEST(LetterFormatTest, BytesAreThoseWrittenDown) {
  std::map<std::string, std::string> now;
  Bytes bytes;
  append(bytes, some_page());
  now["page"] = crypto::hex(bytes);
  bytes.clear();
  append(bytes,
         ComponentUpdate{
             {ComponentKind::market, "btc_jpy"}, State::operational, State::major_outage, noon});
  now["component_update"] = crypto::hex(bytes);
  std::ifstream file("test/golden/letters.txt");
  std::map<std::string, std::string> written;
  for (std::string name, hex; file >> name >> hex;) written[name] = hex;
  EXPECT_EQ(written, now);
}

TEST(PageTest, ItsBytesAreReadExactly) {
  Page page = some_page();
  for (const Language language : {Language::ja, Language::en}) {
    page.language = language;
    page.drill = language == Language::en;
    Bytes bytes;
    append(bytes, page);
    EXPECT_EQ(read_page(bytes).value(), page);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(read_page(ByteView(bytes).substr(0, size))) << size;
    }
    EXPECT_FALSE(read_page(bytes + "x"));
  }
}

TEST(PageTest, WhatBreaksARuleIsNone) {
  EXPECT_TRUE(check(some_page()));
  const auto refused = [](auto change) {
    Page page = some_page();
    change(page);
    Bytes bytes;
    append(bytes, page);
    return !check(page) && !read_page(bytes);
  };
  EXPECT_TRUE(refused([](Page& p) { p.incident = "Inc 12"; }));
  EXPECT_TRUE(refused([](Page& p) { p.person = ""; }));
  EXPECT_TRUE(refused([](Page& p) { p.person = "a\r\nBcc: b"; }));
  EXPECT_TRUE(refused([](Page& p) { p.title.en = std::string(page_text_bytes_max + 1, 'a'); }));
  EXPECT_TRUE(refused([](Page& p) { p.title.ja = "\xFF"; }));
  EXPECT_TRUE(refused([](Page& p) { p.severity = 0; }));
  EXPECT_TRUE(refused([](Page& p) { p.severity = 5; }));
}

TEST(PageTest, SaysInThePersonsLanguageWhatAndHowToAcknowledge) {
  Page page = some_page();
  EXPECT_EQ(page_text(page, links),
            "[SEV1] inc12: BTC/JPY の注文が失敗しています\n"
            "障害が確認されました。対応してください。\n"
            "呼び出し: 佐藤\n"
            "影響範囲: BTC/JPY（全面停止）\n"
            "発生: 11月21日 23:59:56 日本時間 (14:59:56 UTC)\n"
            "応答（画面）: https://ops.example.jp/incidents/inc12\n"
            "応答（コマンド）: okiagari incident acknowledge inc12\n"
            "呼び出し番号: 7\n");
  page.language = Language::en;
  page.drill = true;
  page.cause = PageCause::everybody;
  const std::string text = page_text(page, {});
  EXPECT_TRUE(
      text.starts_with("[DRILL] [SEV1] inc12: BTC/JPY orders are failing\n"
                       "Nobody has answered, so everybody is called.\n"))
      << text;
  EXPECT_EQ(text.find("Acknowledge"), std::string::npos);
}

TEST(PageTest, ATestAsksForNothing) {
  Page page = some_page();
  page.cause = PageCause::test;
  EXPECT_EQ(page_text(page, links).find("incident acknowledge"), std::string::npos);
}

TEST(PageTest, CallsAndWhatEndsThemHaveNamesOfTheirOwn) {
  Page page = some_page();
  EXPECT_EQ(posting_name(page), "page/7");
  page.action = PageAction::resolve;
  EXPECT_EQ(posting_name(page), "page/inc12/resolve/7");
  page.number = 0;
  EXPECT_EQ(posting_name(page), "page/inc12/resolve");
  page.number = std::numeric_limits<std::uint32_t>::max();
  page.incident = std::string(incident_name_bytes_max, 'a');
  page.action = PageAction::acknowledge;
  EXPECT_LE(posting_name(page).size(), posting_name_bytes_max);
}

}  // namespace
}  // namespace oki::notify
