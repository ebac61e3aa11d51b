#include "edge/streams.h"

#include <gtest/gtest.h>

#include <map>

#include "edge/testing/exchange.h"
#include "edge/testing/tell.h"
#include "net/json_reader.h"
#include "net/websocket.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;
using testing::Exchange;
using Texts = std::vector<std::string>;

constexpr net::SocketId one{1};
constexpr net::SocketId two{2};

// Keeps what each socket was sent, as text.
class RecordingSink : public SocketSink {
 public:
  void send_frame(net::SocketId socket, std::shared_ptr<const Bytes> frame) override {
    net::FrameParser parser(1u << 20, false);
    parser.feed(*frame);
    const auto message = parser.next();
    ASSERT_TRUE(message.has_value() && message->has_value());
    sent[socket.value].push_back((*message)->payload);
    frames[socket.value].push_back(std::move(frame));
  }
  void close_socket(net::SocketId socket, std::uint16_t, ByteView reason) override {
    closed[socket.value] = std::string(reason);
    if (on_close) on_close(socket);
  }
  std::size_t backlog_bytes(net::SocketId socket) const override {
    const auto found = backlog.find(socket.value);
    return found == backlog.end() ? 0 : found->second;
  }

  Texts take(net::SocketId socket) { return std::exchange(sent[socket.value], {}); }

  std::map<std::uint64_t, Texts> sent;
  std::map<std::uint64_t, std::vector<std::shared_ptr<const Bytes>>> frames;
  std::map<std::uint64_t, std::string> closed;
  std::map<std::uint64_t, std::size_t> backlog;
  std::function<void(net::SocketId)> on_close;
};

struct StreamsTest : ::testing::Test {
  StreamsTest() {
    exchange.after_block = [this] { streams.on_change(); };
    sink.on_close = [this](net::SocketId socket) { streams.on_closed(socket); };
  }

  void join(net::SocketId socket, const Texts& rooms) {
    streams.on_open(socket);
    streams.on_message(socket, "40");
    for (const std::string& room : rooms) say(socket, "join-room", room);
  }
  void say(net::SocketId socket, const std::string& what, const std::string& room) {
    streams.on_message(socket, "42[\"" + what + "\",\"" + room + "\"]");
  }
  // Far enough for coalesced changes, not for the next whole book.
  void settle() { exchange.timers.advance_ms(100); }

  // The data of the messages of one room among `texts`.
  std::vector<net::Json> of_room(const Texts& texts, const std::string& room) {
    std::vector<net::Json> found;
    for (const std::string& text : texts) {
      if (!text.starts_with("42")) continue;
      const auto json = net::parse_json(ByteView(text).substr(2), 1u << 20);
      EXPECT_TRUE(json.has_value()) << text;
      if (!json) continue;
      const net::Json& body = (*json->array())[1];
      if (body.find("room_name")->string() == room) {
        found.push_back(*body.find("message")->find("data"));
      }
    }
    return found;
  }

  Exchange exchange{testing::test_options(), 0};
  testing::CountingRandom random;
  RecordingSink sink;
  StreamsOptions options;
  Streams streams{{exchange.clock, exchange.timers, random, exchange.metrics, exchange.projection,
                   exchange.books, sink},
                  options};
};

TEST_F(StreamsTest, OnlySocketIoOverWebsocketVersion4IsAccepted) {
  const auto accepts = [](std::string target) {
    return Streams::accepts(Exchange::request("GET", std::move(target)));
  };
  EXPECT_TRUE(accepts("/socket.io/?EIO=4&transport=websocket"));
  EXPECT_TRUE(accepts("/socket.io/?transport=websocket&EIO=4&t=abc"));
  EXPECT_FALSE(accepts("/socket.io/?EIO=3&transport=websocket"));
  EXPECT_FALSE(accepts("/socket.io/?EIO=4&transport=polling"));
  EXPECT_FALSE(accepts("/socket.io?EIO=4&transport=websocket"));
  EXPECT_FALSE(accepts("/?EIO=4&transport=websocket"));
  EXPECT_FALSE(accepts("/socket.io/?EIO=4&transport=websocket&x=%zz"));
}

