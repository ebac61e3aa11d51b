#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "host/loop.h"

namespace oki::host {
namespace {

const Address loopback{"127.0.0.1", 0};

struct Recorder : StreamHandler {
  void on_open(ConnectionId id, const Address&) override {
    opened.push_back(id);
    if (open) open(id);
  }
  void on_bytes(ConnectionId id, ByteView received) override {
    bytes += received;
    if (receive) receive(id, received);
  }
  void on_closed(ConnectionId id, CloseReason reason) override {
    closed[id].push_back(reason);
    if (close) close(id, reason);
  }
  void on_drained(ConnectionId id) override {
    ++drained_count;
    if (drained) drained(id);
  }

  std::function<void(ConnectionId)> open, drained;
  std::function<void(ConnectionId, ByteView)> receive;
  std::function<void(ConnectionId, CloseReason)> close;
  std::vector<ConnectionId> opened;
  std::map<ConnectionId, std::vector<CloseReason>> closed;
  Bytes bytes;
  int drained_count = 0;
};

struct Tcp : ::testing::Test {
  Tcp() {
    loop.timers().after_ms(20'000, [this] {
      ADD_FAILURE() << "the loop was not stopped in time";
      loop.stop();
    });
  }
  Address listen(const StreamOptions& options = {}) {
    const auto address = loop.net().listen(loopback, server, options);
    EXPECT_TRUE(address.has_value());
    return *address;
  }
  // A plain blocking socket, for what a Net of ours would never do.
  int raw_connect(const Address& address) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &target.sin_addr);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof target), 0);
    return fd;
  }
  using Reasons = std::vector<CloseReason>;

  Recorder client, server;
  Loop loop;
};

TEST_F(Tcp, EchoesAndClosesWithReasonsOnBothSides) {
  const Address address = listen();
  EXPECT_NE(address.port, 0);
  server.receive = [&](ConnectionId id, ByteView bytes) { loop.net().send(id, bytes); };
  client.receive = [&](ConnectionId id, ByteView) {
    if (client.bytes.size() == 10) loop.net().close(id);
  };
  server.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const ConnectionId id = loop.net().connect(address, client, {});
  loop.net().send(id, "early");
  EXPECT_TRUE(client.opened.empty());
  client.open = [&](ConnectionId opened) { loop.net().send(opened, " late"); };
  loop.run();
  EXPECT_EQ(client.bytes, "early late");
  EXPECT_EQ(client.closed[id], Reasons{CloseReason::by_us});
  EXPECT_EQ(server.closed[server.opened.at(0)], Reasons{CloseReason::by_peer});
}

TEST_F(Tcp, AHandlerThatDetachesIsNeverCalledAgain) {
  const Address address = listen();
  auto leaver = std::make_unique<Recorder>();
  const ConnectionId waiting = loop.net().connect(address, *leaver, {});
  leaver->open = [&](ConnectionId) {
    loop.net().send(waiting, "bye");
    loop.net().detach(*leaver);
    leaver.reset();
  };
  server.close = [&](ConnectionId, CloseReason) {
    // The listener goes in the same way: the next connection finds nobody.
    loop.net().detach(server);
    loop.net().connect(address, client, {});
  };
  client.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  loop.run();
  EXPECT_EQ(server.bytes, "bye");
  EXPECT_EQ(client.closed.begin()->second, Reasons{CloseReason::refused});
}

// Whether this machine has an IPv6 loopback, asked without our own code.
bool has_version_six() {
  const int fd = socket(AF_INET6, SOCK_STREAM, 0);
  if (fd < 0) return false;
  sockaddr_in6 own{};
  own.sin6_family = AF_INET6;
  own.sin6_addr = in6addr_loopback;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0;
  ::close(fd);
  return bound;
}

TEST_F(Tcp, WorksOverVersionSixOrSaysThatThereIsNone) {
  const auto address = loop.net().listen({"::1", 0}, server, {});
  ASSERT_EQ(address.has_value(), has_version_six());
  if (!address) {
    EXPECT_NE(address.error().message.find("::1"), std::string::npos) << address.error().message;
    return;
  }
  server.receive = [&](ConnectionId, ByteView) { loop.stop(); };
  loop.net().send(loop.net().connect(*address, client, {}), "six");
  loop.run();
  EXPECT_EQ(server.bytes, "six");
}

TEST_F(Tcp, AConnectionNobodyTakesIsRefusedAfterTheCall) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof any;
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&any), &length), 0);
  client.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const ConnectionId id = loop.net().connect({"127.0.0.1", ntohs(any.sin_port)}, client, {});
  EXPECT_TRUE(client.closed.empty());
  loop.run();
  EXPECT_EQ(client.closed[id], Reasons{CloseReason::refused});
  EXPECT_TRUE(client.opened.empty());
  close(fd);
}

