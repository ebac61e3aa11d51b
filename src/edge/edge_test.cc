#include "edge/edge.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "edge/testing/exchange.h"
#include "edge/testing/peer.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::Peer;
using testing::websocket_upgrade;

struct EdgeTest : ::testing::Test {
  EdgeTest() {
    // The second half of a whole exchange: the state that the first half's core has made.
    world.cluster.follower = [this](const replica::EventBlock& block) { edge.on_block(block); };
    const auto started = edge.on_snapshot(world.projection.index(), world.projection.event_hash(),
                                          world.projection.snapshot());
    EXPECT_TRUE(started.has_value());
    const auto listening = edge.listen();
    EXPECT_TRUE(listening.has_value());
    address = listening.value_or(Address{});
  }

  static std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: edge\r\n\r\n";
  }
  std::string answer_to(const std::string& request) {
    Peer peer(network.host(), address, [this] { network.run(); });
    peer.send(request);
    world.cluster.run();
    network.run();
    return peer.take();
  }

  testing::Exchange world;
  oki::testing::MemoryNetwork network;
  testing::CountingRandom random;
  Log log{world.clock, "edge", {}};
  Metrics metrics;
  Edge edge{{world.clock, world.timers, network.host(), random, log, metrics, world.cluster},
            testing::test_options()};
  Address address;
};

TEST_F(EdgeTest, AnswersOverASocket) {
  const std::string answer = answer_to(get("/btc_jpy/depth"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(answer.find(R"({"success":1,"data":{"asks":[],"bids":[])"), std::string::npos);
}

TEST_F(EdgeTest, TakesASignedOrderOverASocket) {
  const net::HttpRequest order = world.signed_request(
      alice, "POST", "/v1/user/spot/order",
      R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"100"})");
  const std::string answer = answer_to(net::write_request(order, "edge"));
  EXPECT_NE(answer.find(R"("status":"UNFILLED")"), std::string::npos) << answer;
  EXPECT_EQ(edge.projection().active_orders(alice).size(), 1u);
  EXPECT_NE(answer_to(get("/btc_jpy/depth")).find(R"("bids":[["100","1.0000"]])"),
            std::string::npos);
}

constexpr const char* tied_order =
    R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"100",)"
    R"("cancel_on_disconnect":)";

