// What runbooks look at and reach outside of this process: edges, metrics, children, a supervisor.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "host/loop.h"
#include "response/runbook/change_follower.h"
#include "response/runbook/executor.h"
#include "response/runbook/looker.h"
#include "response/runbook/supervisor.h"

namespace oki::response {
namespace {

// --- Looking.

struct LookerTest : ::testing::Test {
  LookerTest() {
    config.edges = {{"e1", 80}, {"e2", 80}};
    config.edge_metrics = {{"e1", 91}, {"e2", 91}};
    config.nodes = {{"n1", 70}};
    config.node_metrics = {{"n1", 91}};
  }

  Looked look(const std::string& text) {
    ExchangeLooker looker(
        {[this](const Address& server, const std::string& target,
                const std::function<void(Result<net::HttpResponse>)>& done) {
           const auto found = pages.find(to_string(server) + target);
           if (found == pages.end()) return done(error(Errc::unavailable, "no answer"));
           done(net::json_response(found->second.first, found->second.second));
         },
         [this] { return green; }, [this] { return counter.counts(); }, [this] { return view; }},
        config);
    Looked seen{false, "nothing came"};
    looker.look(parse_condition(text).value(), since, [&](const Looked& looked) { seen = looked; });
    return seen;
  }
  void put(const std::string& where, const std::string& body, std::uint16_t status = 200) {
    pages[where] = {status, body};
  }
  void put_market(const std::string& edge, const char* status, bool stops, const char* mode) {
    put(edge + "/v1/spot/status", R"({"success":1,"data":{"statuses":[{"pair":"eth_jpy","status":)"
                                  R"("HALT"},{"pair":"btc_jpy","status":")" +
                                      std::string(status) + "\"}]}}");
    put(edge + "/v1/spot/pairs",
        R"({"success":1,"data":{"pairs":[{"name":"btc_jpy","stop_order":)" +
            std::string(stops ? "true" : "false") + "}]}}");
    put(edge + "/btc_jpy/circuit_break_info",
        R"({"success":1,"data":{"mode":")" + std::string(mode) + "\"}}");
  }

  ActionsConfig config;
  std::map<std::string, std::pair<std::uint16_t, std::string>> pages;
  bool green = false;
  TradeCounter counter;
  TradeCounts since;
  replica::ClusterView view;
};

TEST_F(LookerTest, AMarketIsWhatAnyEdgeThatAnswersSays) {
  EXPECT_FALSE(look("market btc_jpy is trading").holds);
  put("e1:80/v1/spot/status", "broken", 503);
  put_market("e2:80", "NORMAL", false, "NONE");
  EXPECT_TRUE(look("market btc_jpy is trading").holds);
  EXPECT_FALSE(look("market btc_jpy is halted").holds);
  EXPECT_FALSE(look("market xrp_jpy is trading").holds);
  put_market("e2:80", "HALT", false, "NONE");
  EXPECT_TRUE(look("market btc_jpy is halted").holds);
  EXPECT_FALSE(look("market btc_jpy is trading").holds);
  put_market("e2:80", "BUSY", true, "NONE");
  EXPECT_TRUE(look("market btc_jpy is cancel_only").holds);
  EXPECT_FALSE(look("market btc_jpy is trading").holds);
  put_market("e2:80", "NORMAL", false, "RESUMPTION");
  EXPECT_TRUE(look("market btc_jpy is auction").holds);
  EXPECT_FALSE(look("market btc_jpy is trading").holds);
}

TEST_F(LookerTest, AnswersThatCannotBeReadHoldNothing) {
  for (const char* bad : {"", "[]", "{}", R"({"data":{"statuses":[]}})",
                          R"({"data":{"statuses":[{"pair":"btc_jpy","status":5}]}})"}) {
    put("e1:80/v1/spot/status", bad);
    EXPECT_FALSE(look("market btc_jpy is trading").holds) << bad;
  }
  for (const char* bad : {"", "[]", R"({"healthy":true})", R"({"draining":true})"}) {
    put("e1:80/healthz", bad, 503);
    EXPECT_FALSE(look("edge 1 is draining").holds) << bad;
    EXPECT_FALSE(look("edge 1 is serving").holds) << bad;
  }
}

