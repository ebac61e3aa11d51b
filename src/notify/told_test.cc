// What people tell, on pages, in JSON, feeds and calendars; and what it never does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/json_reader.h"
#include "notify/badge.h"
#include "notify/feeds.h"
#include "notify/history_view.h"
#include "notify/notice_view.h"
#include "notify/site_content.h"
#include "notify/testing/notices.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

class ToldTest : public ::testing::Test {
 protected:
  ToldTest() {
    options_.page.url = "https://status.example.jp";
    options_.security_contact = "mailto:security@example.jp";
    options_.links = {"https://example.jp/faq", "", "/subscribe"};
    EXPECT_EQ(truth_.accept(signed_document(document_with_outage(now()))), Acceptance::accepted);
    step_ms(60'000);
    green();
  }
  void step_ms(std::int64_t ms) { clock_.advance_ns(ms * ns_per_ms); }
  WallTimeMs now() const { return clock_.wall_now(); }
  void green() {
    EXPECT_EQ(truth_.accept(signed_lease(green_lease(++serial_, now()))), Acceptance::accepted);
  }
  void tell(NoticeBoard board) {
    board.sequence = ++serial_;
    EXPECT_EQ(truth_.accept(sign_envelope(test_key(), EnvelopeKind::notices, encode(board))),
              Acceptance::accepted);
  }
  std::string get(const std::string& path) {
    const auto content = site_content(path, truth_.view(), options_);
    return content ? content->body : std::string();
  }
  net::Json json(const std::string& name) {
    return net::parse_json(get("/api/v2/" + name), 1u << 20).value();
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  testing::StepClock clock_;
  StatusTruth truth_{clock_, test_key().public_key};
  SiteOptions options_;
  std::uint64_t serial_ = 0;
};

TEST_F(ToldTest, AnOpenNoticeStandsOnTheHomePageWithEverythingPeopleNeed) {
  tell(small_board(now()));
  green();
  const std::string ja = get("/");
  for (const char* part :
       {"BTC/JPY の注文が受け付けられません", "影響範囲", "影響のない範囲", "次回のお知らせ",
        "復旧の見込み", "収まった割合: 79 %", "お客様の資産は影響を受けていません", "原因",
        "対応待ち 120 件", "href=\"/notices/i20261122a\"", "href=\"https://example.jp/faq\"",
        "取引エンジンの更新", "日本時間", "href=\"/subscribe\""}) {
    EXPECT_TRUE(has(ja, part)) << part;
  }
  EXPECT_TRUE(has(get("/en/"), "BTC/JPY orders are not being accepted"));
  EXPECT_TRUE(has(ja, "正常稼働中")) << "a notice changes no state";
  EXPECT_EQ(truth_.view().overall, State::operational);
}

TEST_F(ToldTest, ANoticeOfRecoveryMakesNothingGreen) {
  NoticeBoard board;
  board.notices = {first_notice(now()), last_notice({now().value + 1000})};
  tell(board);
  step_ms(10'000);
  EXPECT_EQ(truth_.view().overall, State::unknown);
  EXPECT_TRUE(has(get("/"), "現在の状態を確認できません"));
  EXPECT_TRUE(has(get("/notices/i20261122a"), "確認できません"));
}

TEST_F(ToldTest, APageHasAllUpdatesAndSaysWhoPublishedThem) {
  tell(small_board(now()));
  const std::string page = get("/en/notices/i20261122a");
  EXPECT_TRUE(has(page, "Published automatically"));
  EXPECT_TRUE(has(page, "Approved and published by staff"));
  EXPECT_FALSE(has(page, "sato")) << "who approved is nobody's business outside";
  EXPECT_TRUE(get("/en/notices/other").empty());
}

TEST_F(ToldTest, AMissedPromiseIsSaid) {
  tell(small_board(now()));
  EXPECT_FALSE(has(get("/"), "約束の時刻を"));
  step_ms(30 * 60'000);
  EXPECT_TRUE(has(get("/"), "約束の時刻を"));
  EXPECT_TRUE(has(get("/notices/i20261122a"), "約束の時刻を"));
}

TEST_F(ToldTest, StatuspageListsTheToldIncidentFieldByField) {
  tell(small_board(now()));
  const net::Json unresolved = json("incidents/unresolved.json");
  ASSERT_EQ(unresolved.find("incidents")->array()->size(), 1u);
  const net::Json& incident = unresolved.find("incidents")->array()->at(0);
  EXPECT_EQ(incident.find("name")->string(), "BTC/JPY orders are not being accepted");
  EXPECT_EQ(incident.find("status")->string(), "identified");
  EXPECT_EQ(incident.find("impact")->string(), "major");
  EXPECT_EQ(incident.find("shortlink")->string(), "https://status.example.jp/notices/i20261122a");
  EXPECT_EQ(incident.find("resolved_at")->kind(), net::Json::Kind::null);
  EXPECT_EQ(incident.find("components")->array()->size(), 1u);
  const auto& updates = *incident.find("incident_updates")->array();
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0].find("status")->string(), "identified") << "newest first";
  const net::Json& change = updates[0].find("affected_components")->array()->at(0);
  EXPECT_EQ(change.find("name")->string(), "Trading BTC/JPY");
  EXPECT_EQ(change.find("new_status")->string(), "major_outage");
  NoticeBoard board = small_board(now());
  board.notices.push_back(last_notice({now().value + 120'000}));
  tell(board);
  EXPECT_TRUE(json("incidents/unresolved.json").find("incidents")->array()->empty());
  const net::Json all = json("incidents.json");
  EXPECT_EQ(all.find("incidents")->array()->size(), 2u) << "told, and measured";
  EXPECT_EQ(all.find("incidents")->array()->at(0).find("status")->string(), "resolved");
}

TEST_F(ToldTest, MaintenanceIsScheduledThenInProgressThenCompleted) {
  tell(small_board(now()));
  const auto count = [&](const char* name) {
    return json(name).find("scheduled_maintenances")->array()->size();
  };
  const auto status = [&] {
    const net::Json all = json("scheduled-maintenances.json");
    return std::string(
        *all.find("scheduled_maintenances")->array()->at(0).find("status")->string());
  };
  EXPECT_EQ(status(), "scheduled");
  EXPECT_EQ(count("scheduled-maintenances/upcoming.json"), 1u);
  EXPECT_EQ(count("scheduled-maintenances/active.json"), 0u);
  EXPECT_EQ(count("summary.json"), 1u);
  EXPECT_TRUE(has(get("/"), "メンテナンスの予定"));
  EXPECT_TRUE(has(get("/maintenance/m20261123a"), "この間、注文と取消ができません"));
  step_ms(25 * 3'600'000);
  EXPECT_EQ(status(), "in_progress");
  EXPECT_EQ(count("scheduled-maintenances/active.json"), 1u);
  step_ms(25 * 3'600'000);
  EXPECT_EQ(status(), "completed");
  EXPECT_EQ(count("summary.json"), 0u);
  EXPECT_FALSE(has(get("/"), "メンテナンスの予定"));
}

TEST_F(ToldTest, PlannedWorkHidesNoOutageAndMakesNothingGreen) {
  tell(small_board(now()));
  step_ms(25 * 3'600'000);
  const auto indicator = [&] {
    const net::Json status = json("status.json");
    return std::string(*status.find("status")->find("indicator")->string());
  };
  EXPECT_EQ(indicator(), "critical") << "nobody has proven anything for a day";
  EXPECT_TRUE(has(get("/en/"), "Under way"));
  green();
  EXPECT_EQ(indicator(), "none");
  EXPECT_EQ(truth_.accept(signed_lease(red_lease(++serial_, now()))), Acceptance::accepted);
  EXPECT_EQ(indicator(), "critical");
  const net::Json components = json("components.json");
  EXPECT_EQ(components.find("components")->array()->at(0).find("status")->string(), "major_outage");
}

TEST_F(ToldTest, ANoticeOfPlannedWorkIsNoIncidentOnTheBoard) {
  NoticeBoard board = small_board(now());
  board.notices.push_back(work_notice(now(), NoticePhase::scheduled));
  EXPECT_FALSE(decode_notice_board(encode(board)));
  fit(board);
  EXPECT_EQ(board.notices.size(), 2u);
  EXPECT_TRUE(decode_notice_board(encode(board)));
}

TEST_F(ToldTest, ACancelledMaintenanceIsSaidAndNotListedAsToCome) {
  NoticeBoard board = small_board(now());
  board.maintenances[0].cancelled = true;
  board.maintenances[0].revision = 3;
  tell(board);
  EXPECT_TRUE(json("scheduled-maintenances.json").find("scheduled_maintenances")->array()->empty());
  EXPECT_TRUE(has(get("/"), "中止"));
  const std::string events = get("/calendar.ics");
  EXPECT_TRUE(has(events, "STATUS:CANCELLED\r\n"));
  EXPECT_TRUE(has(events, "SEQUENCE:3\r\n"));
}

std::string after(const std::string& text, const std::string& mark, std::size_t size) {
  const std::size_t at = text.find(mark);
  return at == std::string::npos ? "" : text.substr(at + mark.size(), size);
}

TEST_F(ToldTest, AnAtomEntryKeepsItsIdAndMovesItsTime) {
  NoticeBoard board;
  board.notices = {first_notice(now())};
  tell(board);
  const std::string first = get("/history.atom");
  EXPECT_TRUE(has(first, "<id>tag:status.example.jp,2026:notices/i20261122a</id>"));
  board = small_board(now());
  board.maintenances.clear();
  tell(board);
  const std::string second = get("/history.atom");
  EXPECT_TRUE(has(second, "<id>tag:status.example.jp,2026:notices/i20261122a</id>"));
  EXPECT_NE(after(first, "<updated>", 24), after(second, "<updated>", 24));
  EXPECT_EQ(after(first, "<published>", 24), after(second, "<published>", 24));
  EXPECT_TRUE(has(get("/en/history.atom"), "xml:lang=\"en\""));
  EXPECT_FALSE(has(second, "&amp;amp;lt;script"));
}

TEST_F(ToldTest, ACalendarHasOneUidAndARisingSequence) {
  tell(small_board(now()));
  const std::string events = get("/calendar.ics");
  EXPECT_TRUE(has(events, "UID:notices-i20261122a@status.example.jp\r\nSEQUENCE:1\r\n"));
  EXPECT_TRUE(has(events, "UID:maintenance-m20261123a@status.example.jp\r\nSEQUENCE:0\r\n"));
  EXPECT_TRUE(has(events, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  std::size_t line = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    line = events[i] == '\n' ? 0 : line + 1;
    EXPECT_LE(line, 76u) << "with the CR";
  }
}

TEST(FoldingTest, CutsBetweenCharactersOnly) {
  Bytes out;
  append_folded(out, "DESCRIPTION:" + std::string(62, 'a') + "障害が発生");
  EXPECT_EQ(out.find("\r\n "), 74u) << "three bytes of a character stay together";
  out.clear();
  append_folded(out, std::string(75, 'a'));
  EXPECT_EQ(out, std::string(75, 'a') + "\r\n");
}

TEST_F(ToldTest, TheHistoryCountsWhatWasMeasuredDayByDay) {
  step_ms(3 * 86'400'000);
  green();
  const History history = history_of(truth_.view());
  EXPECT_EQ(history.days_on_record, 4u);
  EXPECT_EQ(history.days.back().bad_ms > 0, true) << "the silence of three days ends today";
  EXPECT_EQ(history.days[86].worst, State::unknown);
  EXPECT_FALSE(history.days[85].on_record);
  EXPECT_TRUE(has(get("/history"), "確認できません"));
  EXPECT_TRUE(has(get("/en/history"), "Not confirmed"));
}

TEST_F(ToldTest, TheShareOfConfirmedTimeIsRoundedDown) {
  History history;
  EXPECT_FALSE(confirmed_percent(history));
  history.known_ms = 30'000;
  EXPECT_EQ(confirmed_percent(history), "100.00");
  history.bad_ms = 1;
  EXPECT_EQ(confirmed_percent(history), "99.99");
  history.bad_ms = 30'000;
  EXPECT_EQ(confirmed_percent(history), "0.00");
}

TEST_F(ToldTest, TheBadgeSaysTheStateAndACopyOnlyWhatWas) {
  StatusView view = truth_.view();
  EXPECT_TRUE(has(badge_svg(Language::en, view), ">Operational<"));
  EXPECT_TRUE(has(badge_svg(Language::ja, view), "#0b6b4c"));
  view.is_copy = true;
  const std::string copy = badge_svg(Language::en, view);
  EXPECT_TRUE(has(copy, "operational as of "));
  EXPECT_FALSE(has(copy, "#0b6b4c"));
}

TEST_F(ToldTest, SecurityTxtNamesContactExpiryAndLanguages) {
  const std::string text = get("/.well-known/security.txt");
  EXPECT_TRUE(has(text, "Contact: mailto:security@example.jp\nExpires: 20"));
  EXPECT_TRUE(has(text, "Preferred-Languages: ja, en\n"));
  options_.security_contact.clear();
  EXPECT_TRUE(get("/.well-known/security.txt").empty());
}

TEST_F(ToldTest, TextsOfPeopleNeverBecomeMarkup) {
  NoticeBoard board;
  board.notices = {first_notice(now())};
  board.notices[0].title = {"<script>alert(1)</script>", "\"><b>"};
  board.notices[0].body = {"]]> & <b>", "a;b,c\\d"};
  tell(board);
  for (const char* path : {"/", "/en/", "/notices/i20261122a", "/history.atom", "/badge.svg"}) {
    EXPECT_FALSE(has(get(path), "<script")) << path;
    EXPECT_FALSE(has(get(path), "<b>")) << path;
  }
  EXPECT_TRUE(has(get("/en/calendar.ics"), "a\\;b\\,c\\\\d"));
}

}  // namespace
}  // namespace oki::notify
