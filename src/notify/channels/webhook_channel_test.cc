#include "notify/channels/webhook_channel.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "crypto/crypto.h"
#include "notify/channels/signature.h"
#include "notify/testing/notices.h"
#include "notify/testing/web_service.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};
const WebhookWords words{Language::en, {"https://status.example.jp", "", ""}, "Okiagari"};

ComponentUpdate market_down() {
  return {{ComponentKind::market, "btc_jpy"}, State::operational, State::major_outage, noon};
}

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() { EXPECT_TRUE(server_host.listen({server_host.ip(), 80}, service, {})); }

  template <typename Content>
  AttemptResult send(const Content& what, WebhookFormat format, const Bytes& answer = http(204)) {
    Bytes content;
    append(content, what);
    service.answer_with([answer](const net::HttpRequest&) { return answer; });
    WebhookChannel channel(client, timers, clock,
                           {format, "/in?x=1", Bytes(32, 'k'), drills, words, {}},
                           [](const Notice& notice) {
                             std::vector<Notice> before;
                             if (notice.number > 1) before.push_back(first_notice(noon));
                             return before;
                           });
    std::optional<AttemptResult> result;
    const Letter letter{{1}, "i20261122a/1", content, "watchers", "", ""};
    key = idempotency_key(letter);
    channel.send(letter, [&](AttemptResult r) { result = std::move(r); });
    EXPECT_FALSE(result.has_value());
    network.run();
    timers.advance_ms(0);
    return result.value_or(AttemptResult{Attempt::refused, "no answer at all", {}});
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  testing::MemoryNetwork network;
  testing::MemoryNet& client_host = network.host();
  testing::MemoryNet& server_host = network.host();
  WebService service{server_host, [](const net::HttpRequest&) { return http(204); }};
  net::HttpClient client{client_host, timers, {server_host.ip(), 80}, {}};
  bool drills = false;
  std::string key;
};

TEST_F(WebhookTest, PlannedWorkHasStatuspagesShapeAndClaimsNoColour) {
  EXPECT_EQ(send(work_notice(noon, NoticePhase::scheduled), WebhookFormat::statuspage).outcome,
            Attempt::sent);
  net::Json json = service.last_json();
  EXPECT_EQ(at(json, "page.status_indicator"), "maintenance");
  EXPECT_EQ(at(json, "incident.status"), "scheduled");
  EXPECT_EQ(at(json, "incident.impact"), "maintenance");
  EXPECT_EQ(at(json, "incident.scheduled_for"), "2025-11-22T15:00:00.000Z");
  EXPECT_EQ(at(json, "incident.scheduled_until"), "2025-11-22T17:00:00.000Z");
  EXPECT_EQ(at(json, "incident.resolved_at"), "null");
  EXPECT_EQ(at(json, "incident.shortlink"), "https://status.example.jp/en/maintenance/m20261123a");
  send(work_notice(noon, NoticePhase::in_progress), WebhookFormat::statuspage);
  json = service.last_json();
  EXPECT_EQ(at(json, "page.status_indicator"), "maintenance");
  EXPECT_EQ(at(json, "incident.components.0.status"), "under_maintenance");
  send(work_notice(noon, NoticePhase::cancelled), WebhookFormat::statuspage);
  json = service.last_json();
  EXPECT_EQ(at(json, "incident.status"), "completed");
}

TEST_F(WebhookTest, AnIncidentHasStatuspagesShapeWithTheNewestUpdateFirst) {
  EXPECT_EQ(send(full_notice(noon), WebhookFormat::statuspage).outcome, Attempt::sent);
  EXPECT_EQ(service.last().target, "/in?x=1");
  const net::Json json = service.last_json();
  EXPECT_EQ(at(json, "page.status_indicator"), "critical");
  EXPECT_EQ(at(json, "page.status_description"), "Major Service Outage");
  EXPECT_EQ(at(json, "incident.id"), "i20261122a");
  EXPECT_EQ(at(json, "incident.status"), "identified");
  EXPECT_EQ(at(json, "incident.impact"), "major");
  EXPECT_EQ(at(json, "incident.resolved_at"), "null");
  EXPECT_EQ(at(json, "incident.incident_updates.0.status"), "identified");
  EXPECT_EQ(at(json, "incident.incident_updates.1.status"), "investigating");
  EXPECT_EQ(at(json, "incident.incident_updates.2.status"), "");
  EXPECT_EQ(at(json, "incident.incident_updates.0.affected_components.0.new_status"),
            "major_outage");
  EXPECT_EQ(at(json, "incident.components.0.name"), "BTC/JPY");
  EXPECT_EQ(at(json, "incident.backfilled"), "false");
}

TEST_F(WebhookTest, AResolvedIncidentSaysSince) {
  send(last_notice(noon), WebhookFormat::statuspage);
  const net::Json json = service.last_json();
  EXPECT_EQ(at(json, "page.status_indicator"), "none");
  EXPECT_EQ(at(json, "incident.resolved_at"), "2025-11-21T15:00:00.000Z");
}

