#include "drill/oracle_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oki::drill {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MonoTimeNs ms(std::int64_t value) { return {value * ns_per_ms}; }
Span span(std::int64_t from, std::int64_t to) { return {ms(from), ms(to)}; }

// Attempts of one path, one every 50 ms: 'o' worked after 1 ms, 'x' failed after a second.
void note(OracleRecord& record, std::size_t path, const std::string& attempts) {
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const MonoTimeNs begun = ms(static_cast<std::int64_t>(i) * 50);
    const bool worked = attempts[i] == 'o';
    record.note(path, {begun, begun + (worked ? 1 : 1000) * ns_per_ms, worked});
  }
}

TEST(OracleRecord, DatesAnOutageBackToTheBeginningOfItsFirstFailure) {
  OracleRecord record(2);
  note(record, 0, "oooooo");
  note(record, 1, "ooxxoo");
  EXPECT_EQ(record.stopped(ms(0)), ms(100));
  EXPECT_EQ(record.stopped(ms(120)), ms(150));
  EXPECT_EQ(record.stopped(ms(200)), std::nullopt);
  EXPECT_EQ(record.broken_paths(ms(0)), 1u);
}

TEST(OracleRecord, TakesAnswersInAnyOrder) {
  OracleRecord record(1);
  record.note(0, {ms(100), ms(110), true});
  record.note(0, {ms(50), ms(1050), false});
  record.note(0, {ms(0), ms(1), true});
  EXPECT_EQ(record.stopped(ms(0)), ms(50));
  EXPECT_EQ(record.working_since(ms(0)), ms(110));
}

TEST(OracleRecord, WorksOnlyWhenEveryPathWasTriedAndWorks) {
  OracleRecord record(2);
  note(record, 0, "xxooo");
  EXPECT_EQ(record.working_since(ms(0)), std::nullopt) << "the other path was not tried";
  note(record, 1, "xxxoo");
  EXPECT_EQ(record.working_since(ms(0)), ms(151));
  EXPECT_EQ(record.working_since(ms(1000)), std::nullopt) << "not tried since then";
  OracleRecord broken(1);
  note(broken, 0, "oox");
  EXPECT_EQ(broken.working_since(ms(0)), std::nullopt);
}

TEST(OracleRecord, CountsWhatIsBrokenBeyondTheGrace) {
  OracleRecord record(2);
  note(record, 0, "oxxxxo");  // Broken from 50 to 250.
  note(record, 1, "oooxxx");  // Broken from 150 on.
  EXPECT_THAT(record.broken_beyond(100 * ns_per_ms, ms(400)), ElementsAre(span(150, 400)));
  EXPECT_THAT(record.broken_beyond(190 * ns_per_ms, ms(300)), ElementsAre(span(240, 250)));
  EXPECT_THAT(record.broken_beyond(1000 * ns_per_ms, ms(400)), IsEmpty());
}

TEST(OracleRecord, SingleFailuresAreNoOutageBeyondAnyGrace) {
  OracleRecord record(1);
  note(record, 0, "oxoxoxoxoxoxoxoxoxoxoxoxoxo");
  EXPECT_THAT(record.broken_beyond(50 * ns_per_ms, ms(5000)), IsEmpty());
  const AttemptCounts counts = record.counts(ms(0), ms(200));
  EXPECT_EQ(counts.made, 4u);
  EXPECT_EQ(counts.failed, 2u);
}

TEST(OracleRecord, ForgetsWhatWasBeforeItsBeginning) {
  OracleRecord record(1);
  note(record, 0, "xxooxo");
  record.begin_at(ms(100));
  EXPECT_EQ(record.stopped(ms(0)), ms(200));
}

TEST(Spans, JoinWhereTheyTouchAndMeetWhereBothHold) {
  EXPECT_THAT(joined({span(5, 7), span(1, 3), span(2, 5), span(9, 9)}), ElementsAre(span(1, 7)));
  EXPECT_EQ(total_ns({span(0, 10), span(5, 20), span(30, 31)}), 21 * ns_per_ms);
  EXPECT_THAT(common({span(0, 10), span(20, 30)}, {span(5, 25)}),
              ElementsAre(span(5, 10), span(20, 25)));
}

}  // namespace
}  // namespace oki::drill
