#include "watch/pager_echo.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "crypto/crypto.h"
#include "notify/announcer.h"
#include "notify/testing/queued_disk.h"
#include "notify/testing/web_service.h"

namespace oki::watch {
namespace {

constexpr const char* configuration = R"(
[site]
url = "https://status.example.jp"
[[pages.way]]
kind = "pagerduty"
name = "ops"
url = "https://pd.example"
secret_file = "key"
)";

class PagerEchoTest : public ::testing::Test {
 protected:
  PagerEchoTest() {
    EXPECT_TRUE(world.listen({"pd.example", 443}, service, {}));
    auto config = notify::parse_channels(configuration);
    EXPECT_TRUE(load_secrets(*config, [](const std::string&, std::size_t) -> Result<Bytes> {
      return Bytes("routing-key");
    }));
    auto opened = notify::Announcer::open(
        {{ours, ours, timers, clock, random}, disk, log, metrics, nullptr}, *config, "");
    EXPECT_TRUE(opened.has_value());
    announcer = std::move(*opened);
    announcer->start({});
    state.house.people[{1}].contacts = {"mail:a@example.jp", "pagerduty:ops"};
    state.house.people[{2}].contacts = {"pagerduty:ops"};
    state.incidents[{12}].phase = response::Phase::investigating;
    echo = std::make_unique<PagerEcho>(PagerEcho::Parts{
        timers, announcer->pager(), [this]() -> const response::State& { return state; },
        [this] { return leads; }});
  }
  response::Incident& incident() { return state.incidents[{12}]; }
  std::string told() {
    for (int i = 0; i < 30; ++i) {
      timers.advance_ms(100, [this] { run(); });
      run();
    }
    std::string all;
    for (; seen < service.requests.size(); ++seen) {
      const auto json = net::parse_json(service.requests[seen].body, 100'000);
      all += notify::at(*json, "event_action") + " " + notify::at(*json, "dedup_key") + ";";
    }
    return all;
  }
  void run() {
    disk.run();
    network.run();
    disk.run();
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  testing::MemoryNetwork network;
  testing::MemoryNet& ours = network.host();
  testing::MemoryNet& world = network.host();
  notify::QueuedDisk disk;
  notify::SeededRandom random{5};
  Log log{clock, "test", {}};
  Metrics metrics;
  notify::WebService service{
      world, [](const net::HttpRequest&) { return notify::http(202, "{\"dedup_key\":\"x\"}"); }};
  std::unique_ptr<notify::Announcer> announcer;
  response::State state;
  bool leads = true;
  std::size_t seen = 0;
  std::unique_ptr<PagerEcho> echo;
};

TEST_F(PagerEchoTest, SaysOnceThatSomebodyHasItAndOnceThatItIsOver) {
  EXPECT_EQ(told(), "");
  incident().acknowledged = clock.wall_now();
  EXPECT_EQ(told(), "acknowledge okiagari/inc12;");
  EXPECT_EQ(told(), "");
  incident().phase = response::Phase::resolved;
  incident().resolved = clock.wall_now();
  EXPECT_EQ(told(), "resolve okiagari/inc12;");
  incident().phase = response::Phase::closed;
  incident().closed = clock.wall_now();
  EXPECT_EQ(told(), "");
}

TEST_F(PagerEchoTest, AReopenedIncidentIsOverAgain) {
  incident().phase = response::Phase::resolved;
  EXPECT_EQ(told(), "resolve okiagari/inc12;");
  incident().phase = response::Phase::investigating;
  incident().reopened = 1;
  EXPECT_EQ(told(), "");
  incident().phase = response::Phase::resolved;
  EXPECT_EQ(told(), "resolve okiagari/inc12;");
}

TEST_F(PagerEchoTest, OnlyTheWatchThatLeadsTellsAndNothingOfOldTimes) {
  leads = false;
  incident().phase = response::Phase::resolved;
  EXPECT_EQ(told(), "");
  state.now = {10'000'000};
  incident().phase = response::Phase::closed;
  incident().closed = WallTimeMs{1'000};
  leads = true;
  EXPECT_EQ(told(), "");
}

TEST_F(PagerEchoTest, ADrillIsToldOnlyWhereDrillsCall) {
  incident().drill = true;
  incident().phase = response::Phase::resolved;
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace oki::watch