TEST_F(Tcp, ANameInsteadOfAnAddressIsRefused) {
  client.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const ConnectionId id = loop.net().connect({"localhost", 80}, client, {});
  loop.run();
  EXPECT_EQ(client.closed[id], Reasons{CloseReason::refused});
  const auto listening = loop.net().listen({"nowhere", 0}, server, {});
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().message, "'nowhere' is not an IP address");
}

TEST_F(Tcp, ATakenPortIsSaidInOneSentence) {
  const Address address = listen();
  const auto again = loop.net().listen(address, server, {});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, Errc::exists);
  EXPECT_EQ(again.error().message,
            "cannot listen on " + to_string(address) + ": Address already in use");
}

TEST_F(Tcp, ATurnsBytesToOneConnectionLeaveInOneCall) {
  const Address address = listen();
  int arrivals = 0;
  server.receive = [&](ConnectionId, ByteView) {
    ++arrivals;
    if (server.bytes.size() == 3000) loop.stop();
  };
  client.open = [&](ConnectionId id) {
    for (int i = 0; i < 1000; ++i) loop.net().send(id, "abc");
    EXPECT_EQ(loop.net().backlog_bytes(id), 3000u);
  };
  loop.net().connect(address, client, {});
  loop.run();
  EXPECT_EQ(arrivals, 1);
}

TEST_F(Tcp, SendsMegabytesInOrderAndSaysWhenDrained) {
  const Address address = listen({.backlog_bytes_max = 64u << 20});
  Bytes sent;
  for (int i = 0; i < 3'000'000; ++i) sent.push_back(static_cast<char>(i * 7 + i / 1000));
  const auto shared = std::make_shared<const Bytes>(sent);
  server.open = [&](ConnectionId id) {
    loop.net().send(id, "<");
    loop.net().send_shared(id, shared);
    loop.net().send(id, ">");
    loop.net().send_shared(id, shared);
    loop.net().send_shared(id, std::make_shared<const Bytes>());
  };
  client.receive = [&](ConnectionId, ByteView) {
    if (client.bytes.size() == 2 * sent.size() + 2) loop.stop();
  };
  loop.net().connect(address, client, {});
  loop.run();
  EXPECT_TRUE(client.bytes == "<" + sent + ">" + sent);
  EXPECT_EQ(server.drained_count, 1);
}

TEST_F(Tcp, DrainedComesAlsoWhenNothingHadToWait) {
  const Address address = listen();
  server.drained = [&](ConnectionId) { loop.stop(); };
  server.open = [&](ConnectionId id) { loop.net().send(id, "x"); };
  loop.net().connect(address, client, {});
  loop.run();
  EXPECT_EQ(server.drained_count, 1);
}

