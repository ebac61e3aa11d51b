// Any bytes as a request into a filled exchange: nothing may stop the process, and every request is
// answered exactly once.
//
// Input: the first byte chooses how the rest becomes a request (as whole HTTP; as the target or the
// body of a request that is properly signed, so that what lies behind the signature is reached; as
// the text of a stream message), the second which endpoint.
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "edge/streams.h"
#include "edge/testing/exchange.h"

namespace oki::edge {
namespace {

using testing::alice;
using testing::bob;

constexpr std::uint64_t verify_every = 1'000;  // Inputs; it walks everything.

class NoSink : public SocketSink {
 public:
  void send_frame(net::SocketId, std::shared_ptr<const Bytes>) override {}
  void close_socket(net::SocketId, std::uint16_t, ByteView) override {}
  std::size_t backlog_bytes(net::SocketId) const override { return 0; }
};

EdgeOptions unlimited() {
  EdgeOptions options = testing::test_options();
  options.rate_limits = false;
  return options;
}

struct World {
  World() {
    for (std::uint64_t i = 0; i < 10; ++i) {
      exchange.place(alice, core::Side::sell, 105 + i, 5000);
      exchange.place(bob, core::Side::buy, 95 - i, 5000);
    }
    exchange.place(bob, core::Side::buy, 106, 7000);
    exchange.after_block = [this] { streams.on_change(); };
  }
  testing::Exchange exchange{unlimited(), 0};
  std::uint64_t connection = 0;  // Of the last request; each has its own.
  testing::CountingRandom random;
  NoSink sink;
  StreamsOptions stream_options;
  Streams streams{{exchange.clock, exchange.timers, random, exchange.metrics, exchange.projection,
                   exchange.books, sink},
                  stream_options};
};

constexpr const char* posts[] = {"/v1/user/spot/order",         "/v1/user/spot/cancel_order",
                                 "/v1/user/spot/cancel_orders", "/v1/user/spot/orders_info",
                                 "/v1/user/spot/orders",        "/v1/user/spot/amend_order",
                                 "/v1/user/spot/cancel_all",    "/v1/user/spot/cancel_all_after"};
constexpr const char* gets[] = {"/v1/user/spot/order?", "/v1/user/spot/active_orders?",
                                "/v1/user/spot/trade_history?", "/"};

void handle(World& world, const net::HttpRequest& request) {
  int answers = 0;
  world.exchange.gateway.handle(
      request, [&answers](const net::HttpResponse&) { ++answers; }, ++world.connection);
  world.exchange.gateway.closed(world.connection);
  world.exchange.cluster.run();
  if (answers != 1) std::abort();
}

void handle_http(World& world, ByteView text) {
  net::HttpRequestParser parser(net::HttpLimits{});
  parser.feed(text);
  while (true) {
    const auto request = parser.next();
    if (!request || !*request) return;
    handle(world, **request);
  }
}

void stream(World& world, ByteView text) {
  const net::SocketId socket{1};
  world.streams.on_open(socket);
  world.streams.on_message(socket, "40");
  world.streams.on_message(socket, text);
  world.exchange.timers.advance_ms(100);
  world.streams.on_closed(socket);
}

void one(World& world, ByteView input) {
  if (input.size() < 2) return;
  const auto way = static_cast<unsigned char>(input[0]) % 4;
  const auto endpoint = static_cast<unsigned char>(input[1]);
  const std::string rest(input.substr(2));
  if (way == 0) return handle_http(world, rest);
  if (way == 1) {
    return handle(world, world.exchange.signed_request(alice, "POST",
                                                       posts[endpoint % std::size(posts)], rest));
  }
  if (way == 2) {
    return handle(world, world.exchange.signed_request(alice, "GET",
                                                       gets[endpoint % std::size(gets)] + rest));
  }
  stream(world, rest);
}

}  // namespace
}  // namespace oki::edge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static oki::edge::World world;
  static std::uint64_t inputs = 0;
  oki::edge::one(world, {reinterpret_cast<const char*>(data), size});
  if (++inputs % oki::edge::verify_every == 0) world.exchange.projection.verify();
  return 0;
}
