// Three watches as real processes, an exchange that is not there, and the world as one webhook: the
// incident goes on when the leading watch is killed, the public is told once, and people work on it
// from the command line.
//
// OKI_CURRENT is the binary (CMakeLists).
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/process.h"
#include "crypto/crypto.h"
#include "host/child.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/json_reader.h"

namespace oki::app {
namespace {

constexpr std::int64_t patience_ms = 60'000;

std::uint16_t a_port() {
  const auto port = host::free_port();
  EXPECT_TRUE(port.has_value());
  return port.value_or(0);
}

std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// Counts what came, by its idempotency key.
struct Sink : net::HttpHandler {
  void on_request(const Address&, net::HttpRequest request, net::Responder responder) override {
    const std::string id(request.header("webhook-id"));
    ++times[id];
    bodies[id] = request.body;
    responder.send(net::text_response(200, "ok"));
  }
  // Different messages that hold this text.
  std::size_t with(const std::string& text) const {
    std::size_t count = 0;
    for (const auto& [id, body] : bodies) count += body.find(text) != std::string::npos;
    return count;
  }

  std::map<std::string, int> times;
  std::map<std::string, std::string> bodies;
};

struct Ended {
  int code = -1;
  std::string text;
};

class WatchClusterTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t seats = 3;

  WatchClusterTest() : process_("test") {
    char name[] = "/tmp/okiagari_watches_XXXXXX";
    path_ = mkdtemp(name);
    for (std::uint32_t i = 0; i < seats; ++i) {
      ports_[i] = a_port();
      metrics_[i] = a_port();
      operators_[i] = a_port();
      watches_ += (watches_.empty() ? "" : ",") + local(ports_[i]);
    }
    const auto bound = server_.listen(Address{"127.0.0.1", 0});
    EXPECT_TRUE(bound.has_value());
    write_files(to_string(*bound));
    for (std::uint32_t seat = 1; seat <= seats; ++seat) start(seat, {"--bootstrap"});
  }
  ~WatchClusterTest() override {
    for (host::Child& child : children_) child.kill_now();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  host::Loop& loop() { return process_.loop(); }

  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(host::write_file(path_ + "/" + name, content, 0600));
  }

  void write_files(const std::string& sink) {
    const std::string key(32, 'k');
    write("house.json", R"({"accounts":[{"key":"a","secret":"b"},{"key":"c","secret":"d"}]})");
    write("sign.key", crypto::hex(key));
    write("hook.secret", "whsec_" + crypto::base64(key) + "\n");
    write("channels.toml",
          "[site]\nurl = \"https://status.example.jp\"\nname = \"Okiagari\"\n"
          "[[channel]]\nservice = \"webhook\"\nname = \"sink\"\nlanguages = [\"en\"]\n"
          "format = \"statuspage\"\nurl = \"http://" +
              sink + "/hook\"\nsecret_file = \"" + path_ + "/hook.secret\"\n");
    std::string house;
    for (const char* id : {"node 1", "edge 1", "market btc_jpy"}) {
      house += std::string("[[component]]\nid = \"") + id + "\"\ntier = 1\n";
    }
    for (const char* person : {"1\nname = \"Aki\"", "2\nname = \"Ben\""}) {
      house += std::string("[[person]]\nid = ") + person + "\nrights = [\"all\"]\n";
    }
    for (std::uint32_t seat = 1; seat <= seats; ++seat) {
      house += "[[speaker]]\nname = \"watch " + std::to_string(seat) + "\"\nsilent_ms = 10000\n";
    }
    write("response.toml", house);
    for (const char* person : {"1", "2"}) {
      const Ended made = run({"incident", "login-token", "--person", person, "--file",
                              path_ + "/tokens", "--out", path_ + "/token" + person});
      ASSERT_EQ(made.code, 0) << made.text;
    }
  }

