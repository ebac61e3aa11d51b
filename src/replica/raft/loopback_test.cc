// Three nodes with the shipped engine on real sockets, disks and threads of this process, and a
// client that sees one of them die.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>
#include <thread>

#include "base/random.h"
#include "host/child.h"
#include "host/loop.h"
#include "replica/client.h"
#include "replica/node.h"
#include "replica/testing/list_machine.h"

namespace oki::replica {
namespace {

constexpr std::uint64_t cluster = 5;

struct Zeros : Random {
  Bytes bytes(std::size_t count) override { return Bytes(count, '\0'); }
};

// A node on a loop and a thread of its own, from start to its sudden end.
class NodeThread {
 public:
  NodeThread(const std::string& directory, const NodeOptions& options)
      : thread_([this, directory, options] { live(directory, options); }) {}
  ~NodeThread() { end(); }

  // Without a word to anybody: its sockets close, what its disk has not begun is lost.
  std::vector<Bytes> end() {
    if (thread_.joinable()) {
      loop_.stop();
      thread_.join();
    }
    return machine_.commands;
  }

 private:
  void live(const std::string& directory, const NodeOptions& options) {
    auto disk = loop_.open_disk(directory);
    ASSERT_TRUE(disk.has_value()) << disk.error().message;
    Log log(loop_.clock(), "node", {});
    Metrics metrics;
    Node node({loop_.clock(), loop_.timers(), loop_.net(), **disk, log, metrics, machine_}, options,
              make_raft_engine, [](const Error& reason) { ADD_FAILURE() << reason.message; });
    loop_.at_turn_end([&] { node.turn_end(); });
    node.start([](const Result<Address>& ready) {
      if (!ready) ADD_FAILURE() << ready.error().message;
    });
    loop_.run();
  }

  host::Loop loop_;
  ListMachine machine_;
  std::thread thread_;
};

struct Loopback : ::testing::Test {
  Loopback() {
    char name[] = "/tmp/okiagari_nodes_XXXXXX";
    path = mkdtemp(name);
    for (int i = 0; i < 3; ++i) {
      const auto port = host::free_port();
      EXPECT_TRUE(port.has_value());
      addresses.push_back({"127.0.0.1", *port});
    }
  }
  ~Loopback() override {
    nodes.clear();
    std::filesystem::remove_all(path);
  }
  void start(std::uint32_t seat) {
    NodeOptions options;
    options.cluster = cluster;
    options.seat = seat;
    options.nodes = addresses;
    options.bootstrap = true;
    options.replica.journal.segment_bytes = 8u << 20;
    options.replica.journal.frame_bytes_max = 4u << 20;
    options.replica.journal.entry_bytes_max = 2u << 20;
    nodes[seat] = std::make_unique<NodeThread>(path + "/" + std::to_string(seat), options);
  }
  // Runs the client's loop until `condition`.
  bool run_until(const std::function<bool()>& condition) {
    bool held = false;
    const MonoTimeNs deadline = loop.clock().mono_now() + 60'000 * ns_per_ms;
    std::function<void()> look = [&] {
      held = condition();
      if (held || loop.clock().mono_now() > deadline) return loop.stop();
      loop.timers().after_ms(2, look);
    };
    look();
    loop.run();
    return held;
  }
  void submit(int count) {
    for (int i = 0; i < count; ++i) {
      const Bytes command = std::to_string(submitted++);
      client->submit(command, [this, command](const Answer& answer) {
        ++finished;
        if (answer.outcome == Outcome::answered) acknowledged.push_back(command);
      });
    }
  }

  std::string path;
  std::vector<Address> addresses;
  std::map<std::uint32_t, std::unique_ptr<NodeThread>> nodes;
  host::Loop loop;
  Zeros random;
  Log log{loop.clock(), "client", {}};
  Metrics metrics;
  std::unique_ptr<Client> client;
  int submitted = 0;
  int finished = 0;
  std::vector<Bytes> acknowledged;
};

TEST_F(Loopback, AKilledLeaderLosesAndDoublesNothing) {
  for (std::uint32_t seat = 1; seat <= 3; ++seat) start(seat);
  ClientOptions options;
  options.cluster = cluster;
  options.nodes = addresses;
  options.deadline_ms = 20'000;  // A loaded machine may take long to elect.
  client = std::make_unique<Client>(
      Client::Parts{loop.clock(), loop.timers(), loop.net(), random, log, metrics}, options);
  ASSERT_TRUE(run_until([&] { return client->view().leader_known; }));
  submit(2000);
  ASSERT_TRUE(run_until([&] { return finished > 1000; }));
  const std::uint32_t killed = client->view().leader_seat;
  nodes[killed].reset();
  submit(1000);
  ASSERT_TRUE(run_until([&] { return finished == submitted; }));
  start(killed);
  submit(1000);
  ASSERT_TRUE(run_until([&] { return finished == submitted; }));
  EXPECT_EQ(acknowledged.size(), 4000u);
  ASSERT_TRUE(run_until([&] {
    const std::vector<bool> all{true, true, true};
    return client->view().connected == all;
  }));
  const std::vector<Bytes> list = nodes[client->view().leader_seat]->end();
  std::map<Bytes, int> times;
  for (const Bytes& command : list) ++times[command];
  EXPECT_EQ(times.size(), 4000u);
  for (const auto& [command, count] : times) EXPECT_EQ(count, 1) << command;
}

}  // namespace
}  // namespace oki::replica