TEST_F(EdgeTest, AnOrderTiedToItsConnectionEndsWithIt) {
  Peer peer(network.host(), address, [this] { network.run(); });
  peer.send(net::write_request(
      world.signed_request(alice, "POST", "/v1/user/spot/order", std::string(tied_order) + "true}"),
      "edge"));
  world.cluster.run();
  network.run();
  EXPECT_NE(peer.take().find(R"("status":"UNFILLED")"), std::string::npos);
  world.timers.advance_ms(5'000, [this] { world.cluster.run(); });
  ASSERT_EQ(edge.projection().active_orders(alice).size(), 1u) << "the edge says that it lives";
  const core::OrderId id = edge.projection().active_orders(alice).front()->id;
  peer.hang_up();
  world.cluster.run();
  EXPECT_TRUE(edge.projection().active_orders(alice).empty());
  EXPECT_EQ(edge.projection().order(id)->reason, core::Reason::session_closed);
}

TEST_F(EdgeTest, AnOrderTiedToAStreamEndsWithIt) {
  Peer stream(network.host(), address, [this] { network.run(); });
  stream.send(std::string("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n") +
              websocket_upgrade);
  stream.take();
  stream.send_text("40");
  const std::string connected = stream.take();
  const std::size_t start = connected.find("\"sid\":\"") + 7;
  const std::string sid = connected.substr(start, connected.find('"', start) - start);
  const std::string body = std::string(tied_order) + "\"" + sid + "\"}";
  const auto order = [&] {
    return answer_to(net::write_request(
        world.signed_request(alice, "POST", "/v1/user/spot/order", body), "edge"));
  };
  EXPECT_NE(order().find(R"("status":"UNFILLED")"), std::string::npos);
  EXPECT_EQ(edge.projection().active_orders(alice).size(), 1u) << "its own connection has closed";
  stream.hang_up();
  world.cluster.run();
  EXPECT_TRUE(edge.projection().active_orders(alice).empty());
  EXPECT_NE(order().find("10002"), std::string::npos) << "that stream is gone";
}

TEST_F(EdgeTest, StreamsOverAWebSocket) {
  Peer peer(network.host(), address, [this] { network.run(); });
  peer.send(std::string("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n") +
            websocket_upgrade);
  const std::string hello = peer.take();
  EXPECT_TRUE(hello.starts_with("HTTP/1.1 101 ")) << hello;
  EXPECT_NE(hello.find("0{\"sid\":"), std::string::npos) << hello;
  peer.send_text("40");
  peer.send_text(R"(42["join-room", "depth_diff_btc_jpy"])");
  EXPECT_NE(peer.take().find("40{\"sid\":"), std::string::npos);
  world.place(alice, core::Side::sell, 101, 5000);
  world.timers.advance_ms(100, [this] { network.run(); });
  network.run();
  EXPECT_NE(peer.take().find(R"("a":[["101","0.5000"]])"), std::string::npos);
}

TEST_F(EdgeTest, OtherTransportsAndVersionsAreRefusedAsEngineIoRefusesThem) {
  const std::string polling = answer_to(get("/socket.io/?EIO=4&transport=polling"));
  EXPECT_TRUE(polling.starts_with("HTTP/1.1 400 ")) << polling;
  EXPECT_NE(polling.find(R"({"code":0,"message":"Transport unknown"})"), std::string::npos);
  const std::string old = answer_to(
      std::string("GET /socket.io/?EIO=3&transport=websocket HTTP/1.1\r\n") + websocket_upgrade);
  EXPECT_TRUE(old.starts_with("HTTP/1.1 400 ")) << old;
  EXPECT_NE(old.find(R"("code":5)"), std::string::npos);
}

TEST_F(EdgeTest, ASnapshotOfAnotherPlaceIsNotTaken) {
  const Bytes snapshot = world.projection.snapshot();
  const LogIndex index = world.projection.index();
  const std::uint64_t hash = world.projection.event_hash();
  EXPECT_FALSE(edge.on_snapshot({index.value - 1}, hash, snapshot).has_value());
  EXPECT_FALSE(edge.on_snapshot(index, hash + 1, snapshot).has_value());
  EXPECT_FALSE(edge.on_snapshot(index, hash, snapshot.substr(1)).has_value());
  EXPECT_TRUE(edge.on_snapshot(index, hash, snapshot).has_value());
  // Entries without events may follow the last block; from there on this one is older.
  EXPECT_TRUE(edge.on_snapshot({index.value + 5}, hash, snapshot).has_value());
  EXPECT_FALSE(edge.on_snapshot(index, hash, snapshot).has_value());
}

TEST_F(EdgeTest, ACopyThatContradictsItsEventsIsDroppedAndAnswersNobody) {
  EXPECT_TRUE(edge.has_copy());
  Peer early(network.host(), address, [this] { network.run(); });
  early.send(net::write_request(
      world.signed_request(
          alice, "POST", "/v1/user/spot/order",
          R"({"pair":"btc_jpy","side":"buy","type":"limit","amount":"1","price":"100"})"),
      "edge"));
  replica::EventBlock broken = world.cluster.last_block();
  broken.index.value += 1;
  broken.events = "not an event";
  edge.on_block(broken);
  EXPECT_FALSE(edge.has_copy());
  world.cluster.follower = {};
  EXPECT_TRUE(answer_to(get("/tickers")).starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(answer_to(get("/healthz")).starts_with("HTTP/1.1 503 "));
  world.timers.advance_ms(500);
  network.run();
  EXPECT_TRUE(early.take().starts_with("HTTP/1.1 504 ")) << "its order was taken before";
  ASSERT_TRUE(edge.on_snapshot(world.projection.index(), world.projection.event_hash(),
                               world.projection.snapshot())
                  .has_value());
  EXPECT_TRUE(edge.has_copy());
  EXPECT_TRUE(answer_to(get("/tickers")).starts_with("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace oki::edge