  void start(std::uint32_t seat, const std::vector<std::string>& more) {
    const std::string name = path_ + "/watch" + std::to_string(seat);
    std::vector<std::string> words = {OKI_CURRENT,
                                      "watch",
                                      "--cluster=9",
                                      "--nodes=127.0.0.1:1",
                                      "--edges=127.0.0.1:1",
                                      "--status=127.0.0.1:1",
                                      "--dir=" + name,
                                      "--house-keys=" + path_ + "/house.json",
                                      "--signing-key=" + path_ + "/sign.key",
                                      "--metrics=" + local(metrics_[seat - 1]),
                                      "--seat=" + std::to_string(seat),
                                      "--watches=" + watches_,
                                      "--response-cluster=7",
                                      "--response=" + path_ + "/response.toml",
                                      "--channels=" + path_ + "/channels.toml",
                                      "--operators=" + local(operators_[seat - 1]),
                                      "--operator-tokens=" + path_ + "/tokens",
                                      "--logs=" + path_ + "/app*.log",
                                      "--logs-learn=0"};
    words.insert(words.end(), more.begin(), more.end());
    auto child = host::Child::start(words, name + ".log");
    ASSERT_TRUE(child) << child.error().message;
    children_[seat - 1] = std::move(*child);
  }

  bool run_until(const std::function<bool()>& condition) {
    const MonoTimeNs deadline = loop().clock().mono_now() + patience_ms * ns_per_ms;
    while (!condition()) {
      if (loop().clock().mono_now() >= deadline) return false;
      loop().timers().after_ms(20, [this] { loop().stop(); });
      loop().run();
    }
    return true;
  }

  Ended run(std::vector<std::string> words) {
    const std::string log = path_ + "/run-" + std::to_string(++runs_) + ".log";
    words.insert(words.begin(), OKI_CURRENT);
    auto child = host::Child::start(words, log);
    EXPECT_TRUE(child);
    if (!child) return {};
    EXPECT_TRUE(run_until([&] { return !child->running(); }));
    return {child->exit_status(), host::read_file(log, 1u << 20).value_or("")};
  }

  // `okiagari incident ...` as this person, at whichever watch is there.
  Ended incident(const char* person, std::vector<std::string> words) {
    words.insert(words.begin(), "incident");
    std::string all;
    for (const std::uint16_t port : operators_) all += (all.empty() ? "" : ",") + local(port);
    words.insert(words.end(), {"--at=" + all, "--token=" + path_ + "/token" + person});
    return run(std::move(words));
  }

  // /state.json of a seat; empty when it does not answer.
  std::string state(std::uint32_t seat) {
    net::HttpClient client(loop().net(), loop().timers(), {"127.0.0.1", metrics_[seat - 1]}, {});
    net::HttpRequest request;
    request.method = "GET";
    request.target = "/state.json";
    std::string body;
    bool done = false;
    client.request(request, [&](const Result<net::HttpResponse>& response) {
      if (response) body = response->body;
      done = true;
    });
    run_until([&] { return done; });
    return body;
  }
  std::uint32_t leader() {
    for (std::uint32_t seat = 1; seat <= seats; ++seat) {
      if (!children_[seat - 1].running()) continue;
      if (state(seat).find(R"("leads":true)") != std::string::npos) return seat;
    }
    return 0;
  }

