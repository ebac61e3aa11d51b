// The scope of an incident against one that was computed in another way, over random faults; and
// the reading of it from edges and the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "edge/records_page.h"
#include "history/testing/small.h"
#include "net/metrics_server.h"
#include "response/scope_reader.h"
#include "response/testing/scope_world.h"
#include "store/testing/memory_disk.h"

namespace oki::response {
namespace {

using edge::FailedRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What only the calculator fills in.
ScopeReport comparable(ScopeReport report) {
  report.first = report.last = {};
  report.complete = false;
  report.missing.clear();
  report.accounts_digest.clear();
  return report;
}

void finish(ScopeCalculator& calculator) {
  for (int steps = 0; !calculator.step(); ++steps) ASSERT_LT(steps, 100'000);
}

TEST(ScopeTest, EqualsAnotherComputationOverAThousandRandomFaults) {
  std::uint64_t accounts = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    ScopeWorldOptions options;
    options.accounts = 5 + seed % 40;
    options.orders = 20 + seed % 200;
    options.markets = static_cast<std::uint16_t>(1 + seed % 4);
    ScopeWorld world(seed, options);
    ScopeLog log({});
    std::vector<FailedRequest> records;
    world.run([&log](const replica::EventBlock& block) { log.on_block(block); },
              [&records](std::size_t, const FailedRequest& record) { records.push_back(record); });
    ASSERT_NE(log.tables(), nullptr);
    ScopeLimits limits;
    limits.rows_per_step = 1 + seed % 50;
    ScopeCalculator calculator(*log.tables(), world.query(), world.house_accounts(), limits);
    for (const FailedRequest& record : records) calculator.add(record);
    finish(calculator);
    const ScopeReport report = calculator.take_report();
    ASSERT_EQ(to_json(comparable(report)), to_json(comparable(world.expected_report()))) << seed;
    ASSERT_EQ(calculator.take_accounts(), world.expected_accounts()) << seed;
    EXPECT_TRUE(report.complete) << seed;
    EXPECT_LE(report.first, report.last);
    accounts += report.accounts;
  }
  EXPECT_GT(accounts, 1'000u);
}

// --- The log.
replica::EventBlock block_of(const ScopeTables* before, std::int64_t time,
                             const std::vector<core::Event>& events) {
  replica::EventBlock block;
  block.index = {before == nullptr ? 1 : before->index.value + 1};
  block.hash_before = before == nullptr ? 0 : before->hash;
  block.time = {time};
  for (const core::Event& event : events) core::append(block.events, event);
  block.hash = replica::event_hash(block.hash_before, block.index, block.time, block.events);
  return block;
}

core::OrderAccepted accepted(std::uint64_t id) {
  core::OrderView order;
  order.id = {id};
  order.account = {7};
  return {order};
}

core::OrderChanged canceled(std::uint64_t id) {
  core::OrderChanged change;
  change.id = {id};
  change.account = {7};
  change.status = core::OrderStatus::canceled_unfilled;
  return change;
}

std::vector<core::Event> one_market() {
  core::MarketSpec market;
  market.name = "btc_jpy";
  return {core::AssetAdded{{0}, {"btc", 8}}, core::MarketAdded{{0}, market}};
}

void tell(ScopeLog& log, std::int64_t time, const std::vector<core::Event>& events) {
  log.on_block(block_of(log.tables(), time, events));
}

TEST(ScopeLogTest, ForgetsWhatWasClosedLongAgoAndSaysSo) {
  ScopeLogOptions options;
  options.kept_ms = 1'000;
  ScopeLog log(options);
  tell(log, 1, one_market());
  tell(log, 2, {accepted(1), accepted(2)});
  tell(log, 10, {canceled(1)});
  EXPECT_EQ(log.tables()->whole_since.value, 0);
  EXPECT_EQ(log.tables()->closed.size(), 1u);
  tell(log, 1'011, {canceled(2)});
  EXPECT_EQ(log.tables()->closed.size(), 1u);
  EXPECT_EQ(log.tables()->whole_since.value, 10);
}

TEST(ScopeLogTest, KeepsNoMoreClosedOrdersThanItMay) {
  ScopeLogOptions options;
  options.closed_max = 3;
  ScopeLog log(options);
  tell(log, 1, one_market());
  for (std::uint64_t id = 1; id <= 5; ++id) tell(log, 2, {accepted(id)});
  for (std::uint64_t id = 1; id <= 5; ++id) {
    tell(log, 10 + static_cast<std::int64_t>(id), {canceled(id)});
  }
  EXPECT_EQ(log.tables()->closed.size(), 3u);
  EXPECT_EQ(log.tables()->whole_since.value, 12);
}

TEST(ScopeLogTest, WithMoreOpenOrdersThanItMayHoldNothingIsWhole) {
  ScopeLogOptions options;
  options.open_max = 1;
  ScopeLog log(options);
  tell(log, 1, one_market());
  tell(log, 2, {accepted(1), accepted(2)});
  tell(log, 3, {canceled(2)});
  EXPECT_EQ(log.tables()->whole_since, notify::time_max);
}

TEST(ScopeLogTest, DropsACopyThatContradictsItsEvents) {
  ScopeLog log({});
  tell(log, 1, one_market());
  tell(log, 2, {accepted(1)});
  tell(log, 3, {accepted(1)});
  EXPECT_FALSE(log.has_copy());
  replica::EventBlock broken = block_of(nullptr, 1, one_market());
  broken.events.pop_back();
  log.on_block(broken);
  EXPECT_FALSE(log.has_copy());
}

TEST(ScopeLogTest, StandsStillWhileItIsHeldAndCatchesUp) {
  ScopeLogOptions options;
  options.held_bytes_max = 100;
  ScopeLog log(options);
  tell(log, 1, one_market());
  const replica::EventBlock second = block_of(log.tables(), 2, {accepted(1)});
  log.hold();
  log.on_block(second);
  EXPECT_EQ(log.tables()->open_count, 0u);
  EXPECT_EQ(log.stands_at()->index, second.index);
  EXPECT_FALSE(log.ready());
  log.release();
  EXPECT_EQ(log.tables()->open_count, 1u);
  EXPECT_TRUE(log.ready());
}

TEST(ScopeLogTest, StartsFromASnapshotAsIfItHadReadEverything) {
  history::Small small;
  ScopeLog from_start({});
  history::Feed feed;
  history::trade_a_little(feed);
  from_start.on_block(feed.block());
  ScopeLog from_snapshot({});
  ASSERT_TRUE(from_snapshot
                  .on_snapshot(small.projection.index(), small.projection.event_hash(),
                               small.projection.snapshot())
                  .has_value());
  ASSERT_NE(from_snapshot.tables(), nullptr);
  EXPECT_EQ(from_snapshot.tables()->open_count, from_start.tables()->open_count);
  EXPECT_GT(from_start.tables()->open_count, 0u);
  EXPECT_EQ(from_snapshot.tables()->hash, from_start.tables()->hash);
  EXPECT_EQ(from_snapshot.tables()->markets.size(), 1u);
  EXPECT_FALSE(from_snapshot.on_snapshot({1}, 0, "damaged").has_value());
  EXPECT_FALSE(from_snapshot.has_copy());
}

// --- What an incident asks for.
TEST(ScopeQueryTest, FollowsFromTheComponents) {
  using notify::ComponentKind;
  House house;
  house.components = {{{ComponentKind::edge, "1"}, 2, {}}, {{ComponentKind::edge, "2"}, 2, {}}};
  house.services = {{"trading", "", "", {{ComponentKind::market, "btc_jpy"}}}};
  Incident incident;
  incident.began = {100};
  incident.components = {{ComponentKind::market, "btc_jpy"}};
  ScopeQuery query = scope_query(house, incident, {500});
  EXPECT_EQ(query.to.value, 500);
  EXPECT_THAT(query.markets, ElementsAre("btc_jpy"));
  EXPECT_THAT(query.services, ElementsAre("trading"));
  EXPECT_FALSE(query.all_markets || query.all_requests || query.withdrawals);
  incident.ended = WallTimeMs{400};
  incident.components = {{ComponentKind::edge, "1"}};
  query = scope_query(house, incident, {500});
  EXPECT_EQ(query.to.value, 400);
  EXPECT_TRUE(query.all_requests && !query.all_markets && query.markets.empty());
  incident.components.push_back({ComponentKind::edge, "2"});
  EXPECT_TRUE(scope_query(house, incident, {500}).all_markets);
  incident.components = {{ComponentKind::node, "1"}};
  query = scope_query(house, incident, {500});
  EXPECT_TRUE(query.all_markets && query.withdrawals && query.all_requests);
}

// --- Reading it from running parts.
struct RunningEdge {
  RunningEdge(oki::testing::StepClock& step_clock, Timers& timers, oki::testing::MemoryNet& host)
      : clock(step_clock), server(host, timers, step_clock, metrics) {
    open();
    server.add_handler(
        std::string(edge::records_path),
        [this](const net::HttpRequest& request, const net::MetricsServer::Respond& respond) {
          edge::answer_records(*records, request, respond);
        });
    address = server.listen({host.ip(), 0}).value_or(Address{});
  }
  void open() {
    records.reset();
    records = std::move(*edge::Records::open({clock, log, metrics}, disk, {}));
  }

  oki::testing::StepClock& clock;
  Log log{clock, "edge", {}};
  Metrics metrics;
  store::MemoryDisk disk{1};
  std::unique_ptr<edge::Records> records;
  net::MetricsServer server;
  Address address;
};

struct ScopeReaderTest : ::testing::Test {
  ScopeReaderTest() {
    world.run([this](const replica::EventBlock& block) { log.on_block(block); },
              [this](std::size_t edge, const FailedRequest& record) {
                (edge == 0 ? first : second).records->add(record);
              });
    options.house_accounts = world.house_accounts();
    options.edges = {first.address, second.address};
  }

  ScopeReading read(const ScopeQuery& query) {
    ScopeReader reader({timers, client_net, log}, options);
    std::optional<ScopeReading> reading;
    reader.read(query, [&reading](ScopeReading got) { reading = std::move(got); });
    EXPECT_FALSE(reading.has_value());
    for (int i = 0; i < 1'000 && !reading; ++i) {
      network.run();
      timers.advance_ms(10, [this] { network.run(); });
    }
    EXPECT_TRUE(reading.has_value());
    return reading.value_or(ScopeReading{});
  }
  ScopeReading read() { return read(world.query()); }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& first_net = network.host();
  oki::testing::MemoryNet& second_net = network.host();
  oki::testing::MemoryNet& client_net = network.host();
  RunningEdge first{clock, timers, first_net};
  RunningEdge second{clock, timers, second_net};
  ScopeWorld world{5, {.accounts = 50, .orders = 400, .markets = 3, .edges = 2}};
  ScopeLog log{{}};
  ScopeReaderOptions options;
};

TEST_F(ScopeReaderTest, EqualsTheOtherComputation) {
  const ScopeReading reading = read();
  EXPECT_EQ(to_json(comparable(reading.report)), to_json(comparable(world.expected_report())));
  EXPECT_EQ(reading.accounts, world.expected_accounts());
  EXPECT_THAT(reading.report.missing, IsEmpty());
  EXPECT_TRUE(reading.report.complete);
  EXPECT_EQ(reading.report.accounts_digest.size(), 64u);
}

TEST_F(ScopeReaderTest, SaysWhichEdgeIsMissing) {
  network.crash(second_net);
  const ScopeReading reading = read();
  EXPECT_FALSE(reading.report.complete);
  ASSERT_EQ(reading.report.missing.size(), 1u);
  EXPECT_THAT(reading.report.missing[0], HasSubstr("10.0.0.2"));
  EXPECT_GT(reading.report.accounts, 0u);
}

TEST_F(ScopeReaderTest, SaysWhenAnEdgeWasStartedAnewMeanwhile) {
  clock.jump_wall_ms(world.query().to.value + 1'000 - clock.wall_now().value);
  first.open();
  const ScopeReading reading = read();
  EXPECT_FALSE(reading.report.complete);
  ASSERT_EQ(reading.report.missing.size(), 1u);
  EXPECT_THAT(reading.report.missing[0], HasSubstr("started anew"));
}

TEST_F(ScopeReaderTest, SaysWhenRecordsWereLost) {
  first.disk.fail_operation(0, Errc::full);
  first.records->add({});
  const ScopeReading reading = read();
  EXPECT_FALSE(reading.report.complete);
  ASSERT_EQ(reading.report.missing.size(), 1u);
  EXPECT_THAT(reading.report.missing[0], HasSubstr("some were lost"));
}

TEST_F(ScopeReaderTest, WaitsForTheLogAndThenReadsWhatIsThere) {
  ScopeQuery query = world.query();
  query.to = {log.tables()->time.value + 500};
  const ScopeReading late = read(query);
  EXPECT_FALSE(late.report.complete);
  EXPECT_THAT(late.report.missing, ElementsAre(HasSubstr("not been read to the end")));
  ScopeLog unknown{{}};
  ScopeReader reader({timers, client_net, unknown}, options);
  std::optional<ScopeReading> reading;
  reader.read(world.query(), [&reading](ScopeReading got) { reading = std::move(got); });
  timers.advance_ms(10'000, [this] { network.run(); });
  ASSERT_TRUE(reading.has_value());
  EXPECT_THAT(reading->report.missing[0], HasSubstr("The log is not known yet"));
}

TEST_F(ScopeReaderTest, AnEdgeThatAnswersNonsenseIsMissingAndStopsNothing) {
  net::MetricsServer odd(client_net, timers, clock, first.metrics);
  odd.add_handler(std::string(edge::records_path),
                  [](const net::HttpRequest&, const net::MetricsServer::Respond& respond) {
                    respond(net::text_response(200, "nonsense"));
                  });
  net::MetricsServer endless(client_net, timers, clock, first.metrics);
  endless.add_handler(std::string(edge::records_path),
                      [](const net::HttpRequest&, const net::MetricsServer::Respond& respond) {
                        edge::RecordPage page;
                        page.next = edge::RecordPlace{1, 0};
                        respond(net::text_response(200, edge::encode(page)));
                      });
  options.edges.push_back(*odd.listen({client_net.ip(), 0}));
  options.edges.push_back(*endless.listen({client_net.ip(), 0}));
  const ScopeReading reading = read();
  EXPECT_THAT(reading.report.missing,
              ElementsAre(HasSubstr("are no records"), HasSubstr("do not end")));
  EXPECT_EQ(reading.accounts, world.expected_accounts());
}

TEST_F(ScopeReaderTest, OneAfterTheOtherAndNoMoreThanMayWait) {
  options.waiting_max = 2;
  ScopeReader reader({timers, client_net, log}, options);
  std::vector<ScopeReading> readings;
  for (int i = 0; i < 3; ++i) {
    reader.read(world.query(),
                [&readings](ScopeReading got) { readings.push_back(std::move(got)); });
  }
  timers.advance_ms(10'000, [this] { network.run(); });
  ASSERT_EQ(readings.size(), 3u);
  EXPECT_THAT(readings[0].report.missing, ElementsAre(HasSubstr("Too many wait")));
  EXPECT_TRUE(readings[1].report.complete && readings[2].report.complete);
  EXPECT_EQ(readings[1].accounts, readings[2].accounts);
  EXPECT_TRUE(log.ready());
}

}  // namespace
}  // namespace oki::response