TEST_F(Tcp, APeerThatTakesNothingIsClosedAtTheBacklogLimit) {
  const Address address = listen({.backlog_bytes_max = 100'000});
  const Bytes piece(60'000, 'x');
  server.open = [&](ConnectionId id) { loop.net().send(id, piece); };
  server.drained = [&](ConnectionId id) { loop.net().send(id, piece); };
  server.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const int fd = raw_connect(address);
  const std::function<void()> push = [&] {
    if (server.opened.empty() || !server.closed.empty()) return;
    loop.net().send(server.opened[0], piece);
    loop.timers().after_ms(1, push);
  };
  loop.timers().after_ms(20, push);
  loop.run();
  EXPECT_EQ(server.closed[server.opened.at(0)], Reasons{CloseReason::backlog});
  close(fd);
}

TEST_F(Tcp, CloseSendsWhatIsQueuedFirstEvenWhenThePeerStillTalks) {
  const Address address = listen({.backlog_bytes_max = 8u << 20});
  const Bytes answer(4'000'000, 'a');
  server.receive = [&](ConnectionId id, ByteView) {
    loop.net().send(id, answer);
    loop.net().close(id);
    loop.net().send(id, "never");
  };
  client.receive = [&](ConnectionId id, ByteView) { loop.net().send(id, "still talking"); };
  client.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const ConnectionId id = loop.net().connect(address, client, {});
  loop.net().send(id, "ask");
  loop.run();
  EXPECT_TRUE(client.bytes == answer);
  EXPECT_EQ(client.closed[id], Reasons{CloseReason::by_peer});
  EXPECT_EQ(server.closed[server.opened.at(0)], Reasons{CloseReason::by_us});
  EXPECT_EQ(server.bytes, "ask");
}

TEST_F(Tcp, APeerThatFinishedItsHalfStillGetsItsAnswer) {
  const Address address = listen();
  server.receive = [&](ConnectionId id, ByteView) { loop.net().send(id, "answer"); };
  server.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const int fd = raw_connect(address);
  ASSERT_EQ(::send(fd, "ask", 3, 0), 3);
  ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
  loop.run();
  char got[16] = "";
  EXPECT_EQ(recv(fd, got, sizeof got, 0), 6);
  EXPECT_STREQ(got, "answer");
  close(fd);
}

TEST_F(Tcp, AResetIsTold) {
  const Address address = listen();
  server.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const int fd = raw_connect(address);
  server.open = [&](ConnectionId) {
    const linger hard{1, 0};
    ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    close(fd);
  };
  loop.run();
  EXPECT_EQ(server.closed[server.opened.at(0)], Reasons{CloseReason::reset});
}

TEST_F(Tcp, OneConnectionTooManyIsClosedAtOnceAndAFreedPlaceIsUsed) {
  const Address address = listen({.connections_max = 2});
  int refused = 0;
  client.close = [&](ConnectionId, CloseReason reason) {
    if (reason != CloseReason::by_peer) return;
    ++refused;
    loop.net().close(client.opened[0]);
  };
  server.close = [&](ConnectionId, CloseReason) { loop.net().connect(address, client, {}); };
  server.open = [&](ConnectionId) {
    if (server.opened.size() == 3) loop.stop();
  };
  for (int i = 0; i < 3; ++i) loop.net().connect(address, client, {});
  loop.run();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(server.opened.size(), 3u);
}

TEST_F(Tcp, ASilentConnectionIsClosedAsIdleAndABusyOneIsNot) {
  const Address address = listen({.idle_timeout_ms = 60});
  server.receive = [&](ConnectionId id, ByteView bytes) { loop.net().send(id, bytes); };
  const ConnectionId silent = loop.net().connect(address, client, {});
  const ConnectionId busy = loop.net().connect(address, client, {});
  std::function<void()> talk = [&] {
    loop.net().send(busy, ".");
    loop.timers().after_ms(10, talk);
  };
  talk();
  client.close = [&](ConnectionId, CloseReason) {
    loop.timers().after_ms(100, [&] { loop.stop(); });
  };
  loop.run();
  EXPECT_EQ(client.closed[silent], Reasons{CloseReason::by_peer});
  EXPECT_TRUE(client.closed[busy].empty());
  EXPECT_EQ(server.closed.size(), 1u);
  EXPECT_EQ(server.closed.begin()->second, Reasons{CloseReason::idle});
}

TEST_F(Tcp, IdsAreNeverUsedAgain) {
  const Address address = listen();
  std::vector<ConnectionId> ids;
  client.close = [&](ConnectionId, CloseReason) {
    if (ids.size() == 50) return loop.stop();
    ids.push_back(loop.net().connect(address, client, {}));
  };
  server.open = [&](ConnectionId id) { loop.net().close(id); };
  ids.push_back(loop.net().connect(address, client, {}));
  loop.run();
  ids.insert(ids.end(), server.opened.begin(), server.opened.end());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST_F(Tcp, UnknownAndClosedConnectionsAreIgnored) {
  loop.net().send({77}, "x");
  loop.net().close({77});
  EXPECT_EQ(loop.net().backlog_bytes({77}), 0u);
  const Address address = listen();
  client.open = [&](ConnectionId id) {
    loop.net().close(id);
    loop.net().close(id);
    loop.net().send(id, "x");
  };
  server.close = [&](ConnectionId, CloseReason) { loop.stop(); };
  const ConnectionId id = loop.net().connect(address, client, {});
  loop.run();
  EXPECT_EQ(client.closed[id].size(), 1u);
  EXPECT_EQ(server.bytes, "");
}

TEST_F(Tcp, WithoutDescriptorsConnectionsAreTurnedAwayAndTheListenerLives) {
  const Address address = listen();
  std::vector<int> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(raw_connect(address));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(clients.back()) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  int late = -1;
  loop.timers().after_ms(30, [&] {
    EXPECT_TRUE(server.opened.empty());
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    late = raw_connect(address);
  });
  server.open = [&](ConnectionId) { loop.stop(); };
  loop.run();
  EXPECT_EQ(server.opened.size(), 1u);
  for (const int fd : clients) close(fd);
  close(late);
}

}  // namespace
}  // namespace oki::host
