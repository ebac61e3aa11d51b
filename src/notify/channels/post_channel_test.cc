#include "notify/channels/post_channel.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "net/json_reader.h"
#include "notify/testing/notices.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
constexpr Service services[] = {Service::mastodon, Service::line,    Service::x,
                                Service::slack,    Service::discord, Service::telegram,
                                Service::facebook};

// Gives each request the same answer, byte for byte; empty: closes instead; "nothing": is silent.
class Forwarder : public StreamHandler {
 public:
  explicit Forwarder(Net& net) : net_(net) {}
  ~Forwarder() override { net_.detach(*this); }
  void on_open(ConnectionId, const Address&) override {}
  void on_closed(ConnectionId, CloseReason) override {}
  void on_bytes(ConnectionId id, ByteView bytes) override {
    seen += bytes;
    if (answer.empty()) return net_.close(id);
    if (answer != "nothing") net_.send(id, answer);
  }
  Bytes answer;
  Bytes seen;

 private:
  Net& net_;
};

Bytes http(int status, ByteView body, ByteView headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + Bytes(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + Bytes(body);
}

class PostChannelTest : public ::testing::Test {
 protected:
  PostChannelTest() { append(content, first_notice(noon)); }

  PostChannelOptions options(Service service) const {
    return {service,
            Language::ja,
            "/hooks/secret-word",
            "secret-word",
            {"https://status.example.jp", "", ""}};
  }
  Letter letter() const { return {{1}, "i20261122a/1", content, "posts", "@okiagari", ""}; }

  AttemptResult post(Service service, const Bytes& answer, bool listening = true) {
    testing::MemoryNetwork network;
    testing::MemoryNet& client_host = network.host();
    testing::MemoryNet& server_host = network.host();
    Forwarder forwarder(server_host);
    forwarder.answer = answer;
    if (listening) {
      EXPECT_TRUE(server_host.listen({server_host.ip(), 80}, forwarder, {}));
    }
    net::HttpClientOptions client_options;
    client_options.host = "service.example";
    net::HttpClient client(client_host, timers, {server_host.ip(), 80}, client_options);
    PostChannel channel(client, timers, options(service));
    std::optional<AttemptResult> result;
    const Letter sent = letter();
    channel.send(sent, [&](AttemptResult r) { result = std::move(r); });
    EXPECT_FALSE(result.has_value());
    network.run();
    timers.advance_ms(0);
    network.run();
    timers.advance_ms(10'000, [&] { network.run(); });
    seen = forwarder.seen;
    return result.value_or(AttemptResult{Attempt::refused, "no answer at all", {}});
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  Bytes content;
  Bytes seen;
};

struct Answered {
  Bytes answer;
  Attempt outcome;
};

TEST_F(PostChannelTest, EachAnswerHasItsOutcomeForEveryService) {
  const std::vector<Answered> all = {{http(200, "{\"id\":\"7\"}"), Attempt::sent},
                                     {http(200, "ok"), Attempt::sent},
                                     {http(204, ""), Attempt::sent},
                                     {http(302, ""), Attempt::refused},
                                     {http(400, "{}"), Attempt::refused},
                                     {http(401, "{}"), Attempt::absent},
                                     {http(403, "{}"), Attempt::absent},
                                     {http(404, ""), Attempt::refused},
                                     {http(422, "{}"), Attempt::refused},
                                     {http(429, ""), Attempt::retry},
                                     {http(503, ""), Attempt::retry},
                                     {http(500, ""), Attempt::unknown},
                                     {http(502, "<html>"), Attempt::unknown},
                                     {"nonsense\r\n\r\n", Attempt::unknown},
                                     {"nothing", Attempt::unknown},
                                     {"", Attempt::unknown}};
  for (const Service service : services) {
    for (const Answered& one : all) {
      if (one.answer.starts_with("HTTP/1.1 204")) continue;  // Carries no Content-Length.
      const AttemptResult result = post(service, one.answer);
      EXPECT_EQ(result.outcome, one.outcome) << name(service) << one.answer << result.text;
      EXPECT_EQ(result.text.find("secret-word"), std::string::npos);
    }
    EXPECT_EQ(post(service, "", false).outcome, Attempt::absent) << name(service);
    EXPECT_EQ(post(service, "HTTP/1.1 204 x\r\n\r\n").outcome, Attempt::sent) << name(service);
  }
}

TEST_F(PostChannelTest, AKeyThatLineHasTakenMeansSentAndElsewhereARefusal) {
  EXPECT_EQ(post(Service::line, http(409, "{}")).outcome, Attempt::sent);
  EXPECT_EQ(post(Service::x, http(409, "{}")).outcome, Attempt::refused);
}

TEST_F(PostChannelTest, RetryAfterIsObeyedWhenItIsANumberOfSeconds) {
  const auto wait = [&](const char* value) {
    return post(Service::x, http(429, "", std::string("Retry-After: ") + value + "\r\n")).wait_ms;
  };
  EXPECT_EQ(wait("30"), 30'000);
  EXPECT_EQ(wait("99999999999"), 7 * 86'400'000);
  EXPECT_EQ(wait("-1"), std::nullopt);
  EXPECT_EQ(wait("Sat, 21 Nov 2026 18:47:15 GMT"), std::nullopt);
}

TEST_F(PostChannelTest, TheServicesOwnNameOfThePostIsTheProof) {
  EXPECT_EQ(post(Service::mastodon, http(200, "{\"id\":\"113\"}")).text, "HTTP 200 id 113");
  EXPECT_EQ(post(Service::x, http(201, "{\"data\":{\"id\":\"42\",\"text\":\"t\"}}")).text,
            "HTTP 201 id 42");
  EXPECT_EQ(post(Service::telegram, http(200, "{\"ok\":true,\"result\":{\"message_id\":9}}")).text,
            "HTTP 200 id 9");
}

TEST_F(PostChannelTest, RequestsHaveTheShapesOfTheServices) {
  post(Service::mastodon, http(200, "{}"));
  EXPECT_TRUE(seen.starts_with("POST /api/v1/statuses HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("Host: service.example\r\n"), Bytes::npos);
  EXPECT_NE(seen.find("Authorization: Bearer secret-word\r\n"), Bytes::npos);
  EXPECT_NE(seen.find("Idempotency-Key: " + idempotency_key(letter())), Bytes::npos);
  post(Service::line, http(200, "{}"));
  EXPECT_TRUE(seen.starts_with("POST /v2/bot/message/broadcast HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("X-Line-Retry-Key: " + idempotency_uuid(letter())), Bytes::npos);
  post(Service::telegram, http(200, "{}"));
  EXPECT_TRUE(seen.starts_with("POST /botsecret-word/sendMessage HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("\"chat_id\":\"@okiagari\""), Bytes::npos);
  post(Service::facebook, http(200, "{}"));
  EXPECT_TRUE(seen.starts_with("POST /v21.0/%40okiagari/feed HTTP/1.1\r\n"));
  post(Service::slack, http(200, "ok"));
  EXPECT_TRUE(seen.starts_with("POST /hooks/secret-word HTTP/1.1\r\n"));
  for (const Service service : services) {
    post(service, http(200, "{}"));
    const Bytes body = seen.substr(seen.find("\r\n\r\n") + 4);
    EXPECT_TRUE(net::parse_json(body, 100'000)) << name(service) << body;
    EXPECT_NE(body.find("https://status.example.jp/notices/i20261122a"), Bytes::npos);
  }
}

TEST_F(PostChannelTest, SlackReadsNoMarkupInAText) {
  Notice notice = first_notice(noon);
  notice.title.ja = "<!channel> & <b>";
  content.clear();
  append(content, notice);
  post(Service::slack, http(200, "ok"));
  EXPECT_EQ(seen.find("<!channel>"), Bytes::npos);
  EXPECT_NE(seen.find("&lt;!channel&gt; &amp; &lt;b&gt;"), Bytes::npos);
}

TEST_F(PostChannelTest, ADrillAndForeignBytesLeaveByNoChannel) {
  Notice notice = first_notice(noon);
  notice.drill = true;
  content.clear();
  append(content, notice);
  EXPECT_EQ(post(Service::mastodon, http(200, "{}")).outcome, Attempt::refused);
  EXPECT_TRUE(seen.empty());
  content = "no notice";
  EXPECT_EQ(post(Service::mastodon, http(200, "{}")).outcome, Attempt::refused);
  EXPECT_TRUE(seen.empty());
}

TEST(PostRulesTest, OnlyServicesThatKnowKeysAreAskedTwice) {
  for (const Service service : services) {
    const bool knows = service == Service::mastodon || service == Service::line;
    EXPECT_EQ(post_rules(service).after_unknown, knows ? AfterUnknown::resend : AfterUnknown::hold);
  }
}

}  // namespace
}  // namespace oki::notify