TEST_F(StreamsTest, GreetsAndConnectsAsEngineIoAndSocketIoDo) {
  streams.on_open(one);
  streams.on_message(one, "40");
  const Texts texts = sink.take(one);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_TRUE(texts[0].starts_with("0{\"sid\":\"")) << texts[0];
  EXPECT_NE(texts[0].find("\"pingInterval\":25000"), std::string::npos);
  EXPECT_TRUE(texts[1].starts_with("40{\"sid\":\"")) << texts[1];
  EXPECT_NE(texts[0].substr(1), texts[1].substr(2)) << "the two ids must differ";
}

TEST_F(StreamsTest, JoiningTheWholeBookGetsItAtOnceAndOthersNothing) {
  exchange.place(alice, core::Side::sell, 101, 5000);
  join(one,
       {"ticker_btc_jpy", "transactions_btc_jpy", "depth_diff_btc_jpy", "depth_whole_btc_jpy"});
  const Texts texts = sink.take(one);
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts[2],
            "42[\"message\",{\"room_name\":\"depth_whole_btc_jpy\",\"message\":{\"data\":" +
                exchange.books.depth({0}) + "}}]");
}

TEST_F(StreamsTest, RoomsThatAreNotThereAreJoinedInSilence) {
  join(one,
       {"depth_whole_probe_jpy", "ticker_probe_jpy", "depth_whole_nope", "", "depth_whole_", "x"});
  EXPECT_EQ(sink.take(one).size(), 2u);
  EXPECT_TRUE(sink.closed.empty());
}

TEST_F(StreamsTest, NothingIsJoinedBeforeConnecting) {
  streams.on_open(one);
  say(one, "join-room", "depth_whole_btc_jpy");
  EXPECT_EQ(sink.take(one).size(), 1u);
}

TEST_F(StreamsTest, ATradeIsToldInItsRooms) {
  join(one, {"ticker_btc_jpy", "transactions_btc_jpy", "depth_diff_btc_jpy"});
  sink.take(one);
  exchange.place(alice, core::Side::sell, 101, 5000);
  exchange.place(bob, core::Side::buy, 101, 2000);
  settle();
  const Texts texts = sink.take(one);
  const auto trades = of_room(texts, "transactions_btc_jpy");
  ASSERT_EQ(trades.size(), 1u);
  const auto& list = *trades[0].find("transactions")->array();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].find("side")->string(), "buy");
  EXPECT_EQ(list[0].find("amount")->string(), "0.2000");
  const auto tickers = of_room(texts, "ticker_btc_jpy");
  ASSERT_FALSE(tickers.empty());
  EXPECT_EQ(tickers.back().find("last")->string(), "101");
  EXPECT_FALSE(of_room(texts, "depth_diff_btc_jpy").empty());
}

TEST_F(StreamsTest, TradesBeforeTheFirstMemberAreNotNews) {
  exchange.place(alice, core::Side::sell, 101, 5000);
  exchange.place(bob, core::Side::buy, 101, 2000);
  join(one, {"transactions_btc_jpy"});
  exchange.place(bob, core::Side::buy, 101, 1000);
  settle();
  const auto trades = of_room(sink.take(one), "transactions_btc_jpy");
  ASSERT_EQ(trades.size(), 1u);
  EXPECT_EQ(trades[0].find("transactions")->array()->size(), 1u);
}