  Process process_;
  Sink sink_;
  net::HttpServer server_{
      process_.loop().net(), process_.loop().timers(), process_.loop().clock(), sink_, {}};
  std::string path_, watches_;
  std::array<std::uint16_t, seats> ports_{}, metrics_{}, operators_{};
  std::array<host::Child, seats> children_;
  int runs_ = 0;
};

TEST_F(WatchClusterTest, AnIncidentGoesOnWhenItsWatchIsKilledAndIsToldOnce) {
  // Two watches that hear nothing of the exchange confirm each other.
  ASSERT_TRUE(run_until([&] {
    const std::uint32_t seat = leader();
    return seat != 0 && state(seat).find("investigating") != std::string::npos;
  }));
  const std::uint32_t killed = leader();
  ASSERT_NE(killed, 0u);
  children_[killed - 1].kill_now();
  ASSERT_TRUE(run_until([&] {
    const std::uint32_t seat = leader();
    return seat != 0 && state(seat).find("inc1") != std::string::npos;
  }));
  EXPECT_TRUE(run_until([&] { return sink_.with("investigating") >= 1; }));
  start(killed, {});
  ASSERT_TRUE(run_until([&] { return !state(killed).empty(); }));

  const Ended list = incident("1", {"list", "--lang", "en"});
  EXPECT_EQ(list.code, 0) << list.text;
  EXPECT_NE(list.text.find("inc1"), std::string::npos) << list.text;
  EXPECT_EQ(incident("1", {"acknowledge", "inc1"}).code, 0);
  const Ended again = incident("2", {"acknowledge", "inc1"});
  EXPECT_EQ(again.code, exit_code::failed);
  EXPECT_NE(again.text.find("no_change"), std::string::npos) << again.text;
  EXPECT_EQ(incident("1", {"propose-notice", "inc1", "--phase", "identified", "--cause",
                           "回線の故障|A broken line"})
                .code,
            0);
  const Ended alone = incident("1", {"decide-notice", "inc1", "--proposal", "2"});
  EXPECT_EQ(alone.code, exit_code::failed);
  EXPECT_NE(alone.text.find("same_person"), std::string::npos) << alone.text;
  EXPECT_EQ(incident("2", {"decide-notice", "inc1", "--proposal", "2"}).code, 0);
  EXPECT_TRUE(run_until([&] { return sink_.with("A broken line") >= 1; }));
  const Ended rows = incident("1", {"timeline", "1", "--lang", "ja"});
  EXPECT_EQ(rows.code, 0);
  EXPECT_NE(rows.text.find("お知らせ"), std::string::npos) << rows.text;
  // Under one name and number there is one notice, however often its watch changed.
  // Changes of components go to the same webhook.
  EXPECT_EQ(sink_.bodies.size() - sink_.with("component_update"), 2u);
  EXPECT_EQ(sink_.with("A broken line"), 1u);
}

// What people decide about incidents goes on to suggestions for the rules, by commands alone: a
// node that is away is a suspicion, somebody says that it was nothing.
TEST_F(WatchClusterTest, AlarmsAreExportedAndTuned) {
  std::string suspected;
  ASSERT_TRUE(run_until([&] {
    const Ended list = incident("1", {"list", "--json"});
    const auto json = net::parse_json(list.text, 1u << 20);
    const net::Json* all = json ? json->find("incidents") : nullptr;
    for (std::size_t i = 0; all != nullptr && i < all->array()->size(); ++i) {
      const net::Json& each = (*all->array())[i];
      if (each.find("phase")->string() == "suspected") suspected = *each.find("name")->string();
    }
    return !suspected.empty();
  }));
  const Ended none = incident("1", {"alarms", "--json"});
  EXPECT_EQ(none.code, 0) << none.text;
  EXPECT_EQ(none.text, "") << "nothing is decided yet";
  const Ended done = incident("1", {"dismiss", suspected, "--words", "It was moved."});
  ASSERT_EQ(done.code, 0) << done.text;
  Ended lines;
  ASSERT_TRUE(run_until([&] {
    lines = incident("1", {"alarms", "--json"});
    return lines.code == 0 && !lines.text.empty();
  }));
  EXPECT_NE(lines.text.find(R"("rule":"node_away","was_true":false,"delay_ms":)"),
            std::string::npos)
      << lines.text;
  write("alarms.jsonl", lines.text);
  const Ended tuned = run({"watch", "tune", "--alarms", path_ + "/alarms.jsonl", "--json"});
  EXPECT_EQ(tuned.code, 0) << tuned.text;
  EXPECT_NE(tuned.text.find(R"("rule":"node_away","true_alarms":0,"false_alarms":1)"),
            std::string::npos)
      << tuned.text;
  const Ended words = incident("1", {"alarms", "--lang", "en"});
  EXPECT_EQ(words.code, 0);
  EXPECT_NE(words.text.find("node_away: 0 true, 1 false"), std::string::npos) << words.text;
}

// A log that a process writes while the watches run: its error stands in the incident of that part.
TEST_F(WatchClusterTest, ErrorsInALogAreSignalsOfAnIncident) {
  ASSERT_TRUE(run_until([&] {
    const std::uint32_t seat = leader();
    return seat != 0 && state(seat).find("investigating") != std::string::npos;
  }));
  const std::string line = R"({"level":"error","process":"edge 127.0.0.1:1","room":"edge",)"
                           R"("what":"the disk is full, password=hunter"})"
                           "\n";
  write("app1.log", line + line + line);
  Ended shown;
  EXPECT_TRUE(run_until([&] {
    shown = incident("1", {"show", "inc1", "--json"});
    return shown.text.find("logs/new/") != std::string::npos;
  })) << shown.text;
  EXPECT_NE(shown.text.find("edge 1 logs what it never logged before"), std::string::npos);
  EXPECT_EQ(shown.text.find("hunter"), std::string::npos);
}

}  // namespace
}  // namespace oki::app
