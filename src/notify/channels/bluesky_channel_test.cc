#include "notify/channels/bluesky_channel.h"

#include <gtest/gtest.h>

#include <set>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "notify/testing/notices.h"
#include "notify/testing/web_service.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

// A personal data server: sessions, and records by name.
struct DataServer {
  Bytes answer(const net::HttpRequest& request) {
    const std::string method = request.target.substr(request.target.rfind('.') + 1);
    calls += method + " ";
    const std::string bearer(request.header("Authorization"));
    if (refuse_everything) return http(503, "{}");
    if (method == "createSession") {
      const bool right = request.body.find("\"password\":\"app-word\"") != Bytes::npos;
      return right ? session() : http(401, "{\"error\":\"AuthenticationRequired\"}");
    }
    if (method == "refreshSession") {
      if (!refreshing || bearer != "Bearer r" + std::to_string(sessions)) {
        return http(400, "{\"error\":\"ExpiredToken\"}");
      }
      return session();
    }
    if (bearer != "Bearer a" + std::to_string(sessions) || ended) {
      ended = false;
      ++sessions_lost;
      return http(400, "{\"error\":\"ExpiredToken\",\"message\":\"Token has expired\"}");
    }
    const net::Json json = net::parse_json(request.body, 100'000).value();
    records[at(json, "rkey")] = request.body;
    return lose_answers ? ""
                        : http(200, "{\"uri\":\"at://did:plc:x/app.bsky.feed.post/" +
                                        at(json, "rkey") + "\",\"cid\":\"bafy\"}");
  }
  Bytes session() {
    ++sessions;
    const std::string n = std::to_string(sessions);
    return http(200, "{\"accessJwt\":\"a" + n + "\",\"refreshJwt\":\"r" + n +
                         "\",\"did\":\"did:plc:x\",\"handle\":\"h\"}");
  }
  std::map<std::string, Bytes> records;
  std::string calls;
  int sessions = 0, sessions_lost = 0;
  bool ended = false, refreshing = true, lose_answers = false, refuse_everything = false;
};

class BlueskyTest : public ::testing::Test {
 protected:
  BlueskyTest() {
    EXPECT_TRUE(server_host.listen({server_host.ip(), 80}, service, {}));
    append(content, first_notice(noon));
  }
  AttemptResult post(const std::string& posting = "i20261122a/1") {
    std::optional<AttemptResult> result;
    channel.send({{1}, posting, content, "bluesky_ja", "", ""},
                 [&](AttemptResult r) { result = std::move(r); });
    EXPECT_FALSE(result.has_value());
    for (int i = 0; i < 10; ++i) {
      timers.advance_ms(0);
      network.run();
    }
    return result.value_or(AttemptResult{Attempt::refused, "no answer at all", {}});
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  testing::MemoryNetwork network;
  testing::MemoryNet& client_host = network.host();
  testing::MemoryNet& server_host = network.host();
  DataServer data;
  WebService service{server_host, [this](const net::HttpRequest& r) { return data.answer(r); }};
  net::HttpClient client{client_host, timers, {server_host.ip(), 80}, {}};
  BlueskyChannel channel{client,
                         timers,
                         clock,
                         {"status.example.jp", "app-word"},
                         notice_posts(Language::ja, {"https://status.example.jp", "", ""}, false)};
  Bytes content;
};

TEST_F(BlueskyTest, LogsInOnceAndPutsARecordUnderItsOwnName) {
  const AttemptResult first = post();
  EXPECT_EQ(first.outcome, Attempt::sent) << first.text;
  EXPECT_NE(first.text.find("at://did:plc:x/app.bsky.feed.post/"), std::string::npos);
  EXPECT_EQ(post("i20261122a/2").outcome, Attempt::sent);
  EXPECT_EQ(data.calls, "createSession putRecord putRecord ");
  EXPECT_EQ(data.records.size(), 2u);
  const net::Json json = net::parse_json(data.records.begin()->second, 100'000).value();
  EXPECT_EQ(at(json, "collection"), "app.bsky.feed.post");
  EXPECT_EQ(at(json, "record.createdAt"), "2025-11-21T15:00:00.000Z");
  const std::string text = at(json, "record.text");
  const std::string url = at(json, "record.facets.0.features.0.uri");
  const std::size_t start = std::stoul(at(json, "record.facets.0.index.byteStart"));
  const std::size_t end = std::stoul(at(json, "record.facets.0.index.byteEnd"));
  EXPECT_EQ(text.substr(start, end - start), url);
  EXPECT_LE(text_length(text, Counting::code_points), 300u);
}

TEST_F(BlueskyTest, TheSameLetterAgainIsTheSameRecord) {
  data.lose_answers = true;
  EXPECT_EQ(post().outcome, Attempt::unknown);
  data.lose_answers = false;
  EXPECT_EQ(post().outcome, Attempt::sent);
  EXPECT_EQ(data.records.size(), 1u);
  EXPECT_EQ(bluesky_rules().after_unknown, AfterUnknown::resend);
}

TEST_F(BlueskyTest, AnEndedSessionIsRefreshedAndALostOneBegunAnew) {
  post();
  data.ended = true;
  EXPECT_EQ(post("i20261122a/2").outcome, Attempt::sent);
  EXPECT_EQ(data.calls, "createSession putRecord putRecord refreshSession putRecord ");
  data.calls.clear();
  data.ended = true;
  data.refreshing = false;
  EXPECT_EQ(post("i20261122a/3").outcome, Attempt::sent);
  EXPECT_EQ(data.calls, "putRecord refreshSession createSession putRecord ");
}

TEST_F(BlueskyTest, AServerThatEndsEverySessionIsNotAskedForEver) {
  service.answer_with([this](const net::HttpRequest& request) {
    data.ended = true;
    return data.answer(request);
  });
  EXPECT_EQ(post().outcome, Attempt::absent);
  EXPECT_EQ(post().outcome, Attempt::absent);
  EXPECT_LE(service.requests.size(), 10u);
}

TEST_F(BlueskyTest, WithoutASessionNothingHasLeft) {
  data.refuse_everything = true;
  EXPECT_EQ(post().outcome, Attempt::retry);
  service.answer_with([](const net::HttpRequest&) { return Bytes(); });
  EXPECT_EQ(post().outcome, Attempt::absent);
  service.answer_with([](const net::HttpRequest&) { return http(200, "no json"); });
  EXPECT_EQ(post().outcome, Attempt::absent);
  service.answer_with([](const net::HttpRequest&) { return http(401, "{}"); });
  const AttemptResult wrong = post();
  EXPECT_EQ(wrong.outcome, Attempt::absent);
  EXPECT_EQ(wrong.text.find("app-word"), std::string::npos);
  EXPECT_TRUE(data.records.empty());
}

TEST_F(BlueskyTest, SeveralLettersAtOnceShareASession) {
  int sent = 0;
  for (const char* posting : {"a/1", "a/2", "a/3"}) {
    channel.send({{1}, posting, content, "bluesky", "", ""},
                 [&](const AttemptResult& r) { sent += r.outcome == Attempt::sent ? 1 : 0; });
  }
  network.run();
  EXPECT_EQ(sent, 3);
  EXPECT_EQ(data.calls, "createSession putRecord putRecord putRecord ");
}

TEST(RecordNameTest, IsATidThatDependsOnTheLetterAlone) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string posting = "a/" + std::to_string(i);
    const Letter letter{{1}, posting, "", "bluesky", "", ""};
    const std::string name = record_name(letter, noon);
    EXPECT_EQ(name, record_name(letter, noon));
    EXPECT_EQ(name.size(), 13u);
    EXPECT_NE(std::string("234567abcdefghij").find(name[0]), std::string::npos);
    EXPECT_EQ(name.find_first_not_of("234567abcdefghijklmnopqrstuvwxyz"), std::string::npos);
    seen.insert(name);
  }
  EXPECT_EQ(seen.size(), 1'000u);
}

}  // namespace
}  // namespace oki::notify