TEST_F(LookerTest, AnEdgeIsServingWhenItsHealthSaysSo) {
  put("e1:80/healthz", R"({"healthy":true,"draining":false})");
  EXPECT_TRUE(look("edge 1 is serving").holds);
  EXPECT_FALSE(look("edge 1 is draining").holds);
  put("e1:80/healthz", R"({"healthy":false,"draining":true})", 503);
  EXPECT_TRUE(look("edge 1 is draining").holds);
  put("e1:80/healthz", R"({"healthy":false,"draining":false})", 503);
  EXPECT_FALSE(look("edge 1 is serving").holds);
  EXPECT_FALSE(look("edge 2 is serving").holds);
  EXPECT_FALSE(look("edge 3 is serving").holds);
}

TEST_F(LookerTest, AProcessIsUpWhenItsMetricsAreAnswered) {
  put("n1:91/metrics", "okiagari_x 1\n");
  EXPECT_TRUE(look("process node1 is up").holds);
  EXPECT_FALSE(look("process node1 is down").holds);
  EXPECT_TRUE(look("process edge2 is down").holds);
  EXPECT_FALSE(look("process node2 is up").holds);
  EXPECT_FALSE(look("process status is up").holds);
}

TEST_F(LookerTest, AMetricIsTheSumOfItsSeries) {
  put("e1:91/metrics",
      "# HELP okiagari_a a\nokiagari_a{x=\"1\"} 2\nokiagari_a{x=\"b c\"} 3\nokiagari_ab 100\n"
      "okiagari_bad 1.5\n");
  EXPECT_TRUE(look("metric okiagari_a of edge1 = 5").holds);
  EXPECT_TRUE(look("metric okiagari_a of edge1 > 4").holds);
  EXPECT_FALSE(look("metric okiagari_a of edge1 < 5").holds);
  EXPECT_FALSE(look("metric okiagari_none of edge1 = 0").holds);
  EXPECT_FALSE(look("metric okiagari_bad of edge1 = 1").holds);
  EXPECT_FALSE(look("metric okiagari_a of edge2 = 5").holds);
}

TEST_F(LookerTest, TestTradesAreCountedFromTheEndOfTheActionAndAnewAfterAFailure) {
  counter.on({"prober 1", {}, {}, 100, 0});
  since = counter.counts();
  EXPECT_FALSE(look("test trades 4 by 2").holds);
  counter.on({"prober 1", {}, {}, 4, 0});
  EXPECT_FALSE(look("test trades 4 by 2").holds);
  counter.on({"prober 2", {}, {}, 1, 0});
  EXPECT_TRUE(look("test trades 4 by 2").holds);
  counter.on({"prober 2", {}, {}, 0, 1});
  EXPECT_FALSE(look("test trades 4 by 2").holds);
  counter.on({"prober 1", {}, {}, 3, 0});
  counter.on({"prober 2", {}, {}, 1, 0});
  EXPECT_TRUE(look("test trades 4 by 2").holds);
}

TEST_F(LookerTest, LeadersAndGreenAreWhatTheWatchSees) {
  EXPECT_FALSE(look("a leader").holds);
  view.leader_known = true;
  view.leader_seat = 2;
  EXPECT_TRUE(look("a leader").holds);
  EXPECT_TRUE(look("leader is 2").holds);
  EXPECT_FALSE(look("leader is 1").holds);
  EXPECT_FALSE(look("green").holds);
  green = true;
  EXPECT_TRUE(look("green").holds);
}

// --- Children.

struct ExecutorTest : ::testing::Test {
  ExecutorTest() {
    char made[] = "/tmp/okiagari-executor-XXXXXX";
    directory = mkdtemp(made);
    executor = std::make_unique<ChildExecutor>(loop.timers(), loop.clock(), directory);
  }
  ~ExecutorTest() override { std::filesystem::remove_all(directory); }

