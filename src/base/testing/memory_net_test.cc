#include "base/testing/memory_net.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"

namespace oki::testing {
namespace {

struct Recorder : StreamHandler {
  void on_open(ConnectionId id, const Address&) override {
    last = id;
    log += "open;";
  }
  void on_bytes(ConnectionId, ByteView bytes) override { log += Bytes(bytes) + ";"; }
  void on_closed(ConnectionId, CloseReason reason) override {
    log += std::string("closed ") + name(reason) + ";";
  }
  void on_drained(ConnectionId) override { ++drained; }

  ConnectionId last;
  std::string log;
  int drained = 0;
};

struct Pair : ::testing::Test {
  void SetUp() override {
    address = *server_net.listen({"10.0.0.2", 0}, server, {});
    id = client_net.connect(address, client, {.backlog_bytes_max = 10});
  }
  MemoryNetwork network;
  MemoryNet& client_net = network.host();
  MemoryNet& server_net = network.host();
  Recorder client, server;
  Address address;
  ConnectionId id;
};

TEST_F(Pair, DeliversInOrderAndSaysWhoClosed) {
  client_net.send(id, "early");
  EXPECT_EQ(client.log, "");
  network.run();
  EXPECT_EQ(client.log, "open;");
  EXPECT_EQ(server.log, "open;early;");
  EXPECT_EQ(client.drained, 1);
  server_net.send(server.last, "bye");
  server_net.close(server.last);
  network.run();
  EXPECT_EQ(client.log, "open;bye;closed by peer;");
  EXPECT_EQ(server.log, "open;early;closed by us;");
  EXPECT_EQ(server_net.open_connections(), 0u);
}

TEST_F(Pair, CutsBytesIntoPieces) {
  network.deliver_in_pieces_of(2);
  client_net.send(id, "abcde");
  network.run();
  EXPECT_EQ(server.log, "open;ab;cd;e;");
  EXPECT_EQ(client_net.backlog_bytes(id), 0u);
}

TEST_F(Pair, APausedProcessIsConnectedButTakesNothing) {
  network.pause(server_net, true);
  client_net.send(id, "hello");
  network.run();
  EXPECT_EQ(client.log, "open;");
  EXPECT_EQ(server.log, "");
  EXPECT_EQ(client_net.backlog_bytes(id), 5u);
  network.pause(server_net, false);
  network.run();
  EXPECT_EQ(server.log, "open;hello;");
}

TEST_F(Pair, ACutHoldsEverythingUntilItHeals) {
  network.run();
  network.cut(client_net, server_net, true);
  client_net.send(id, "a");
  server_net.send(server.last, "b");
  network.run();
  EXPECT_EQ(client.log + server.log, "open;open;");
  network.cut(client_net, server_net, false);
  network.run();
  EXPECT_EQ(client.log + server.log, "open;b;open;a;");
}

TEST_F(Pair, TooMuchBacklogClosesTheConnection) {
  network.run();
  network.pause(server_net, true);
  client_net.send(id, "0123456789");
  client_net.send(id, "x");
  network.run();
  EXPECT_EQ(client.log, "open;closed backlog;");
}

TEST_F(Pair, ACrashResetsTheOthersAndStopsListening) {
  network.run();
  network.crash(server_net);
  client_net.connect(address, client, {});
  network.run();
  EXPECT_EQ(client.log, "open;closed reset;closed refused;");
  EXPECT_EQ(server.log, "open;");
  EXPECT_TRUE(server_net.listen(address, server, {}).has_value());
}

TEST(MemoryNet, OneConnectionTooManyIsClosedAtOnce) {
  MemoryNetwork network;
  MemoryNet& net = network.host();
  Recorder client, server;
  const Address address = *net.listen({"10.0.0.1", 80}, server, {.connections_max = 1});
  EXPECT_FALSE(net.listen(address, server, {}).has_value());
  net.connect(address, client, {});
  net.connect(address, client, {});
  network.run();
  EXPECT_EQ(client.log, "open;open;closed by peer;");
  EXPECT_EQ(server.log, "open;");
}

TEST(StepTimers, FireInOrderOfTimeAndNeverWhenCancelled) {
  StepClock clock;
  StepTimers timers(clock);
  std::string log;
  timers.after_ms(20, [&] { log += "c"; });
  timers.after_ms(10, [&] {
    log += "a";
    timers.after_ms(0, [&] { log += "b"; });
  });
  timers.cancel(timers.after_ms(15, [&] { log += "x"; }));
  const WallTimeMs before = clock.wall_now();
  timers.advance_ms(19);
  EXPECT_EQ(log, "ab");
  timers.advance_ms(1);
  EXPECT_EQ(log, "abc");
  EXPECT_EQ(clock.wall_now().value - before.value, 20);
  EXPECT_EQ(timers.pending(), 0u);
}

}  // namespace
}  // namespace oki::testing
