// What is printed of the state: calendars, timelines in words, postmortems, handovers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/calendar.h"
#include "response/calendar.h"
#include "response/markdown.h"
#include "response/markdown_html.h"
#include "response/postmortem.h"
#include "response/row_text.h"
#include "response/testing/response_world.h"

namespace oki::response {
namespace {

using notify::Language;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> lines_of(const std::string& text, const std::string& end) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (std::size_t at = text.find(end); at != std::string::npos; at = text.find(end, from)) {
    lines.push_back(text.substr(from, at - from));
    from = at + end.size();
  }
  EXPECT_EQ(from, text.size()) << "the last line has no end";
  return lines;
}

House house_with(const std::string& title) {
  World world;
  world.furnish();
  House house = world.state().house;
  house.schedules.at("primary").title = title;
  return house;
}

TEST(CalendarTest, EveryLineIsFoldedBetweenCharactersAndEndsWell) {
  std::string title;
  for (int i = 0; i < 20; ++i) title += "当番、";
  const House house = house_with(title);
  const WallTimeMs from = house.schedules.at("primary").layers[0].start;
  const std::string text =
      on_call_calendar(house, "primary", "watch.example", from, {from.value + 7 * ms_per_day});
  std::string unfolded;
  for (const std::string& line : lines_of(text, "\r\n")) {
    EXPECT_LE(line.size(), 75u);
    EXPECT_FALSE(line.empty());
    EXPECT_NE(static_cast<unsigned char>(line.back()), 0xe3u);  // Cut inside a character.
    unfolded += line.front() == ' ' ? line.substr(1) : "\n" + line;
  }
  EXPECT_THAT(unfolded, HasSubstr("SUMMARY:" + title + ": Ben"));
  EXPECT_THAT(unfolded, HasSubstr("\nBEGIN:VEVENT"));
}

TEST(CalendarTest, EscapesWhatHasAMeaning) {
  const House house = house_with("One; two, three\\four");
  const WallTimeMs from = house.schedules.at("primary").layers[0].start;
  const std::string text = on_call_calendar(house, "primary", "h", from, {from.value + 1});
  EXPECT_THAT(text, HasSubstr("SUMMARY:One\\; two\\, three\\\\four: Ben\r\n"));
}

TEST(CalendarTest, AShiftKeepsItsNameAndTheSequenceGrowsWithEveryChange) {
  House house = house_with("First line");
  Schedule& schedule = house.schedules.at("primary");
  schedule.layers[0].people = {ben, aki};
  const WallTimeMs start = schedule.layers[0].start;
  const auto calendar = [&](std::int64_t from_day, std::int64_t to_day) {
    return on_call_calendar(house, "primary", "h", {start.value + from_day * ms_per_day + 1},
                            {start.value + to_day * ms_per_day});
  };
  const std::string uid = "UID:primary-" + std::to_string(start.value + 2 * ms_per_day) + "@h\r\n";
  EXPECT_THAT(calendar(0, 5), HasSubstr(uid));
  EXPECT_THAT(calendar(2, 3), HasSubstr(uid));
  EXPECT_THAT(calendar(3, 9), Not(HasSubstr(uid)));
  EXPECT_THAT(calendar(0, 5), HasSubstr("SEQUENCE:1\r\n"));
  apply(house, PutSchedule{"primary", schedule}, {start.value + 5'000});
  EXPECT_THAT(calendar(0, 5), HasSubstr("SEQUENCE:2\r\nDTSTAMP:20251121T150005Z\r\n"));
  EXPECT_THAT(calendar(0, 5), HasSubstr("DTSTART:20251123T150000Z\r\nDTEND:20251124T150000Z\r\n"));
}

TEST(RowTextTest, EveryKindHasWordsInBothLanguagesWithTheSameValues) {
  for (std::uint8_t i = 0; i < row_kinds; ++i) {
    const RowWordsOf& words = words_of(static_cast<RowKind>(i));
    const std::string ja = words.ja;
    const std::string en = words.en;
    EXPECT_FALSE(ja.empty() || en.empty());
    EXPECT_NE(ja, en);
    for (const char* value : {"{0}", "{1}", "{2}", "{3}"}) {
      EXPECT_EQ(ja.find(value) == std::string::npos, en.find(value) == std::string::npos) << en;
    }
  }
}

TEST(RowTextTest, SaysWhoDidWhatInOneLine) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  world.send(HandOver{aki, id, Role::communications, chie, "Promised\n14:00."});
  const House& house = world.state().house;
  Row row;
  for (const Row& each : world.incident(1).rows) {
    if (each.kind == RowKind::handed_over) row = each;
  }
  EXPECT_EQ(row_text(Language::ja, house, row), "広報をChieへ引き継ぎ（Aki）: Promised 14:00.");
  EXPECT_EQ(row_text(Language::en, house, row),
            "Aki hands communications over to Chie: Promised 14:00.");
  EXPECT_EQ(gate_text(Language::en, 0), "nothing");
  EXPECT_EQ(gate_text(Language::ja, gate::one_prober | gate::ledger),
            "テスト取引が一か所からのみ、台帳の検査");
}

ScopeReport some_scope() {
  ScopeReport scope;
  scope.complete = true;
  scope.services = {"trading"};
  scope.accounts = 1'234;
  scope.withdrawals = 5;
  scope.withdrawn = {{"btc", 150'000'000, 8}};
  scope.accounts_failed = 80;
  scope.accounts_waiting = 1'200;
  scope.markets = {{"btc_jpy", 1'234, 80, 1'200, 77, 3, 2, 1, 9, {{"btc", 1'000, 4}}}};
  return scope;
}

TEST(PostmortemTest, HoldsTheNumbersTheTimelineAndItsLinks) {
  World world;
  world.furnish();
  world.resolve_one();
  world.send(AddItem{aki, {1}, "Weekly failover | <b>drill</b>", ben, world.now()});
  for (const Language language : {Language::ja, Language::en}) {
    const std::string text = postmortem_draft(language, world.state(), {1}, some_scope(),
                                              rank_causes(world.state(), {1}));
    EXPECT_THAT(text, HasSubstr("| btc\\_jpy | 1234 | 77 | 3 | 2 | 1 | 9 | 0.1000 btc |"));
    EXPECT_THAT(text, HasSubstr("5 (1.50000000 btc)"));
    EXPECT_THAT(text, HasSubstr("Weekly failover \\| &lt;b\\>drill&lt;/b\\>"));
    for (const Row& row : world.incident(1).rows) {
      EXPECT_THAT(text, HasSubstr(rfc3339_utc(row.at)));
      EXPECT_THAT(text, HasSubstr("| " + std::to_string(row.index.value) + ", "));
    }
  }
}

TEST(PostmortemTest, SaysSoWhenThePromiseWasMissedAndNoNoticeWentOut) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  world.send(Promise{chie, id, {world.now().value + 1'000}});
  world.advance(1'000);
  world.send(Tick{});
  const std::string text = postmortem_draft(Language::en, world.state(), id, {}, {});
  EXPECT_THAT(text, HasSubstr("- Promised updates missed: 1\n"));
  EXPECT_THAT(text, HasSubstr("- No notice was published\n"));
  EXPECT_THAT(text, HasSubstr("the numbers are lower bounds"));
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(MarkdownPageTest, IsBalancedAndShowsWhatPeopleWroteAsText) {
  World world;
  world.furnish();
  world.resolve_one();
  const std::string nasty = "<script>alert('x')</script> | **bold** `code` & \\ # -";
  world.send(AddItem{aki, {1}, nasty, ben, world.now()});
  for (const Language language : {Language::ja, Language::en}) {
    const std::string page =
        markdown_page(language, postmortem_draft(language, world.state(), {1}, some_scope(), {}));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
    EXPECT_THAT(page, HasSubstr("| **bold** `code` &amp; \\ # -"));
    EXPECT_THAT(page, HasSubstr("<td>btc_jpy</td>\n<td>1234</td>"));
    for (const char* tag : {"table", "tr", "td", "th", "ul", "li", "h2", "p"}) {
      const std::string name = tag;
      EXPECT_EQ(count_of(page, "<" + name + ">"), count_of(page, "</" + name + ">")) << tag;
      EXPECT_GT(count_of(page, "<" + name + ">") + (name == "p" ? 1u : 0u), 0u) << tag;
    }
    EXPECT_EQ(count_of(page, "<h2>"), 7u);
  }
}

TEST(MarkdownPageTest, TakesAnything) {
  for (const char* text : {"", "|", "- ", "  - deep first", "- a\n  - b\n- c\n| x |\n- d", "`open",
                           "**open", "\\", "&", "# "}) {
    const std::string page = markdown_page(Language::en, text);
    EXPECT_EQ(count_of(page, "<ul>"), count_of(page, "</ul>")) << text;
    EXPECT_EQ(count_of(page, "<li>"), count_of(page, "</li>")) << text;
    EXPECT_THAT(page, HasSubstr("</main>\n</body>\n</html>\n"));
  }
}

TEST(HandoverTest, SaysWhatIsPendingAndWhatTheGateLacks) {
  World world;
  world.furnish();
  const IncidentId id = world.confirm_one();
  world.send(TakeRole{aki, id, Role::commander});
  world.send(ProposeNotice{chie, id, world.notice(id, notify::NoticePhase::investigating)});
  world.send(RequestStep{aki, id, "restart edge", "restart"});
  const std::string text = handover_summary(Language::en, world.state(), id);
  EXPECT_THAT(text, HasSubstr("- commander: Aki\n"));
  EXPECT_THAT(text, HasSubstr("- Notice to approve: 1 (Chie)\n"));
  EXPECT_THAT(text, HasSubstr("- Step to approve: restart edge / restart\n"));
  EXPECT_THAT(text, HasSubstr("a signal still fires"));
  EXPECT_THAT(text, HasSubstr("- test_trade cross"));
}

}  // namespace
}  // namespace oki::response
