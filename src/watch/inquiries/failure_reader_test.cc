// Who really had a failed request, read from edges that run.
#include "watch/inquiries/failure_reader.h"

#include <gtest/gtest.h>

#include <optional>

#include "watch/inquiries/testing/running_edge.h"

namespace oki::watch::inquiries {
namespace {

class FailureReaderTest : public ::testing::Test {
 protected:
  FailureReaderTest() {
    options.edges = {first.address, second.address};
    options.house_accounts = {{1}, {2}};
  }

  void start() {
    reader = std::make_unique<FailureReader>(
        FailureReader::Parts{clock, timers, client_net, metrics}, options);
    reader->start();
    run(0);
  }
  void run(std::int64_t ms) {
    network.run();
    timers.advance_ms(ms, [this] { network.run(); });
    network.run();
  }
  // What is said within the time in which everything is said.
  std::optional<bool> ask(const std::string& account) {
    std::optional<bool> said;
    reader->ask(account, clock.wall_now(), [&said](bool failed) {
      EXPECT_FALSE(said.has_value()) << "twice";
      said = failed;
    });
    run(options.deadline_ms + options.every_ms + options.page_ms);
    return said;
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& first_net = network.host();
  oki::testing::MemoryNet& second_net = network.host();
  oki::testing::MemoryNet& client_net = network.host();
  RunningEdge first{clock, timers, first_net};
  RunningEdge second{clock, timers, second_net};
  Metrics metrics;
  FailureReaderOptions options;
  std::unique_ptr<FailureReader> reader;
};

TEST_F(FailureReaderTest, KnowsWhoFailedAtAnyEdgeAndHow) {
  first.fail(7);
  second.fail(8, edge::Ending::not_taken, edge::RecordKind::cancel);
  second.fail(9, edge::Ending::connection_lost, edge::RecordKind::withdrawal);
  start();
  EXPECT_EQ(ask("7"), true);
  EXPECT_EQ(ask("8"), true);
  EXPECT_EQ(ask("9"), true);
  EXPECT_EQ(ask("10"), false);
}

TEST_F(FailureReaderTest, WhatIsNoAccountOfACustomerHasNoFailure) {
  first.fail(1);
  start();
  for (const char* account : {"1", "", "0", "7x", "-7", " 7", "99999999999999999999"}) {
    EXPECT_EQ(ask(account), false) << account;
  }
  EXPECT_EQ(reader->accounts(), 0u);
}

TEST_F(FailureReaderTest, AFailureOfAfterTheLastRoundIsFoundInTheNext) {
  start();
  run(500);
  first.fail(7);
  std::optional<bool> said;
  reader->ask("7", clock.wall_now(), [&said](bool failed) { said = failed; });
  EXPECT_FALSE(said.has_value()) << "the edges were read before it";
  run(options.every_ms);
  EXPECT_EQ(said, true);
}

TEST_F(FailureReaderTest, HowManyAskMakesNoDifferenceToTheEdges) {
  start();
  const std::uint64_t before = first.asked;
  for (int i = 100; i < 1'100; ++i) reader->ask(std::to_string(i), clock.wall_now(), [](bool) {});
  run(10'000);
  EXPECT_LE(first.asked - before, 5u);
}

TEST_F(FailureReaderTest, ReadsOnWhereItStoppedThroughManyPages) {
  for (std::uint64_t account = 100; account < 80'100; ++account) {
    first.fail(account);
    if (account % 8'000 == 0) network.run();
  }
  options.rows_max = 40'000;
  start();
  EXPECT_EQ(ask("100"), true);
  EXPECT_EQ(ask("80099"), true);
  EXPECT_EQ(reader->accounts(), 80'000u);
  const std::uint64_t before = first.asked;
  run(3 * options.every_ms);
  EXPECT_LE(first.asked - before, 6u) << "what is known is not read again";
}

TEST_F(FailureReaderTest, OldFailuresAreForgotten) {
  first.fail(7);
  start();
  EXPECT_EQ(ask("7"), true);
  run(options.window_ms);
  EXPECT_EQ(ask("7"), false);
  run(64 * options.every_ms);
  EXPECT_EQ(reader->accounts(), 0u);
}

TEST_F(FailureReaderTest, AnEdgeThatIsAwayMakesNobodyWaitForEver) {
  start();
  first.fail(7);
  network.crash(second_net);
  EXPECT_EQ(ask("7"), true) << "the other edge knows it";
  EXPECT_EQ(ask("8"), false) << "nobody knows";
}

TEST_F(FailureReaderTest, AnEdgeThatHangsMakesNobodyWaitForEver) {
  start();
  network.pause(second_net, true);
  EXPECT_EQ(ask("8"), false);
  network.pause(second_net, false);
  second.fail(8);
  EXPECT_EQ(ask("8"), true);
}

TEST_F(FailureReaderTest, AnEdgeWithNewRecordsIsReadFromTheirBeginning) {
  for (std::uint64_t account = 100; account < 50'100; ++account) first.fail(account);
  start();
  EXPECT_EQ(ask("50099"), true);
  first.lose_everything();
  first.fail(7);
  EXPECT_EQ(ask("7"), true);
}

TEST_F(FailureReaderTest, NonsenseIsNoRecord) {
  net::MetricsServer odd(second_net, timers, clock, metrics);
  odd.add_handler(std::string(edge::records_path),
                  [](const net::HttpRequest&, const net::MetricsServer::Respond& respond) {
                    respond(net::text_response(200, "nonsense"));
                  });
  options.edges = {first.address, odd.listen({second_net.ip(), 0}).value_or(Address{})};
  first.fail(7);
  start();
  EXPECT_EQ(ask("7"), true);
  EXPECT_EQ(ask("8"), false);
}

TEST_F(FailureReaderTest, AccountsAndQuestionsHaveLimits) {
  options.accounts_max = 2;
  options.waiting_max = 1;
  for (std::uint64_t account = 7; account < 17; ++account) first.fail(account);
  start();
  EXPECT_EQ(reader->accounts(), 2u);
  std::optional<bool> waits;
  reader->ask("100", clock.wall_now(), [&waits](bool failed) { waits = failed; });
  std::optional<bool> refused;
  reader->ask("101", clock.wall_now(), [&refused](bool failed) { refused = failed; });
  EXPECT_FALSE(waits.has_value());
  EXPECT_EQ(refused, false);
  run(10'000);
  EXPECT_EQ(waits, false);
}

}  // namespace
}  // namespace oki::watch::inquiries
