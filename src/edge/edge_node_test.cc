// The edge before a real node: Replica, journal, wire and Client are the shipped ones, only the
// consensus engine has one voter and the disk, the network and the clock are in memory.
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/testing/exchange.h"
#include "edge/testing/peer.h"
#include "replica/node.h"
#include "store/testing/memory_disk.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::Exchange;
using testing::Peer;

// Core and projection as the node has them.
class Machine : public replica::StateMachine {
 public:
  void apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) override {
    core_.apply(time, command, reply, events);
  }
  void end_block(const replica::EventBlock& block) override {
    ASSERT(projection_.apply(block).has_value());
  }
  Bytes snapshot() const override {
    Bytes out;
    Writer(out).blob(core_.snapshot());
    Writer(out).blob(projection_.snapshot());
    return out;
  }
  Result<void> restore(ByteView snapshot) override {
    Reader reader(snapshot);
    auto core = core::Core::restore(reader.blob(1u << 24), {});
    auto projection = history::Projection::restore(reader.blob(1u << 24), {});
    if (!core || !projection) return error(Errc::corrupt, "no snapshot of this machine");
    core_ = std::move(*core);
    projection_ = std::move(*projection);
    return {};
  }
  std::uint64_t hash() const override { return hash64(core_.snapshot()); }
  Bytes reader_snapshot() const override { return projection_.snapshot(); }
  void verify() const override { core_.verify(); }

 private:
  core::Core core_{core::CoreLimits{}};
  history::Projection projection_{history::ProjectionLimits{}};
};

struct EdgeNodeTest : ::testing::Test {
  EdgeNodeTest() {
    start_node(true);
    client.follow(edge);
    for (const core::Command& command : testing::opening_commands(0)) {
      client.submit(core::encode(command), [](const replica::Answer& answer) {
        EXPECT_EQ(answer.outcome, replica::Outcome::answered) << answer.why;
      });
    }
    run_ms(500);
    address = edge.listen().value_or(Address{});
    EXPECT_EQ(edge.projection().markets().size(), 2u);
  }

  void start_node(bool bootstrap) {
    machine = std::make_unique<Machine>();
    disk.delay_with(timers, 0, 1);
    replica::NodeOptions options;
    options.cluster = 9;
    options.seat = 1;
    options.nodes = {node_address};
    options.bootstrap = bootstrap;
    options.replica.journal.segment_bytes = 8u << 20;
    options.replica.journal.frame_bytes_max = 4u << 20;
    options.replica.journal.entry_bytes_max = 2u << 20;
    node = std::make_unique<replica::Node>(
        replica::Node::Parts{clock, timers, node_net, disk, log, node_metrics, *machine}, options,
        replica::make_fake_engine, [](const Error& reason) { FAIL() << reason.message; });
    node->start([](const Result<Address>& ready) { EXPECT_TRUE(ready.has_value()); });
    run_ms(500);
  }
  void crash_node() {
    network.crash(node_net);
    disk.crash();
    node.reset();
    settle();
  }

  void settle() {
    do {
      if (node) node->turn_end();
    } while (network.step());
  }
  void run_ms(std::int64_t ms) {
    settle();
    timers.advance_ms(ms, [this] { settle(); });
    settle();
  }
  std::string answer_to(const net::HttpRequest& request) {
    Peer asking(network.host(), address, [this] { run_ms(20); });
    asking.send(net::write_request(request, "edge"));
    return asking.take();
  }
  net::HttpRequest order(core::AccountId account, ByteView side, ByteView price) const {
    return testing::signed_at(
        clock.wall_now(), account,
        Exchange::request("POST", "/v1/user/spot/order",
                          R"({"pair":"btc_jpy","side":")" + std::string(side) +
                              R"(","type":"limit","amount":"1","price":")" + std::string(price) +
                              "\"}"));
  }

  oki::testing::StepClock clock;
  oki::testing::StepTimers timers{clock};
  oki::testing::MemoryNetwork network;
  oki::testing::MemoryNet& node_net = network.host();
  oki::testing::MemoryNet& edge_net = network.host();
  Address node_address{node_net.ip(), 7000};
  store::MemoryDisk disk{1};
  testing::CountingRandom random;
  Log log{clock, "test", {}};
  Metrics node_metrics, metrics;
  std::unique_ptr<Machine> machine;
  std::unique_ptr<replica::Node> node;
  replica::Client client{replica::Client::Parts{clock, timers, edge_net, random, log, metrics},
                         [this] {
                           replica::ClientOptions options;
                           options.cluster = 9;
                           options.nodes = {node_address};
                           return options;
                         }()};
  ClientCluster cluster{client};
  Edge edge{{clock, timers, edge_net, random, log, metrics, cluster}, testing::test_options()};
  Address address;
};

TEST_F(EdgeNodeTest, AnOrderGoesThroughTheLogAndItsEffectIsReadAtOnce) {
  EXPECT_NE(answer_to(order(alice, "buy", "100")).find(R"("status":"UNFILLED")"),
            std::string::npos);
  EXPECT_NE(answer_to(order(bob, "sell", "100")).find(R"("status":"FULLY_FILLED")"),
            std::string::npos);
  EXPECT_NE(answer_to(Exchange::request("GET", "/btc_jpy/transactions"))
                .find(R"("side":"sell","price":"100","amount":"1.0000")"),
            std::string::npos);
}

// Such a command leaves no event, so that no block says that it has been read.
TEST_F(EdgeNodeTest, ARefusalDoesNotWaitForABlockThatNeverComes) {
  const std::string answer = answer_to(order(alice, "sell", "100000001"));
  EXPECT_NE(answer.find(R"("code":60005)"), std::string::npos) << answer;
  EXPECT_EQ(metrics.counter("okiagari_edge_answers_lagged_total", "").value(), 0u);
}

TEST_F(EdgeNodeTest, WithoutANodeOrdersAreNotTakenOrUnknownAndReadsGoOn) {
  crash_node();
  Peer waiting(network.host(), address, [this] { run_ms(20); });
  waiting.send(net::write_request(order(alice, "buy", "100"), "edge"));
  run_ms(3000);
  const std::string answer = waiting.take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ") || answer.starts_with("HTTP/1.1 504 ")) << answer;
  EXPECT_TRUE(answer_to(Exchange::request("GET", "/btc_jpy/depth")).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(answer_to(Exchange::request("GET", "/healthz")).starts_with("HTTP/1.1 503 "));
}

TEST_F(EdgeNodeTest, GoesOnWhereItWasWhenItsNodeIsBack) {
  Peer stream(network.host(), address, [this] { run_ms(100); });
  stream.send(std::string("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n") +
              testing::websocket_upgrade);
  stream.send_text("40");
  stream.send_text(R"(42["join-room","depth_diff_btc_jpy"])");
  EXPECT_NE(answer_to(order(alice, "buy", "100")).find("UNFILLED"), std::string::npos);
  run_ms(100);
  const std::string before = stream.take();
  const std::string last = std::to_string(edge.projection().sequence({0}).value);
  EXPECT_NE(before.find(R"("s":")" + last), std::string::npos) << before;

  crash_node();
  run_ms(1000);
  start_node(false);
  run_ms(1000);
  EXPECT_NE(answer_to(order(alice, "buy", "101")).find("UNFILLED"), std::string::npos);
  EXPECT_EQ(edge.projection().active_orders(alice).size(), 2u);
  run_ms(100);
  const std::string after = stream.take();
  EXPECT_NE(after.find(R"("ps":")" + last), std::string::npos) << after;
  EXPECT_FALSE(stream.closed);
}

}  // namespace
}  // namespace oki::edge