  Result<Executed> run(const std::vector<std::string>& words, std::int64_t timeout_ms = 20'000) {
    Result<Executed> result;
    executor->run(words, timeout_ms, [&](Result<Executed> executed) {
      result = std::move(executed);
      loop.stop();
    });
    loop.run();
    return result;
  }

  host::Loop loop;
  std::string directory;
  std::unique_ptr<ChildExecutor> executor;
};

TEST_F(ExecutorTest, KeepsOutputAndExitCode) {
  const auto done = run({"/bin/sh", "-c", "echo out; echo fault >&2; exit 3"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->output, "out\nfault\n");
  EXPECT_FALSE(done->timed_out);
  EXPECT_EQ(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator());
}

TEST_F(ExecutorTest, NoShellReadsTheWords) {
  const auto done = run({"/bin/echo", "$(id); `id` && * | 'x' \"y\" ;"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->output, "$(id); `id` && * | 'x' \"y\" ;\n");
}

TEST_F(ExecutorTest, TheEnvironmentIsEmptyButForThePath) {
  setenv("OKIAGARI_SECRET_OF_TEST", "secret", 1);
  const auto done = run({"/usr/bin/env"});
  unsetenv("OKIAGARI_SECRET_OF_TEST");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->output, "PATH=/usr/bin:/bin\n");
}

TEST_F(ExecutorTest, EndsWhatTakesTooLongAndWhatIgnoresThat) {
  const auto done = run({"/bin/sh", "-c", "trap '' TERM; echo begun; while :; do :; done"}, 200);
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->timed_out);
  EXPECT_EQ(done->exit_code, 128 + 9);
  EXPECT_EQ(done->output, "begun\n");
}

TEST_F(ExecutorTest, KeepsTheBeginningOfMuchOutput) {
  const auto done = run({"/usr/bin/head", "-c", "200000", "/dev/zero"});
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->cut);
  EXPECT_EQ(done->output.size(), output_bytes_max);
}

TEST_F(ExecutorTest, RefusesWhatCannotBeRunAndASecondOneMeanwhile) {
  EXPECT_EQ(run({"/nowhere/program"}).error().code, Errc::not_found);
  EXPECT_EQ(run({}).error().code, Errc::invalid);
  EXPECT_EQ(run({"/tmp"})->exit_code, 127);  // A directory.
  int ended = 0;
  Result<Executed> second;
  executor->run({"/bin/true"}, 1'000, [&](const Result<Executed>&) {
    if (++ended == 2) loop.stop();
  });
  executor->run({"/bin/true"}, 1'000, [&](Result<Executed> executed) {
    second = std::move(executed);
    if (++ended == 2) loop.stop();
  });
  loop.run();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::full);
}

// --- The supervisor.

TEST(Supervisor, DoesWhatIsAskedWithTheTokenAndNothingElse) {
  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  std::vector<std::string> done;
  const Bytes token(32, 's');
  Supervisor supervisor({network.host(), timers, clock}, token,
                        [&](ProcessVerb verb, const std::string& process) -> Result<std::string> {
                          if (process == "node9") return error(Errc::not_found, "no such node");
                          done.push_back(std::to_string(static_cast<int>(verb)) + process);
                          return "done";
                        });
  const auto ask = [&](const std::string& body, const std::string& with, const char* path) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = path;
    request.body = body;
    request.headers = {{"Authorization", "Bearer " + with}};
    return supervisor.answer(request).status;
  };
  const std::string good = R"({"do":"restart","process":"edge1"})";
  EXPECT_EQ(ask(good, token, "/process"), 200);
  EXPECT_EQ(ask(R"({"do":"replace","process":"node2"})", token, "/process"), 200);
  EXPECT_EQ(done, (std::vector<std::string>{"0edge1", "3node2"}));
  EXPECT_EQ(ask(good, "wrong", "/process"), 401);
  EXPECT_EQ(ask(good, token, "/other"), 404);
  EXPECT_EQ(ask(R"({"do":"restart","process":"node9"})", token, "/process"), 409);
  for (const char* bad : {"", "[]", "{}", R"({"do":"kill","process":"edge1"})",
                          R"({"do":"restart","process":"edge1; id"})", R"({"do":1,"process":2})"}) {
    EXPECT_EQ(ask(bad, token, "/process"), 400) << bad;
  }
  EXPECT_EQ(done.size(), 2u);
}