TEST_F(StreamsTest, EveryTradeIsToldOnceHoweverManyComeAtOnce) {
  join(one, {"transactions_btc_jpy"});
  for (int i = 0; i < 300; ++i) {
    exchange.place(alice, core::Side::sell, 101, 10);
    exchange.place(bob, core::Side::buy, 101, 10);
    exchange.clock.advance_ns(i % 50 == 0 ? 1'000'000'000 : 0);
  }
  settle();
  std::int64_t last = 0;
  std::size_t count = 0;
  for (const net::Json& message : of_room(sink.take(one), "transactions_btc_jpy")) {
    const auto& list = *message.find("transactions")->array();
    for (auto trade = list.rbegin(); trade != list.rend(); ++trade) {
      EXPECT_GT(trade->find("transaction_id")->integer().value(), last);
      last = trade->find("transaction_id")->integer().value();
      ++count;
    }
  }
  EXPECT_EQ(count, 300u);
}

TEST_F(StreamsTest, ChangesWithinAShortTimeAreOneDiff) {
  join(one, {"depth_diff_btc_jpy"});
  exchange.place(alice, core::Side::sell, 101, 1);  // Told at once: it was quiet.
  sink.take(one);
  for (std::uint64_t price = 102; price < 112; ++price) {
    exchange.place(alice, core::Side::sell, price, 1);
  }
  EXPECT_TRUE(sink.take(one).empty());
  settle();
  const auto diffs = of_room(sink.take(one), "depth_diff_btc_jpy");
  ASSERT_EQ(diffs.size(), 1u);
  EXPECT_EQ(diffs[0].find("a")->array()->size(), 10u);
}

TEST_F(StreamsTest, TheTickerIsSentOnlyWhenAValueChanged) {
  exchange.place(alice, core::Side::sell, 101, 1);
  join(one, {"ticker_btc_jpy"});
  exchange.place(alice, core::Side::sell, 105, 1);
  settle();
  sink.take(one);
  exchange.place(alice, core::Side::sell, 106, 1);  // Not the best: no value changes.
  settle();
  EXPECT_TRUE(sink.take(one).empty());
  exchange.place(alice, core::Side::sell, 100, 1);
  settle();
  EXPECT_EQ(of_room(sink.take(one), "ticker_btc_jpy").size(), 1u);
}

TEST_F(StreamsTest, WholeBooksComeAgainEveryFewSeconds) {
  join(one, {"depth_whole_btc_jpy"});
  sink.take(one);
  exchange.timers.advance_ms(3 * options.whole_every_ms);
  EXPECT_EQ(of_room(sink.take(one), "depth_whole_btc_jpy").size(), 3u);
}

TEST_F(StreamsTest, ABroadcastIsTheSameBytesForAll) {
  join(one, {"depth_diff_btc_jpy"});
  join(two, {"depth_diff_btc_jpy"});
  exchange.place(alice, core::Side::sell, 101, 1);
  settle();
  EXPECT_EQ(sink.frames[1].back().get(), sink.frames[2].back().get());
}

TEST_F(StreamsTest, LeavingAndClosingEndTheMessages) {
  join(one, {"depth_diff_btc_jpy"});
  join(two, {"depth_diff_btc_jpy", "depth_whole_btc_jpy"});
  say(one, "leave-room", "depth_diff_btc_jpy");
  streams.on_closed(two);
  sink.take(one);
  sink.take(two);
  exchange.place(alice, core::Side::sell, 101, 1);
  exchange.timers.advance_ms(5000);
  EXPECT_TRUE(sink.take(one).empty());
  EXPECT_TRUE(sink.take(two).empty());
  EXPECT_EQ(streams.sockets(), 1u);
}

TEST_F(StreamsTest, JoiningTwiceIsJoiningOnce) {
  join(one, {"depth_diff_btc_jpy", "depth_diff_btc_jpy"});
  sink.take(one);
  exchange.place(alice, core::Side::sell, 101, 1);
  settle();
  EXPECT_EQ(sink.take(one).size(), 1u);
}

TEST_F(StreamsTest, WhoDoesNotReadIsClosedAndTheOthersAreServed) {
  join(one, {"depth_diff_btc_jpy"});
  join(two, {"depth_diff_btc_jpy"});
  sink.backlog[1] = options.backlog_bytes_max + 1;
  sink.take(two);
  exchange.place(alice, core::Side::sell, 101, 1);
  settle();
  EXPECT_EQ(sink.closed[1], "too slow");
  EXPECT_EQ(sink.take(two).size(), 1u);
  EXPECT_EQ(streams.sockets(), 1u);
}

TEST_F(StreamsTest, ASlowMemberMayBeClosedByItsOwnJoining) {
  join(one, {"depth_diff_btc_jpy"});
  sink.backlog[1] = options.backlog_bytes_max + 1;
  exchange.after_block = nullptr;  // So that the join finds something to tell.
  exchange.place(alice, core::Side::sell, 101, 1);
  say(one, "join-room", "depth_whole_btc_jpy");
  EXPECT_EQ(sink.closed[1], "too slow");
  EXPECT_EQ(streams.sockets(), 0u);
}

TEST_F(StreamsTest, WhoDoesNotAnswerAPingIsClosed) {
  join(one, {});
  join(two, {});
  for (int i = 0; i < 100; ++i) {
    exchange.timers.advance_ms(1000);
    if (!sink.sent[2].empty() && sink.sent[2].back() == "2") streams.on_message(two, "3");
    sink.sent[2].clear();
  }
  EXPECT_EQ(sink.closed.count(2), 0u);
  EXPECT_EQ(sink.closed[1], "ping timeout");
}

TEST_F(StreamsTest, WhoNeverConnectsIsClosed) {
  streams.on_open(one);
  streams.on_message(one, "3");
  exchange.timers.advance_ms(options.connect_within_ms + 1000);
  EXPECT_EQ(sink.closed[1], "ping timeout");
}

TEST_F(StreamsTest, ProtocolErrorsAndFloodsClose) {
  join(one, {});
  streams.on_message(one, "9nonsense");
  EXPECT_EQ(sink.closed[1], "protocol error");
  join(two, {});
  for (std::uint32_t i = 0; i <= options.messages_per_second_max; ++i) {
    say(two, "join-room", "x");
  }
  EXPECT_EQ(sink.closed[2], "too many messages");
}

TEST_F(StreamsTest, AfterARestartTheWholeBookComesAndDiffsGoOn) {
  join(one, {"depth_diff_btc_jpy", "depth_whole_btc_jpy"});
  exchange.place(alice, core::Side::sell, 101, 1);
  settle();
  const auto before = of_room(sink.take(one), "depth_diff_btc_jpy");
  ASSERT_FALSE(before.empty());

  exchange.follows = false;  // The edge loses its place; the exchange goes on.
  exchange.place(alice, core::Side::sell, 102, 1);
  exchange.place(alice, core::Side::sell, 103, 1);
  auto restored =
      history::Projection::restore(exchange.projection.snapshot(), exchange.options.projection);
  ASSERT_TRUE(restored.has_value());
  for (const replica::EventBlock& block : exchange.held) {
    ASSERT_TRUE(restored->apply(block).has_value());
  }
  exchange.projection = std::move(*restored);
  streams.on_restart();

  const Texts texts = sink.take(one);
  const auto diffs = of_room(texts, "depth_diff_btc_jpy");
  ASSERT_EQ(diffs.size(), 1u);
  EXPECT_EQ(diffs[0].find("a")->array()->size(), 2u);
  EXPECT_EQ(diffs[0].find("ps")->string(), before.back().find("s")->string());
  EXPECT_EQ(of_room(texts, "depth_whole_btc_jpy").size(), 1u);
}

TEST_F(StreamsTest, TheCircuitBreakRoomTellsTheStateOnJoiningAndWhenItChanges) {
  join(one, {"circuit_break_info_btc_jpy"});
  auto told = of_room(sink.take(one), "circuit_break_info_btc_jpy");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].find("mode")->string(), "NONE");
  settle();
  streams.on_change();
  settle();
  EXPECT_TRUE(of_room(sink.take(one), "circuit_break_info_btc_jpy").empty()) << "nothing changed";
  core::MarketState broken;
  broken.mode = core::MarketMode::circuit_break;
  broken.reopen_at = {5};
  const std::int64_t before = exchange.clock.wall_now().value;
  testing::tell(exchange.projection, exchange.clock.wall_now(), {core::MarketChanged{broken}});
  streams.on_change();
  settle();
  told = of_room(sink.take(one), "circuit_break_info_btc_jpy");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].find("mode")->string(), "CIRCUIT_BREAK");
  EXPECT_EQ(told[0].find("reopen_timestamp")->integer(), 5);
  EXPECT_GE(told[0].find("timestamp")->integer(), before);
}

TEST_F(StreamsTest, AConnectionIsFoundByItsSidWhileItIsOpen) {
  join(one, {});
  const std::string text = sink.take(one)[1];  // 40{"sid":"..."}
  const auto json = net::parse_json(ByteView(text).substr(2), 1'000);
  ASSERT_TRUE(json.has_value()) << text;
  const std::string sid(json->find("sid")->string().value());
  EXPECT_EQ(streams.connection_of(sid), one.value);
  EXPECT_FALSE(streams.connection_of("").has_value());
  EXPECT_FALSE(streams.connection_of(sid + "x").has_value());
  streams.on_closed(one);
  EXPECT_FALSE(streams.connection_of(sid).has_value());
}

}  // namespace
}  // namespace oki::edge