TEST_F(WebhookTest, AComponentHasStatuspagesShape) {
  EXPECT_EQ(send(market_down(), WebhookFormat::statuspage).outcome, Attempt::sent);
  const net::Json json = service.last_json();
  EXPECT_EQ(at(json, "component_update.old_status"), "operational");
  EXPECT_EQ(at(json, "component_update.new_status"), "major_outage");
  EXPECT_EQ(at(json, "component_update.component_type"), "Component");
  EXPECT_EQ(at(json, "component.status"), "major_outage");
  EXPECT_EQ(at(json, "component.id"), at(json, "component_update.component_id"));
}

TEST_F(WebhookTest, CloudEventsCarryEverythingInBothLanguages) {
  send(full_notice(noon), WebhookFormat::cloudevents);
  EXPECT_EQ(service.last().header("Content-Type"), "application/cloudevents+json; charset=utf-8");
  const net::Json json = service.last_json();
  EXPECT_EQ(at(json, "specversion"), "1.0");
  EXPECT_EQ(at(json, "id"), "i20261122a/2");
  EXPECT_EQ(at(json, "source"), "https://status.example.jp");
  EXPECT_EQ(at(json, "type"), "okiagari.notice.published");
  EXPECT_EQ(at(json, "time"), "2025-11-21T15:00:00.000Z");
  EXPECT_EQ(at(json, "data.title.ja"), "BTC/JPY の注文が受け付けられません");
  EXPECT_EQ(at(json, "data.cause.en"), "A wrong setting");
  EXPECT_EQ(at(json, "data.recovery.held_percent"), "79");
  EXPECT_EQ(at(json, "data.unaffected.0.component"), "eth_jpy");
  send(market_down(), WebhookFormat::cloudevents);
  EXPECT_EQ(at(service.last_json(), "type"), "okiagari.component.changed");
  EXPECT_EQ(at(service.last_json(), "data.now"), "major_outage");
}

TEST_F(WebhookTest, WhoHasTheKeyCanTellThatItIsOurs) {
  send(first_notice(noon), WebhookFormat::statuspage);
  const net::HttpRequest& request = service.last();
  EXPECT_EQ(request.header("webhook-id"), key);
  EXPECT_EQ(request.header("webhook-timestamp"), "1700000001");
  const std::string content = key + ".1700000001." + request.body;
  EXPECT_EQ(request.header("webhook-signature"),
            "v1," + crypto::base64(crypto::hmac_sha256(Bytes(32, 'k'), content)));
}

TEST_F(WebhookTest, ARedirectionIsAFailureAndEveryOtherAnswerKnown) {
  const auto outcome = [&](const Bytes& answer) {
    return send(first_notice(noon), WebhookFormat::statuspage, answer).outcome;
  };
  EXPECT_EQ(outcome(http(200, "ok")), Attempt::sent);
  for (const int status : {301, 302, 307, 308}) {
    const std::size_t before = service.requests.size();
    EXPECT_EQ(outcome(http(status, "", "Location: http://10.0.0.9/\r\n")), Attempt::refused);
    EXPECT_EQ(service.requests.size(), before + 1);  // Not followed.
  }
  EXPECT_EQ(outcome(http(410)), Attempt::refused);
  EXPECT_EQ(outcome(http(429)), Attempt::retry);
  EXPECT_EQ(outcome(http(500)), Attempt::unknown);
  EXPECT_EQ(webhook_rules().after_unknown, AfterUnknown::resend);
}

TEST_F(WebhookTest, DrillsGoWhereDrillsGo) {
  Notice notice = first_notice(noon);
  notice.drill = true;
  EXPECT_EQ(send(notice, WebhookFormat::cloudevents).outcome, Attempt::refused);
  EXPECT_TRUE(service.requests.empty());
  drills = true;
  EXPECT_EQ(send(notice, WebhookFormat::cloudevents).outcome, Attempt::sent);
  EXPECT_EQ(send(first_notice(noon), WebhookFormat::cloudevents).outcome, Attempt::refused);
}

// The example of the Standard Webhooks specification.
TEST(SignatureTest, AgreesWithTheSpecificationsExample) {
  const auto key = parse_webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330,
                              "{\"test\": 2432232314}"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(SignatureTest, KeysAreRefusedWithoutBeingShown) {
  for (const char* text : {"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                           "whsec_!!!!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"}) {
    const auto key = parse_webhook_key(text);
    ASSERT_FALSE(key) << text;
    if (*text != '\0') {
      EXPECT_EQ(key.error().message.find("MfKQ"), std::string::npos);
    }
  }
}

TEST(ComponentUpdateTest, ItsBytesAreReadExactly) {
  Bytes bytes;
  append(bytes, market_down());
  EXPECT_EQ(read_component_update(bytes).value(), market_down());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_component_update(ByteView(bytes).substr(0, size)));
  }
  EXPECT_FALSE(read_component_update(bytes + "x"));
  EXPECT_EQ(posting_name(market_down()), "c/market.btc_jpy/1763737200000");
}

}  // namespace
}  // namespace oki::notify