// --- Changes.

struct FollowerTest : ::testing::Test {
  FollowerTest()
      : follower(
            {clock, timers,
             [this](std::size_t edge, net::HttpRequest request,
                    const std::function<void(Result<net::HttpResponse>)>& done) {
               targets.push_back(request.target);
               EXPECT_EQ(request.header("Authorization"), "Bearer tok");
               if (edge == 1) return done(error(Errc::unavailable, "down"));
               done(net::json_response(200, page));
             },
             [this](Command command) { told.push_back(std::get<RecordChange>(command).change); }},
            2, "tok") {}

  std::string change(int number, std::int64_t age_ms, const char* kind, const char* words) {
    return R"({"number":)" + std::to_string(number) + R"(,"at":)" +
           std::to_string(clock.wall_now().value - age_ms) + R"(,"kind":")" + kind +
           R"(","version":2,"by":"aki","words":")" + words +
           R"(","settings":{"query_percent":50}})";
  }
  void show(int last, const std::string& changes) {
    page = R"({"last_change":)" + std::to_string(last) + R"(,"changes":[)" + changes + "]}";
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  std::string page = "{}";
  std::vector<std::string> targets;
  std::vector<ChangeRecord> told;
  ChangeFollower follower;
};

TEST_F(FollowerTest, TellsEveryChangeOnce) {
  show(1, change(1, 0, "started", ""));
  follower.start();
  show(3, change(2, 0, "apply", "for speed") + "," + change(3, 0, "drain", ""));
  timers.advance_ms(follow_every_ms);
  show(3, "");
  timers.advance_ms(3 * follow_every_ms);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].kind, ChangeKind::configuration);
  EXPECT_EQ(told[0].who, "aki");
  EXPECT_EQ(told[0].words, "edge 1: apply, version 2: query_percent=50 (for speed)");
  EXPECT_EQ(told[0].components,
            (std::vector<notify::ComponentId>{{notify::ComponentKind::edge, "1"}}));
  EXPECT_EQ(told[1].kind, ChangeKind::operator_command);
  EXPECT_EQ(told[1].words, "edge 1: drain");
  EXPECT_EQ(targets.back(), "/admin/state");  // Of edge 2, which never answered.
  EXPECT_EQ(targets[targets.size() - 2], "/admin/state?after=3");
}

TEST_F(FollowerTest, DoesNotTellOldNewsAfterItsStart) {
  show(3, change(2, follow_back_ms + 1, "apply", "old") + "," + change(3, 5'000, "apply", "new"));
  follower.start();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].words.find("(new)"), std::string::npos);
}

TEST_F(FollowerTest, AnEdgeThatCountsFromOneAgainIsReadAnew) {
  show(9, change(9, 0, "apply", ""));
  follower.start();
  show(2, "");
  timers.advance_ms(follow_every_ms);
  show(2, change(1, 0, "started", "") + "," + change(2, 0, "apply", "again"));
  timers.advance_ms(follow_every_ms);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[1].words.find("(again)"), std::string::npos);
}

TEST_F(FollowerTest, AnswersThatAreNoneTellNothing) {
  for (const char* bad : {"", "[]", "{}", R"({"changes":5})", R"({"changes":[5,{}]})"}) {
    page = bad;
    follower.start();
    timers.advance_ms(follow_every_ms);
  }
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace oki::response
