// Customers' mail, from a real client of LMTP (Python's smtplib) to a watch that really runs, to
// the command line of staff, and to an incident when those who write are right.
//
// OKI_CURRENT is the binary, OKI_SEND_MAIL the script that sends (CMakeLists).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/process.h"
#include "crypto/crypto.h"
#include "edge/records_page.h"
#include "host/child.h"
#include "net/metrics_server.h"

namespace oki::app {
namespace {

constexpr std::int64_t patience_ms = 60'000;

std::string an_address() { return "127.0.0.1:" + std::to_string(host::free_port().value_or(0)); }

struct Ended {
  int code = -1;
  std::string text;
};

class InquiryTest : public ::testing::Test {
 protected:
  InquiryTest() : process_("test") {
    char name[] = "/tmp/okiagari_inquiries_XXXXXX";
    path_ = mkdtemp(name);
    auto disk = loop().open_disk(path_ + "/records");
    EXPECT_TRUE(disk.has_value());
    disk_ = std::move(*disk);
    auto records =
        edge::Records::open({loop().clock(), process_.log(), process_.metrics()}, *disk_, {});
    EXPECT_TRUE(records.has_value());
    records_ = std::move(*records);
    edge_.add_handler(
        std::string(edge::records_path),
        [this](const net::HttpRequest& request, const net::MetricsServer::Respond& respond) {
          edge::answer_records(*records_, request, respond);
        });
    const auto bound = edge_.listen({"127.0.0.1", 0});
    EXPECT_TRUE(bound.has_value());
    write_files();
    start(to_string(*bound));
  }
  ~InquiryTest() override {
    watch_.kill_now();
    if (!HasFailure()) std::filesystem::remove_all(path_);
  }

  host::Loop& loop() { return process_.loop(); }

  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(host::write_file(path_ + "/" + name, content, 0600));
  }
  void write_files() {
    write("house.json", R"({"accounts":[{"key":"a","secret":"b"},{"key":"c","secret":"d"}]})");
    write("sign.key", crypto::hex(std::string(32, 'k')));
    write("response.toml",
          "[[component]]\nid = \"market btc_jpy\"\ntier = 1\n"
          "[[person]]\nid = 1\nname = \"Aki\"\nrights = [\"all\"]\n"
          "[[person]]\nid = 2\nname = \"Ben\"\nrights = [\"operations\"]\n");
    for (const char* person : {"1", "2"}) {
      const Ended made = run({OKI_CURRENT, "incident", "login-token", "--person", person, "--file",
                              path_ + "/tokens", "--out", path_ + "/token" + person});
      ASSERT_EQ(made.code, 0) << made.text;
    }
  }
  void start(const std::string& edge_metrics) {
    auto child = host::Child::start(
        {OKI_CURRENT, "watch", "--cluster=9", "--nodes=127.0.0.1:1", "--edges=127.0.0.1:1",
         "--edge-metrics=" + edge_metrics, "--status=127.0.0.1:1", "--dir=" + path_ + "/watch",
         "--house-keys=" + path_ + "/house.json", "--signing-key=" + path_ + "/sign.key",
         "--response=" + path_ + "/response.toml", "--operators=" + operators_,
         "--operator-tokens=" + path_ + "/tokens", "--inquiry-mail=" + mail_,
         "--inquiry-recipients=support@example.jp"},
        path_ + "/watch.log");
    ASSERT_TRUE(child) << child.error().message;
    watch_ = std::move(*child);
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
  // The API takes no more than some requests a second of one person.
  void pause() {
    loop().timers().after_ms(300, [this] { loop().stop(); });
    loop().run();
  }
  Ended run(const std::vector<std::string>& words) {
    const std::string log = path_ + "/run-" + std::to_string(++runs_) + ".log";
    auto child = host::Child::start(words, log);
    EXPECT_TRUE(child);
    if (!child) return {};
    EXPECT_TRUE(run_until([&] { return !child->running(); }));
    return {child->exit_status(), host::read_file(log, 1u << 20).value_or("")};
  }
  Ended incident(std::vector<std::string> words, const char* person = "1") {
    words.insert(words.begin(), {OKI_CURRENT, "incident"});
    words.insert(words.end(),
                 {"--at=" + operators_, "--token=" + path_ + "/token" + person, "--lang=en"});
    return run(words);
  }
  Ended send(const std::string& what) {
    return run({"/usr/bin/env", "python3", OKI_SEND_MAIL, mail_, what});
  }

  // As an edge remembers that an order of the account was not taken.
  void fail(std::uint64_t account) {
    edge::FailedRequest record;
    record.at = loop().clock().wall_now();
    record.account = {account};
    record.subject = 0;
    records_->add(record);
  }

  Process process_;
  std::string path_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<edge::Records> records_;
  net::MetricsServer edge_{loop().net(), loop().timers(), loop().clock(), process_.metrics()};
  const std::string operators_ = an_address();
  const std::string mail_ = an_address();
  host::Child watch_;
  int runs_ = 0;
};

TEST_F(InquiryTest, MailOfARealClientIsKeptShownAndAnswered) {
  ASSERT_TRUE(run_until([&] { return incident({"inquiries"}).code == 0; }));
  const Ended sent = send("some");
  ASSERT_EQ(sent.code, 0) << sent.text;
  const Ended list = incident({"inquiries"});
  EXPECT_NE(list.text.find("order"), std::string::npos) << list.text;
  EXPECT_NE(list.text.find("withdrawal"), std::string::npos) << list.text;
  EXPECT_EQ(list.text.find("automatic"), std::string::npos) << list.text;
  EXPECT_NE(incident({"inquiries", "--state=all", "--automatic"}).text.find("[automatic]"),
            std::string::npos);
  const Ended one = incident({"inquiry", "1"});
  EXPECT_NE(one.text.find("注文が約定しません"), std::string::npos) << one.text;
  EXPECT_NE(one.text.find("aki@example.jp"), std::string::npos) << one.text;
  const Ended foreign = incident({"inquiry", "1"}, "2");
  EXPECT_EQ(foreign.code, exit_code::failed);
  EXPECT_EQ(foreign.text.find("aki@example.jp"), std::string::npos) << foreign.text;
  EXPECT_EQ(incident({"inquiry-counts"}, "2").code, 0);
  EXPECT_EQ(incident({"inquiry-state", "1", "--to=answered"}).code, 0);
  EXPECT_EQ(incident({"inquiry-state", "1", "--to=answered"}).code, exit_code::failed);
  EXPECT_NE(incident({"inquiry", "1"}).text.find("Aki"), std::string::npos);
  EXPECT_EQ(incident({"add-inquiry", "--account=7", "--words=on the telephone"}).code, 0);
  const std::string log = host::read_file(path_ + "/watch.log", 1u << 24).value_or("");
  EXPECT_EQ(log.find("example.jp"), std::string::npos) << "nothing personal in the log";
}

TEST_F(InquiryTest, WhoReallyHadAFailureIsKnownFromTheRecordsOfTheEdges) {
  ASSERT_TRUE(run_until([&] { return incident({"inquiries"}).code == 0; }));
  for (std::uint64_t account = 100; account < 112; ++account) fail(account);
  const Ended sent = send("failures");
  ASSERT_EQ(sent.code, 0) << sent.text;
  EXPECT_TRUE(run_until([&] {
    pause();
    return incident({"inquiries"}).text.find("[failed]") != std::string::npos;
  })) << incident({"inquiries"}).text;
}

}  // namespace
}  // namespace oki::app
