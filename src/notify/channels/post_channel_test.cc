#include "notify/channels/post_channel.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "notify/testing/notices.h"
#include "notify/testing/web_service.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

class PostChannelTest : public ::testing::Test {
 protected:
  PostChannelTest() { append(content, first_notice(noon)); }

  PostChannelOptions options(Service service) const {
    return {service, "https://service.example", "/hooks/secret-word", "secret-word", oauth};
  }
  Letter letter() const { return {{1}, "i20261122a/1", content, "posts", recipient, ""}; }

  AttemptResult post(Service service, const Bytes& answer, bool listening = true) {
    testing::MemoryNetwork network;
    testing::MemoryNet& client_host = network.host();
    testing::MemoryNet& server_host = network.host();
    WebService server(server_host, [&](const net::HttpRequest&) { return answer; });
    if (listening) {
      EXPECT_TRUE(server_host.listen({server_host.ip(), 80}, server, {}));
    }
    net::HttpClientOptions client_options;
    client_options.host = "service.example";
    net::HttpClient client(client_host, timers, {server_host.ip(), 80}, client_options);
    const NoticeLinks links{"https://status.example.jp", "", ""};
    PostChannel channel({client, timers, clock, random}, options(service),
                        notice_posts(Language::ja, links, drills));
    std::optional<AttemptResult> result;
    const Letter sent = letter();
    channel.send(sent, [&](AttemptResult r) { result = std::move(r); });
    EXPECT_FALSE(result.has_value());
    network.run();
    timers.advance_ms(0);
    network.run();
    timers.advance_ms(10'000, [&] { network.run(); });
    seen = server.requests;
    return result.value_or(AttemptResult{Attempt::refused, "no answer at all", {}});
  }
  std::string header(ByteView name) const { return std::string(seen.at(0).header(name)); }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  SeededRandom random{1};
  std::optional<OAuthKeys> oauth;
  std::string recipient = "@okiagari";
  bool drills = false;
  Bytes content;
  std::vector<net::HttpRequest> seen;
};

struct Answered {
  Bytes answer;
  Attempt outcome;
};

TEST_F(PostChannelTest, EachAnswerHasItsOutcomeForEveryService) {
  const std::vector<Answered> all = {{http(200, "{\"id\":\"7\"}"), Attempt::sent},
                                     {http(200, "ok"), Attempt::sent},
                                     {http(204), Attempt::sent},
                                     {http(302), Attempt::refused},
                                     {http(400, "{}"), Attempt::refused},
                                     {http(401, "{}"), Attempt::absent},
                                     {http(403, "{}"), Attempt::absent},
                                     {http(404), Attempt::refused},
                                     {http(422, "{}"), Attempt::refused},
                                     {http(429), Attempt::retry},
                                     {http(503), Attempt::retry},
                                     {http(500), Attempt::unknown},
                                     {http(502, "<html>"), Attempt::unknown},
                                     {"nonsense\r\n\r\n", Attempt::unknown},
                                     {"nothing", Attempt::unknown},
                                     {"", Attempt::unknown}};
  for (const Service service : services) {
    for (const Answered& one : all) {
      const AttemptResult result = post(service, one.answer);
      EXPECT_EQ(result.outcome, one.outcome) << name(service) << one.answer << result.text;
      EXPECT_EQ(result.text.find("secret-word"), std::string::npos);
    }
    EXPECT_EQ(post(service, "", false).outcome, Attempt::absent) << name(service);
  }
}

TEST_F(PostChannelTest, AKeyThatLineHasTakenMeansSentAndElsewhereARefusal) {
  EXPECT_EQ(post(Service::line, http(409, "{}")).outcome, Attempt::sent);
  EXPECT_EQ(post(Service::x, http(409, "{}")).outcome, Attempt::refused);
}

TEST_F(PostChannelTest, TheWaitThatAServiceAsksForIsObeyed) {
  const auto wait = [&](const char* value) {
    return post(Service::x, http(429, "", std::string("Retry-After: ") + value + "\r\n")).wait_ms;
  };
  EXPECT_EQ(wait("30"), 30'000);
  EXPECT_EQ(wait("30.25"), 31'000);
  EXPECT_EQ(wait("99999999999"), 7 * 86'400'000);
  EXPECT_EQ(wait("-1"), std::nullopt);
  EXPECT_EQ(wait("3x"), std::nullopt);
  EXPECT_EQ(wait("Sat, 21 Nov 2026 18:47:15 GMT"), std::nullopt);
}

TEST(AskedWaitTest, IsReadWhereEachServiceWritesIt) {
  const WallTimeMs now{1'700'000'001'000};
  const auto wait = [&](net::HttpHeader header, std::string body) {
    return asked_wait_ms({429, {std::move(header)}, std::move(body)}, now);
  };
  EXPECT_EQ(wait({"x-rate-limit-reset", "1700000061"}, ""), 60'000);
  EXPECT_EQ(wait({"RateLimit-Reset", "1700000031"}, ""), 30'000);
  EXPECT_EQ(wait({"x-rate-limit-reset", "1600000000"}, ""), 0);
  EXPECT_EQ(wait({"x-rate-limit-reset", "2026-11-21T18:47:15Z"}, ""), std::nullopt);
  EXPECT_EQ(wait({"a", "b"}, "{\"ok\":false,\"parameters\":{\"retry_after\":7}}"), 7'000);
  EXPECT_EQ(wait({"a", "b"}, "{\"message\":\"limited\",\"retry_after\":1.336}"), 2'000);
  EXPECT_EQ(wait({"Retry-After", "3"}, "{\"retry_after\":9}"), 3'000);
  EXPECT_EQ(wait({"a", "b"}, "{\"retry_after\":-3}"), std::nullopt);
  EXPECT_EQ(wait({"a", "b"}, "{\"retry_after\":\"soon\"}"), std::nullopt);
  EXPECT_EQ(wait({"a", "b"}, ""), std::nullopt);
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
  EXPECT_EQ(seen.at(0).target, "/api/v1/statuses");
  EXPECT_EQ(header("Host"), "service.example");
  EXPECT_EQ(header("Authorization"), "Bearer secret-word");
  EXPECT_EQ(header("Idempotency-Key"), idempotency_key(letter()));
  post(Service::line, http(200, "{}"));
  EXPECT_EQ(seen.at(0).target, "/v2/bot/message/push");
  EXPECT_EQ(header("X-Line-Retry-Key"), idempotency_uuid(letter()));
  post(Service::telegram, http(200, "{}"));
  EXPECT_EQ(seen.at(0).target, "/botsecret-word/sendMessage");
  EXPECT_NE(seen.at(0).body.find("\"chat_id\":\"@okiagari\""), Bytes::npos);
  post(Service::facebook, http(200, "{}"));
  EXPECT_EQ(seen.at(0).target, "/v21.0/%40okiagari/feed");
  post(Service::slack, http(200, "ok"));
  EXPECT_EQ(seen.at(0).target, "/hooks/secret-word");
  post(Service::discord, http(200, "{\"id\":\"9\"}"));
  EXPECT_EQ(seen.at(0).target, "/hooks/secret-word?wait=true");
  for (const Service service : services) {
    post(service, http(200, "{}"));
    EXPECT_TRUE(net::parse_json(seen.at(0).body, 100'000)) << name(service);
    EXPECT_NE(seen.at(0).body.find("https://status.example.jp/notices/i20261122a"), Bytes::npos);
  }
}

TEST_F(PostChannelTest, LineWithoutARecipientSpeaksToAllFollowers) {
  recipient = "";
  post(Service::line, http(200, "{}"));
  EXPECT_EQ(seen.at(0).target, "/v2/bot/message/broadcast");
  EXPECT_EQ(seen.at(0).body.find("\"to\""), Bytes::npos);
}

TEST_F(PostChannelTest, XIsSignedForTheAccountAndNeverTwiceTheSame) {
  oauth = OAuthKeys{"ck", "consumer-word", "tk", "token-word"};
  post(Service::x, http(201, "{}"));
  const std::string first = header("Authorization");
  EXPECT_TRUE(first.starts_with("OAuth oauth_consumer_key=\"ck\", oauth_nonce=\"")) << first;
  EXPECT_NE(first.find("oauth_timestamp=\"1700000"), std::string::npos) << first;
  EXPECT_EQ(first.find("-word"), std::string::npos);
  post(Service::x, http(201, "{}"));
  EXPECT_NE(header("Authorization"), first);
}

TEST_F(PostChannelTest, SlackReadsNoMarkupInAText) {
  Notice notice = first_notice(noon);
  notice.title.ja = "<!channel> & <b>";
  content.clear();
  append(content, notice);
  post(Service::slack, http(200, "ok"));
  EXPECT_EQ(seen.at(0).body.find("<!channel>"), Bytes::npos);
  EXPECT_NE(seen.at(0).body.find("&lt;!channel&gt; &amp; &lt;b&gt;"), Bytes::npos);
}

TEST_F(PostChannelTest, ADrillLeavesOnlyToPlacesForDrills) {
  Notice notice = first_notice(noon);
  notice.drill = true;
  content.clear();
  append(content, notice);
  EXPECT_EQ(post(Service::mastodon, http(200, "{}")).outcome, Attempt::refused);
  EXPECT_TRUE(seen.empty());
  drills = true;
  EXPECT_EQ(post(Service::mastodon, http(200, "{}")).outcome, Attempt::sent);
  content.clear();
  append(content, first_notice(noon));
  EXPECT_EQ(post(Service::mastodon, http(200, "{}")).outcome, Attempt::refused);
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

// The example of X's own documentation ("Creating a signature").
TEST(OAuthTest, SignsAsTheDocumentationOfXDoes) {
  const OAuthKeys keys{"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                       "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                       "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"};
  const std::string value =
      oauth_authorization(keys, {1'318'622'958, "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"},
                          "POST", "https://api.twitter.com/1.1/statuses/update.json",
                          {{"include_entities", "true"},
                           {"status", "Hello Ladies + Gentlemen, a signed OAuth request!"}});
  EXPECT_NE(value.find("oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""), std::string::npos)
      << value;
}

}  // namespace
}  // namespace oki::notify
