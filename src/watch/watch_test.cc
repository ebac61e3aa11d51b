// The watch, two edges and a status site, each a process of its own on a network in memory.
#include "watch/watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "notify/component_changes.h"
#include "notify/status_site.h"
#include "notify/testing/parts.h"
#include "watch/testing/fake_exchange.h"

namespace oki::watch {
namespace {

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    exchange_.accounts["a"].secret = "secret of a";
    exchange_.accounts["b"].secret = "secret of b";
    for (std::size_t i = 0; i < 2; ++i) {
      edges_.emplace_back(exchange_);
      servers_.push_back(std::make_unique<net::HttpServer>(edge_nets_[i].get(), timers_, clock_,
                                                           edges_[i], net::HttpServerOptions{}));
      edge_addresses_.push_back(servers_[i]->listen({edge_nets_[i].get().ip(), 80}).value());
    }
    site_.start();
    site_address_ = site_server_.listen({site_net_.ip(), 80}).value();
    view_ = {.leader_known = true,
             .leader_seat = 1,
             .term = {3},
             .followed = {},
             .connected = {true, true, true},
             .nodes = {}};
    start_watch();
  }

  void start_watch() {
    WatchOptions options;
    options.edges = edge_addresses_;
    options.house = {{{"a", "secret of a"}, {"b", "secret of b"}}};
    options.markets = {{"btc_jpy", 0, 4, 1, 1}, {"eth_jpy", 0, 4, 1, 1}, {"xrp_jpy", 3, 4, 1, 1}};
    options.cross = {"probe_jpy", 0, 4, 100, 10'000};
    options.status_sites = {site_address_};
    options.signing_key = notify::test_key();
    watch_ = std::make_unique<Watch>(
        Watch::Parts{clock_, timers_, watch_net_, watch_disk_, log_, watch_metrics_,
                     [this] { return view_; }, tell_, [this](const auto& rows) { on_rows(rows); }},
        std::move(options));
    watch_->start();
  }

  void on_rows(const std::vector<notify::LeaseRow>& rows) {
    for (const notify::ComponentUpdate& change : component_changes_.take(rows)) {
      changed_.push_back(change);
    }
  }

  void step_ms(std::int64_t ms) {
    timers_.advance_ms(ms, [this] { network_.run(); });
    network_.run();
  }
  std::string get(const std::string& target) {
    net::HttpRequest request;
    request.method = "GET";
    request.target = target;
    return site_.respond(request).body;
  }
  bool green() {
    return get("/api/v2/status.json").find("\"indicator\":\"none\"") != std::string::npos;
  }
  std::string indicator() {
    const std::string body = get("/api/v2/status.json");
    const std::size_t at = body.find("\"indicator\":\"") + 13;
    return body.substr(at, body.find('"', at) - at);
  }
  void become_green() {
    for (int i = 0; i < 200 && !green(); ++i) step_ms(50);
    ASSERT_TRUE(green());
  }
  // Steps until the page is not green; the time it took.
  std::int64_t ms_to_nongreen(std::int64_t limit_ms = 5000) {
    for (std::int64_t ms = 0; ms <= limit_ms; ms += 5) {
      if (!green()) return ms;
      step_ms(5);
    }
    return limit_ms;
  }
  void hang(bool hangs) {
    for (FakeEdge& edge : edges_) edge.hang(hangs);
    network_.run();
  }
  std::size_t times_in_page(const std::string& words) {
    const std::string page = get("/");
    std::size_t count = 0;
    for (auto at = page.find(words); at != std::string::npos; at = page.find(words, at + 1)) {
      ++count;
    }
    return count;
  }

  testing::StepClock clock_;
  testing::StepTimers timers_{clock_};
  testing::MemoryNetwork network_;
  std::vector<std::reference_wrapper<testing::MemoryNet>> edge_nets_{network_.host(),
                                                                     network_.host()};
  testing::MemoryNet& site_net_ = network_.host();
  testing::MemoryNet& watch_net_ = network_.host();
  std::string logged_;
  Log log_{clock_, "test", [this](ByteView line) { logged_ += line; }};
  Metrics site_metrics_;
  Metrics watch_metrics_;
  notify::MemoryDisk site_disk_;
  notify::MemoryDisk watch_disk_;
  FakeExchange exchange_{clock_};
  std::deque<FakeEdge> edges_;
  std::vector<std::unique_ptr<net::HttpServer>> servers_;
  std::vector<Address> edge_addresses_;
  notify::StatusSite site_{{clock_, site_disk_, log_, site_metrics_},
                           {.watch_public_keys = {notify::test_key().public_key}, .site = {}}};
  net::HttpServer site_server_{site_net_, timers_, clock_, site_, {}};
  Address site_address_;
  replica::ClusterView view_;
  response::Tell tell_;
  notify::ComponentChanges component_changes_;
  std::vector<notify::ComponentUpdate> changed_;
  std::unique_ptr<Watch> watch_;
};

TEST_F(WatchTest, TellsOnceOfEachComponentThatChanged) {
  become_green();
  changed_.clear();
  step_ms(2'000);
  EXPECT_TRUE(changed_.empty());
  hang(true);
  step_ms(8'000);
  const auto times = [&](notify::State now) {
    return std::count_if(changed_.begin(), changed_.end(), [&](const auto& change) {
      return change.id.name == "btc_jpy" && change.now == now;
    });
  };
  EXPECT_EQ(times(notify::State::major_outage), 1);
  EXPECT_EQ(changed_.front().before, notify::State::operational);
  hang(false);
  become_green();
  EXPECT_EQ(times(notify::State::operational), 1);
}

TEST_F(WatchTest, TurnsGreenByItselfAndStaysGreen) {
  EXPECT_FALSE(green());
  step_ms(4000);
  EXPECT_TRUE(green());
  for (int i = 0; i < 600; ++i) {
    step_ms(100);
    ASSERT_TRUE(green()) << i;
  }
  EXPECT_EQ(exchange_.open_orders(), 0u);
  EXPECT_NE(get("/api/v2/incidents.json").find("\"incidents\":[]"), std::string::npos);
}

TEST_F(WatchTest, TellsWhatItsTestTradesProve) {
  std::vector<response::Command> told;
  tell_ = [&told](response::Command command) { told.push_back(std::move(command)); };
  EXPECT_EQ(watch_->feed(), nullptr);
  watch_.reset();
  start_watch();
  ASSERT_NE(watch_->feed(), nullptr);
  step_ms(10'000);
  std::uint32_t succeeded = 0;
  for (const response::Command& command : told) {
    EXPECT_FALSE(std::holds_alternative<response::Observe>(command));
    if (const auto* proof = std::get_if<response::Prove>(&command)) {
      EXPECT_EQ(proof->failed, 0u);
      succeeded += proof->succeeded;
    }
  }
  EXPECT_GT(succeeded, 100u);
  exchange_.refusing.insert("eth_jpy");
  told.clear();
  step_ms(2'000);
  bool proven = false;
  for (const response::Command& command : told) {
    const auto* observe = std::get_if<response::Observe>(&command);
    if (observe == nullptr || observe->signal.trust != response::Trust::proof) continue;
    proven = true;
    EXPECT_EQ(observe->signal.key, "watch 1/trades/eth_jpy");
    EXPECT_GE(observe->signal.state, notify::State::partial_outage);
  }
  EXPECT_TRUE(proven);
}

TEST_F(WatchTest, EndsGreenWithinASecondOfAnOutage) {
  become_green();
  for (int i = 0; i < 40; ++i) {
    step_ms(37);
    hang(true);
    const std::int64_t took_ms = ms_to_nongreen();
    EXPECT_LE(took_ms, 1000) << i;
    EXPECT_GE(took_ms, 2 * probe_deadline_ms) << i;
    hang(false);
    become_green();
  }
}

TEST_F(WatchTest, SaysTheWholeOfAnOutageAndItsEnd) {
  become_green();
  hang(true);
  step_ms(3000);
  EXPECT_EQ(indicator(), "critical");
  step_ms(7000);
  hang(false);
  become_green();
  step_ms(notify::incident_watch_ms + 100);
  EXPECT_EQ(times_in_page("障害発生"), 1u);
  EXPECT_EQ(times_in_page("復旧: 取引の正常を確認"), 1u);
  const std::string incidents = get("/api/v2/incidents.json");
  EXPECT_NE(incidents.find("\"status\":\"resolved\""), std::string::npos);
  EXPECT_NE(incidents.find("\"impact\":\"critical\""), std::string::npos);
}

TEST_F(WatchTest, ALeaderChangeShorterThanTwoDeadlinesIsAnEventButNoOutage) {
  become_green();
  for (int i = 0; i < 30; ++i) {
    step_ms(1013);
    hang(true);
    view_.leader_known = false;
    step_ms(2 * probe_deadline_ms - 10);
    hang(false);
    view_.leader_known = true;
    view_.leader_seat = static_cast<std::uint32_t>(2 + i % 2);
    view_.term.value += 1;
    for (int ms = 0; ms < 2000; ms += 50) {
      ASSERT_TRUE(green()) << i << " after " << ms;
      step_ms(50);
    }
  }
  EXPECT_EQ(times_in_page("リーダー交代"), 30u);
  EXPECT_EQ(times_in_page("障害発生"), 0u);
}

TEST_F(WatchTest, ADeadEdgeIsAPartialOutage) {
  become_green();
  network_.crash(edge_nets_[1]);
  EXPECT_LE(ms_to_nongreen(), 1000);
  step_ms(3000);
  EXPECT_EQ(indicator(), "major");
  EXPECT_EQ(times_in_page("停止: 窓口 2"), 1u);
  const std::string components = get("/api/v2/components.json");
  EXPECT_NE(components.find("\"name\":\"Edge 2\",\"status\":\"major_outage\""), std::string::npos);
  EXPECT_NE(components.find("\"name\":\"Edge 1\",\"status\":\"operational\""), std::string::npos);
  edge_addresses_[1] = servers_[1]->listen({edge_nets_[1].get().ip(), 80}).value();
  become_green();
  EXPECT_EQ(times_in_page("起動: 窓口 2"), 1u);
}

TEST_F(WatchTest, IsNotGreenWhileMostReadsAreRefusedThoughEveryTestTradeSucceeds) {
  for (const auto status : {std::uint16_t{429}, std::uint16_t{503}}) {
    become_green();
    for (FakeEdge& edge : edges_) edge.refused_reads = {2, 3, status};
    EXPECT_LE(ms_to_nongreen(), 4'000) << status;
    step_ms(10'000);
    EXPECT_EQ(indicator(), "major");
    for (FakeEdge& edge : edges_) edge.refused_reads = {};
  }
  become_green();
  for (FakeEdge& edge : edges_) edge.refused_reads = {1, 10, 429};
  for (int i = 0; i < 100; ++i) {
    step_ms(100);
    ASSERT_TRUE(green()) << i;
  }
}

TEST_F(WatchTest, AnEdgeThatSaysItIsTakenOutIsToldAsSuchAndIsNoOutage) {
  become_green();
  edges_[1].draining = true;
  for (int i = 0; i < 200; ++i) {
    step_ms(100);
    ASSERT_TRUE(green()) << i;
  }
  EXPECT_EQ(times_in_page("計画的に切り離し: 窓口 2"), 1u);
  EXPECT_EQ(times_in_page("停止: 窓口 2"), 0u);
  EXPECT_EQ(times_in_page("障害発生"), 0u);
  const auto edge_is = [this](const std::string& state) {
    const std::string components = get("/api/v2/components.json");
    return components.find("\"name\":\"Edge 2\",\"status\":\"" + state + "\"") != std::string::npos;
  };
  EXPECT_TRUE(edge_is("degraded_performance"));
  edges_[1].draining = false;
  for (int i = 0; i < 100; ++i) {
    step_ms(100);
    ASSERT_TRUE(green()) << i;
  }
  EXPECT_TRUE(edge_is("operational"));
  EXPECT_EQ(times_in_page("切り離しを終了: 窓口 2"), 1u);
}

TEST_F(WatchTest, WithOneEdgeTakenOutAnOutageOfTheOtherIsShownAsFastAndAsMajor) {
  become_green();
  edges_[1].draining = true;
  step_ms(5'000);
  ASSERT_TRUE(green());
  edges_[0].hang(true);
  EXPECT_LE(ms_to_nongreen(), 1'000);
  step_ms(3'000);
  EXPECT_EQ(indicator(), "critical");
}

TEST_F(WatchTest, WhenEveryEdgeSaysItIsTakenOutThatIsAnOutage) {
  become_green();
  edges_[1].draining = true;
  step_ms(5'000);
  ASSERT_TRUE(green());
  edges_[0].draining = true;
  EXPECT_LE(ms_to_nongreen(), 1'000);
  for (int i = 0; i < 100; ++i) {
    step_ms(100);
    ASSERT_FALSE(green()) << i;
  }
}

TEST_F(WatchTest, AnEdgeThatIsStoppedAfterItWasTakenOutIsForgivenForAMinuteAndNoLonger) {
  become_green();
  edges_[1].draining = true;
  step_ms(5'000);
  network_.crash(edge_nets_[1]);
  for (std::int64_t ms = 0; ms < drained_silent_ms - 1'000; ms += 500) {
    ASSERT_TRUE(green()) << ms;
    step_ms(500);
  }
  step_ms(4'000);
  EXPECT_FALSE(green());
}

TEST_F(WatchTest, AnEdgeThatSaysItInItsLastBreathIsAnOutage) {
  become_green();
  edges_[1].draining = true;
  step_ms(600);
  network_.crash(edge_nets_[1]);
  EXPECT_LE(ms_to_nongreen(), drain_word_ms + 1'500);
}

TEST_F(WatchTest, AnEdgeThatComesBackBrokenIsAnOutage) {
  become_green();
  edges_[1].draining = true;
  step_ms(5'000);
  edges_[1].draining = false;
  edges_[1].refused_reads = {1, 1, 503};
  EXPECT_LE(ms_to_nongreen(), 1'500);
}

TEST(DrainWatch, OnlyAHealthPageIsAWord) {
  EXPECT_EQ(read_draining(R"({"healthy":false,"draining":true})"), true);
  EXPECT_EQ(read_draining(R"({"draining":false})"), false);
  for (const char* page : {"", "draining", "[]", "{}", "null", R"({"draining":1})",
                           R"({"draining":"true"})", R"({"draining":true)"}) {
    EXPECT_EQ(read_draining(page), std::nullopt) << page;
  }
  const std::string longer = R"({"draining":true,"x":")" + std::string(health_bytes_max, 'x');
  EXPECT_EQ(read_draining(longer + "\"}"), std::nullopt);
}

TEST_F(WatchTest, OneDeadMarketIsFoundWithinTwoSecondsAndNamed) {
  become_green();
  exchange_.refusing.insert("eth_jpy");
  EXPECT_LE(ms_to_nongreen(), 2000);
  step_ms(4000);
  const std::string components = get("/api/v2/components.json");
  EXPECT_NE(components.find("Trading ETH/JPY\",\"status\":\"major_outage\""), std::string::npos);
  EXPECT_NE(components.find("Trading BTC/JPY\",\"status\":\"operational\""), std::string::npos);
}

TEST_F(WatchTest, MoneyThatVanishesIsAMajorOutage) {
  become_green();
  step_ms(5000);
  exchange_.accounts["a"].on_hand["jpy"] -= 1;
  EXPECT_LE(ms_to_nongreen(), 3000);
  EXPECT_EQ(indicator(), "critical");
}

TEST_F(WatchTest, ADeadWatchIsNotGreenAfterTwoSeconds) {
  become_green();
  watch_.reset();
  step_ms(2000);
  EXPECT_FALSE(green());
  step_ms(3'600'000);
  EXPECT_FALSE(green());
  start_watch();
  become_green();
  EXPECT_EQ(times_in_page("監視が途絶"), 1u);
}

TEST_F(WatchTest, WhenEverythingIsDeadThePageAnswersAndIsNotGreen) {
  become_green();
  watch_.reset();
  for (auto& net : edge_nets_) network_.crash(net);
  network_.crash(watch_net_);
  for (int i = 0; i < 100; ++i) {
    step_ms(2000);
    ASSERT_FALSE(green());
    ASSERT_NE(get("/").find("現在の状態を確認できません"), std::string::npos);
  }
}

TEST_F(WatchTest, ASiteCutOffFromTheWatchIsNotGreenAndRecoversAlone) {
  become_green();
  network_.cut(watch_net_, site_net_, true);
  step_ms(2000);
  EXPECT_FALSE(green());
  step_ms(20'000);
  network_.cut(watch_net_, site_net_, false);
  become_green();
}

TEST_F(WatchTest, CancelsWhatLateAnswersLeftBehind) {
  become_green();
  for (FakeEdge& edge : edges_) edge.swallows = true;
  step_ms(15'000);
  EXPECT_FALSE(green());
  EXPECT_GT(exchange_.orders.size(), 100u);
  EXPECT_LT(exchange_.open_orders(), 4 * sweep_orders_max);
  for (FakeEdge& edge : edges_) edge.swallows = false;
  step_ms(2 * sweep_age_ms + 4 * sweep_every_ms);
  EXPECT_TRUE(green());
  EXPECT_EQ(exchange_.open_orders(), 0u);
}

TEST_F(WatchTest, FlappingStaysNotGreen) {
  become_green();
  hang(true);
  step_ms(2000);
  for (int i = 0; i < 20; ++i) {
    hang(false);
    step_ms(900);
    EXPECT_FALSE(green()) << i;
    hang(true);
    step_ms(900);
    EXPECT_FALSE(green()) << i;
  }
}

TEST_F(WatchTest, NodesThatGoAndComeAreToldAndChangeNoColour) {
  become_green();
  view_.connected[2] = false;
  step_ms(1000);
  EXPECT_TRUE(green());
  EXPECT_EQ(times_in_page("停止: ノード 3"), 1u);
  view_.connected[2] = true;
  step_ms(1000);
  EXPECT_EQ(times_in_page("起動: ノード 3"), 1u);
}

TEST_F(WatchTest, GoesOnWithItsTimelineAfterARestart) {
  become_green();
  view_.connected[2] = false;
  step_ms(1000);
  watch_.reset();
  start_watch();
  become_green();
  EXPECT_EQ(times_in_page("停止: ノード 3"), 1u);
}

TEST_F(WatchTest, IsUnderstoodAgainAfterItsClockWasSetBack) {
  become_green();
  watch_.reset();
  watch_disk_.files.clear();
  clock_.jump_wall_ms(-3'600'000);
  start_watch();
  become_green();
}

TEST_F(WatchTest, BeginsANewTimelineWhenTheOldOneIsDamaged) {
  become_green();
  watch_.reset();
  watch_disk_.files["status.document"][20] ^= 1;
  start_watch();
  EXPECT_NE(logged_.find("a new one begins"), std::string::npos);
  become_green();
}

}  // namespace
}  // namespace oki::watch
