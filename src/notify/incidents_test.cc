// Incidents out of the timeline.
#include "notify/incidents.h"

#include <gtest/gtest.h>

#include "notify/incident_text.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

WallTimeMs after(std::int64_t ms) { return {noon.value + ms}; }

TEST(IncidentsTest, AnOutageIsInvestigatedWatchedAndResolved) {
  const StatusDocument document = document_with_outage(noon);
  const auto watched = derive_incidents(document, {}, after(10'000 + incident_watch_ms - 1));
  ASSERT_EQ(watched.size(), 1u);
  EXPECT_EQ(watched[0].phase, IncidentPhase::monitoring);
  EXPECT_EQ(watched[0].began, noon);
  EXPECT_EQ(watched[0].ended, after(10'000));
  EXPECT_EQ(watched[0].worst, State::major_outage);
  EXPECT_EQ(watched[0].affected, 0b1111u);
  EXPECT_FALSE(watched[0].resolved);
  const auto resolved = derive_incidents(document, {}, after(10'000 + incident_watch_ms));
  EXPECT_EQ(resolved[0].phase, IncidentPhase::resolved);
  EXPECT_EQ(resolved[0].resolved, after(10'000 + incident_watch_ms));
  EXPECT_EQ(resolved[0].updates.size(), 4u);
  EXPECT_EQ(resolved[0].id, watched[0].id);
}

TEST(IncidentsTest, AnOutageThatReturnsSoonIsTheSameIncident) {
  StatusDocument document = document_with_outage(noon);
  add_event(document, {.at = after(12'000),
                       .kind = EventKind::outage_began,
                       .state = State::partial_outage,
                       .reason = Reason::no_proof,
                       .affected = 1});
  const auto again = derive_incidents(document, {}, after(13'000));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].phase, IncidentPhase::investigating);
  EXPECT_FALSE(again[0].ended);
  StatusDocument later = document_with_outage(noon);
  add_event(later, {.at = after(10'000 + incident_watch_ms),
                    .kind = EventKind::outage_began,
                    .state = State::partial_outage,
                    .reason = Reason::no_proof,
                    .affected = 1});
  const auto two = derive_incidents(later, {}, after(60'000));
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].began, after(10'000 + incident_watch_ms));
  EXPECT_EQ(two[1].phase, IncidentPhase::resolved);
}

TEST(IncidentsTest, AnEndWhoseBeginningIsGoneIsNoIncident) {
  StatusDocument document;
  add_event(document, {.at = noon, .kind = EventKind::outage_ended});
  add_event(document, {.at = noon, .kind = EventKind::leader_changed, .new_seat = 1});
  EXPECT_TRUE(derive_incidents(document, {}, after(1000)).empty());
}

TEST(IncidentsTest, SilencesAndOutagesAreSortedNewestFirst) {
  const StatusDocument document = document_with_outage(noon);
  const std::vector<UnknownPeriod> silences = {{after(-50'000), after(-40'000)},
                                               {after(30'000), std::nullopt}};
  const auto all = derive_incidents(document, silences, after(100'000));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].began, after(30'000));
  EXPECT_EQ(all[0].worst, State::unknown);
  EXPECT_FALSE(all[0].ended);
  EXPECT_EQ(all[2].began, after(-50'000));
  EXPECT_NE(all[0].id, all[2].id);
}

TEST(IncidentsTest, SpeaksOfThemInBothLanguages) {
  const StatusDocument document = document_with_outage(noon);
  const auto all = derive_incidents(document, {}, after(60'000));
  EXPECT_EQ(incident_body(Language::en, all[0], 0),
            "An outage was detected. State: Partial outage. Reason: test trades failed in a row.");
  EXPECT_EQ(incident_body(Language::ja, all[0], 1),
            "状況が変わりました。状態: 全面停止。原因: テスト取引が続けて失敗。");
  EXPECT_EQ(event_text(Language::ja, document, document.events[3]),
            "リーダー交代: ノード1 → ノード2（第7期）");
  EXPECT_EQ(event_text(Language::en, document, document.events[0]), "Down: Node 1");
  EXPECT_EQ(affected_text(Language::en, document, 0b0101), "BTC/JPY, Edge 1");
}

}  // namespace
}  // namespace oki::notify
