#include "notify/announcer.h"

#include <gtest/gtest.h>

#include <map>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "notify/testing/notices.h"
#include "notify/testing/queued_disk.h"
#include "notify/testing/smtp_sink.h"
#include "notify/testing/web_service.h"

namespace oki::notify {
namespace {

constexpr WallTimeMs noon{1'763'737'200'000};

constexpr const char* configuration = R"(
[site]
url = "https://status.example.jp"
[mail]
server = "127.0.0.1:25"
from = "status@example.jp"
[[channel]]
service = "mastodon"
name = "mastodon"
languages = ["ja", "en"]
url = "https://m.example"
secret_file = "token"
[[channel]]
service = "slack"
name = "slack"
secret_file = "hook"
[[channel]]
service = "webhook"
name = "watchers"
languages = ["en"]
url = "https://w.example/in"
secret_file = "key"
[[channel]]
service = "discord"
name = "drills"
drill = true
secret_file = "drills"
[pages]
operator_url = "https://ops.example.jp/{incident}"
[[pages.way]]
kind = "pagerduty"
name = "ops"
secret_file = "token"
[[pages.way]]
kind = "slack"
name = "ops"
secret_file = "hook"
)";

const std::map<std::string, Bytes> secrets = {{"token", "secret-word"},
                                              {"hook", "https://hooks.example/services/T/B/x"},
                                              {"key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                                              {"drills", "https://drills.example/hook"}};

ChannelsConfig config_of(const std::string& text) {
  auto config = parse_channels(text);
  EXPECT_TRUE(config) << config.error().message;
  EXPECT_TRUE(load_secrets(*config, [](const std::string& path, std::size_t) -> Result<Bytes> {
    return secrets.at(path);
  }));
  return std::move(*config);
}

class KnownRecord : public MailRecord {
 public:
  Result<std::set<std::string>> taken(const std::set<std::string>& ids) override {
    std::set<std::string> out;
    for (const std::string& id : ids) {
      if (known.contains(id)) out.insert(id);
    }
    return out;
  }
  std::set<std::string> known;
};

// The world outlives the announcers, of which there is one after the other on one disk.
class AnnouncerTest : public ::testing::Test {
 protected:
  AnnouncerTest() {
    for (const char* host :
         {"m.example", "hooks.example", "w.example", "drills.example", "events.pagerduty.com"}) {
      auto service = std::make_unique<WebService>(
          world_host, [](const net::HttpRequest&) { return http(200, "{\"id\":\"7\"}"); });
      EXPECT_TRUE(world_host.listen({host, 443}, *service, {}));
      services_of[host] = std::move(service);
    }
    EXPECT_TRUE(sink.listen({"127.0.0.1", 25}));
    open();
  }

  void open(const std::string& text = configuration) {
    announcer.reset();
    disk.forget_waiting();
    auto opened =
        Announcer::open({{our_host, our_host, timers, clock, random}, disk, log, metrics, &record},
                        config_of(text), "");
    ASSERT_TRUE(opened) << opened.error().message;
    announcer = std::move(*opened);
    disk.run();
    announcer->start([this](const std::vector<ComponentId>& components,
                            const Announcer::Recipients& then) {
      asked_for = components;
      if (!has_subscribers) return then(error(Errc::unavailable, "the book is away"));
      then(std::vector<Recipient>{{"taro@example.jp", encode(MailRecipient{Language::ja, "t1"})},
                                  {"ann@example.com", encode(MailRecipient{Language::en, "t2"})}});
    });
  }
  // Long enough for the pace of posts, too short for a second try.
  void settle(std::int64_t ms = 900) {
    for (int i = 0; i < 10; ++i) {
      timers.advance_ms(ms / 10, [&] { run(); });
      run();
    }
    announcer->outbox().verify();
  }
  void run() {
    disk.run();
    network.run();
    disk.run();
  }
  Result<Published> publish(const Notice& notice, Doubt doubt = Doubt::none) {
    std::optional<Result<Published>> result;
    announcer->publish(notice, [&](Result<Published> r) { result = std::move(r); }, doubt);
    EXPECT_FALSE(result.has_value());
    settle();
    return result.value_or(error(Errc::unavailable, "no answer"));
  }
  std::size_t requests(const std::string& host) { return services_of.at(host)->requests.size(); }
  const Proof* proof(const std::vector<Proof>& proofs, const std::string& channel) {
    for (const Proof& each : proofs) {
      if (each.channel == channel) return &each;
    }
    return nullptr;
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  testing::MemoryNetwork network;
  testing::MemoryNet& our_host = network.host();
  testing::MemoryNet& world_host = network.host();
  QueuedDisk disk;
  SeededRandom random{3};
  Log log{clock, "test", {}};
  Metrics metrics;
  KnownRecord record;
  std::map<std::string, std::unique_ptr<WebService>> services_of;
  std::vector<SunkMail> mails;
  SmtpSink sink{world_host, {}, [this](const SunkMail& mail) { mails.push_back(mail); }};
  std::vector<ComponentId> asked_for;
  bool has_subscribers = true;
  std::unique_ptr<Announcer> announcer;
};

TEST_F(AnnouncerTest, ANoticeGoesOnceToEveryPlaceInItsLanguages) {
  const auto published = publish(first_notice(noon));
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->channels, 5u);  // Mastodon twice, Slack, the webhook, mail.
  EXPECT_EQ(published->added, 6u);
  EXPECT_EQ(requests("m.example"), 2u);
  EXPECT_EQ(requests("hooks.example"), 1u);
  EXPECT_EQ(requests("w.example"), 1u);
  EXPECT_EQ(requests("drills.example"), 0u);
  ASSERT_EQ(mails.size(), 2u);
  EXPECT_EQ(asked_for, (std::vector<ComponentId>{{ComponentKind::market, "btc_jpy"}}));
  EXPECT_EQ(at(services_of.at("m.example")->requests[0].body.empty()
                   ? net::Json{}
                   : services_of.at("m.example")->last_json(),
               "visibility"),
            "public");
  EXPECT_TRUE(announcer->is_published(first_notice(noon)));
  EXPECT_EQ(publish(first_notice(noon))->added, 0u);
  EXPECT_EQ(requests("m.example"), 2u);
  EXPECT_EQ(mails.size(), 2u);
}

TEST_F(AnnouncerTest, PlannedWorkGoesToTheSamePlacesAndToSubscribersOfItsComponents) {
  for (const NoticePhase phase :
       {NoticePhase::scheduled, NoticePhase::in_progress, NoticePhase::completed}) {
    const auto published = publish(work_notice(noon, phase));
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(published->added, 6u);
    settle(60'000);
  }
  EXPECT_EQ(asked_for, (std::vector<ComponentId>{{ComponentKind::market, "btc_jpy"},
                                                 {ComponentKind::edge, "1"}}));
  EXPECT_EQ(requests("m.example"), 6u);
  EXPECT_EQ(requests("hooks.example"), 3u);
  EXPECT_EQ(mails.size(), 6u);
  EXPECT_EQ(publish(work_notice(noon, NoticePhase::scheduled))->added, 0u);
  EXPECT_EQ(mails.size(), 6u);
}

TEST_F(AnnouncerTest, ProofsSayWhatEachPlaceAnswered) {
  services_of.at("hooks.example")->answer_with([](const net::HttpRequest&) { return http(404); });
  publish(first_notice(noon));
  const auto proofs = announcer->proofs(first_notice(noon));
  ASSERT_EQ(proofs.size(), 5u);
  EXPECT_EQ(proof(proofs, "mastodon_ja")->text, "HTTP 200 id 7");
  EXPECT_EQ(proof(proofs, "mastodon_en")->sent, 1u);
  EXPECT_EQ(proof(proofs, "slack")->refused, 1u);
  EXPECT_EQ(proof(proofs, "slack")->text, "HTTP 404");
  EXPECT_EQ(proof(proofs, "mail")->recipients, 2u);
  EXPECT_EQ(proof(proofs, "mail")->sent, 2u);
  EXPECT_NE(metrics.prometheus_text().find(
                "okiagari_notify_deliveries_total{channel=\"mail\",result=\"sent\"} 2"),
            Bytes::npos);
}

TEST_F(AnnouncerTest, AKillAtAnyMomentOfPublishingLosesAndDoublesNothing) {
  for (int steps = 0; steps < 12; ++steps) {
    Notice notice = first_notice(noon);
    notice.incident = "inc" + std::to_string(steps);
    bool stored = false;
    announcer->publish(notice, [&](const Result<Published>& r) { stored = r.has_value(); });
    for (int i = 0; i < steps; ++i) disk.step();
    open();  // Killed: what the disk had not finished is gone.
    if (!announcer->is_published(notice)) {
      EXPECT_FALSE(stored);
      publish(notice);
    }
    settle();
    const auto proofs = announcer->proofs(notice);
    for (const char* channel : {"mastodon_ja", "mastodon_en", "slack", "watchers", "mail"}) {
      const Proof* found = proof(proofs, channel);
      ASSERT_NE(found, nullptr) << channel << steps;
      EXPECT_EQ(found->sent, found->recipients) << channel << steps;
    }
  }
  EXPECT_EQ(requests("hooks.example"), 12u);
  EXPECT_EQ(mails.size(), 24u);
}

TEST_F(AnnouncerTest, ADrillGoesToPlacesForDrillsAndNowhereElse) {
  Notice notice = first_notice(noon);
  notice.drill = true;
  EXPECT_EQ(publish(notice)->channels, 1u);
  EXPECT_EQ(requests("drills.example"), 1u);
  EXPECT_EQ(requests("m.example") + requests("hooks.example") + requests("w.example"), 0u);
  EXPECT_TRUE(mails.empty());
}

TEST_F(AnnouncerTest, WithoutTheSubscribersANoticeIsNotCompleteAndGoesOutAgainLater) {
  has_subscribers = false;
  EXPECT_FALSE(publish(first_notice(noon)));
  EXPECT_EQ(requests("hooks.example"), 1u);  // Posts do not wait for mail.
  EXPECT_FALSE(announcer->is_published(first_notice(noon)));
  has_subscribers = true;
  const auto again = publish(first_notice(noon));
  EXPECT_EQ(again->known, 4u);
  EXPECT_EQ(again->added, 2u);
  EXPECT_EQ(requests("hooks.example"), 1u);
  EXPECT_EQ(mails.size(), 2u);
}

TEST_F(AnnouncerTest, AfterATakeoverOnlyPlacesThatCanTellGetItAgain) {
  record.known = {};
  EXPECT_TRUE(publish(first_notice(noon), Doubt::may_have_left));
  EXPECT_EQ(requests("hooks.example"), 0u);  // Slack cannot tell: a person decides.
  settle(10'000);
  EXPECT_EQ(requests("m.example"), 2u);
  EXPECT_EQ(requests("w.example"), 1u);
  EXPECT_EQ(mails.size(), 2u);  // The mail server's record knew neither.
  const auto unknown = announcer->outbox().unknown(10);
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown[0].channel, "slack");
  EXPECT_TRUE(announcer->outbox().settle(unknown[0].id, Decision::send_again, "sato"));
  settle();
  EXPECT_EQ(requests("hooks.example"), 1u);
}

TEST_F(AnnouncerTest, AWebhookGetsTheEarlierNoticesOfItsIncident) {
  publish(first_notice(noon));
  publish(full_notice(noon));
  const net::Json json = services_of.at("w.example")->last_json();
  EXPECT_EQ(at(json, "incident.incident_updates.0.status"), "identified");
  EXPECT_EQ(at(json, "incident.incident_updates.1.status"), "investigating");
}

TEST_F(AnnouncerTest, ChangesOfComponentsGoToWebhooksOnce) {
  const ComponentUpdate update{
      {ComponentKind::market, "btc_jpy"}, State::operational, State::major_outage, noon};
  for (int i = 0; i < 2; ++i) {
    announcer->publish(update, [](const Result<Published>& r) { EXPECT_TRUE(r); });
    settle();
  }
  EXPECT_EQ(requests("w.example"), 1u);
  EXPECT_EQ(requests("m.example") + requests("hooks.example"), 0u);
}

TEST_F(AnnouncerTest, OldNewsStayAtHomeWhenThereAreNewerOnes) {
  const WallTimeMs now = clock.wall_now();
  services_of.at("hooks.example")->answer_with([](const net::HttpRequest&) { return http(503); });
  publish(first_notice(now));
  settle(20 * 60'000);
  const std::size_t tried = requests("hooks.example");
  EXPECT_GT(tried, 2u);
  publish(full_notice(clock.wall_now()));
  settle(20 * 60'000);
  services_of.at("hooks.example")->answer_with([](const net::HttpRequest&) { return http(200); });
  settle(10 * 60'000);
  const auto first = announcer->proofs(first_notice(now));
  EXPECT_EQ(proof(first, "slack")->refused, 1u);
  EXPECT_EQ(proof(first, "slack")->text, "too late: i20261122a/2 says more");
  EXPECT_EQ(proof(announcer->proofs(full_notice(now)), "slack")->sent, 1u);
}

TEST_F(AnnouncerTest, ALateNoticeThatIsTheNewestIsSent) {
  const WallTimeMs now = clock.wall_now();
  EXPECT_TRUE(publish(first_notice(now)));
  clock.jump_wall_ms(86'400'000);
  EXPECT_TRUE(publish(last_notice(now)));
  EXPECT_EQ(requests("hooks.example"), 2u);
}

TEST_F(AnnouncerTest, OneMailOfAnotherKindGoesByTheSameServer) {
  std::optional<AttemptResult> result;
  const auto mail = [&](const std::string& to) {
    MailHead head;
    head.to = to;
    head.message_id = "confirm.7@example.jp";
    head.language = "en";
    head.date = noon;
    result.reset();
    announcer->mail(head, {"Please confirm", "https://status.example.jp/confirm?t=x\n", ""},
                    [&](AttemptResult r) { result = std::move(r); });
    EXPECT_FALSE(result.has_value());
    settle();
    return result.value_or(AttemptResult{}).outcome;
  };
  EXPECT_EQ(mail("taro@example.jp"), Attempt::sent);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].message_id, "confirm.7@example.jp");
  EXPECT_EQ(mails[0].from, "status@example.jp");
  EXPECT_EQ(mail("no address\r\nBcc: x"), Attempt::refused);
  open("[site]\nurl = \"https://status.example.jp\"\n");
  EXPECT_EQ(mail("taro@example.jp"), Attempt::absent);
}

TEST_F(AnnouncerTest, WhatIsNoNoticeIsRefused) {
  Notice notice = first_notice(noon);
  notice.title.en = "";
  EXPECT_FALSE(publish(notice));
  notice = first_notice(noon);
  notice.incident = "page";
  EXPECT_FALSE(publish(notice));
  notice = first_notice(noon);
  EXPECT_TRUE(publish(notice));
  notice.title.en = "Another text under the same number";
  EXPECT_TRUE(publish(notice));  // Published before: nothing more is said under this name.
  EXPECT_EQ(requests("hooks.example"), 1u);
}

TEST_F(AnnouncerTest, PreviewsAreThoseOfTheConfiguredPlaces) {
  std::vector<std::string> seen;
  for (const NoticePreview& each : previews(full_notice(noon), announcer->config())) {
    seen.push_back(each.channel + (each.language == Language::ja ? "/ja" : "/en"));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"mastodon/ja", "mastodon/en", "slack/ja", "watchers/en",
                                            "mail/ja", "mail/en"}));
}

TEST_F(AnnouncerTest, AHouseWithoutPlacesPublishesNothingAndSaysSo) {
  open("[site]\nurl = \"https://status.example.jp\"\n");
  EXPECT_EQ(publish(first_notice(noon))->channels, 0u);
  EXPECT_TRUE(announcer->proofs(first_notice(noon)).empty());
}

Page some_page() {
  Page page;
  page.number = 7;
  page.incident = "inc12";
  page.person = "sato";
  page.language = Language::en;
  page.title = {"注文が失敗しています", "Orders are failing"};
  page.affected = {{{ComponentKind::market, "btc_jpy"}, State::operational, State::major_outage}};
  page.at = noon;
  page.began = noon;
  return page;
}

class PagerTest : public AnnouncerTest {
 protected:
  Result<Paged> page(const Page& page, const std::vector<std::string>& contacts,
                     Doubt doubt = Doubt::none) {
    std::optional<Result<Paged>> result;
    announcer->pager().page(page, contacts, [&](Result<Paged> r) { result = std::move(r); }, doubt);
    settle();
    return result.value_or(error(Errc::unavailable, "no answer"));
  }
};

TEST_F(PagerTest, CallsByEveryWayOnceUnderItsNumber) {
  const std::vector<std::string> contacts = {"mail:sato@Example.jp", "pagerduty:ops", "slack:ops"};
  const auto paged = page(some_page(), contacts);
  ASSERT_TRUE(paged) << paged.error().message;
  EXPECT_EQ(paged->ways, 3u);
  EXPECT_EQ(paged->added, 3u);
  EXPECT_EQ(page(some_page(), contacts)->added, 0u);
  open();
  EXPECT_EQ(page(some_page(), contacts)->added, 0u);
  ASSERT_EQ(requests("events.pagerduty.com"), 1u);
  EXPECT_EQ(requests("hooks.example"), 1u);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].to, "sato@example.jp");
  EXPECT_EQ(mails[0].data.find("List-Unsubscribe"), Bytes::npos);
  EXPECT_NE(services_of.at("hooks.example")->last().body.find("ops.example.jp/inc12"), Bytes::npos);
  EXPECT_EQ(announcer->pager().proofs(some_page()).size(), 3u);
}

TEST_F(PagerTest, ACallThatIsMadeAgainSaysWhatItSaidFirst) {
  page(some_page(), {"slack:ops"});
  Page later = some_page();
  later.severity = 2;
  later.title.en = "Orders and cancels are failing";
  EXPECT_EQ(page(later, {"slack:ops", "pagerduty:ops"})->added, 1u);
  EXPECT_EQ(at(services_of.at("events.pagerduty.com")->last_json(), "payload.summary"),
            "[SEV1] inc12: Orders are failing");
  EXPECT_EQ(requests("hooks.example"), 1u);
}

TEST_F(PagerTest, PagerDutyGetsItsShapeAndTheEndUnderTheSameKey) {
  page(some_page(), {"pagerduty:ops"});
  WebService& service = *services_of.at("events.pagerduty.com");
  EXPECT_EQ(service.last().target, "/v2/enqueue");
  net::Json json = service.last_json();
  EXPECT_EQ(at(json, "routing_key"), "secret-word");
  EXPECT_EQ(at(json, "event_action"), "trigger");
  EXPECT_EQ(at(json, "dedup_key"), "okiagari/inc12");
  EXPECT_EQ(at(json, "payload.severity"), "critical");
  EXPECT_EQ(at(json, "payload.summary"), "[SEV1] inc12: Orders are failing");
  EXPECT_EQ(at(json, "payload.component"), "btc_jpy");
  EXPECT_EQ(at(json, "links.0.href"), "https://ops.example.jp/inc12");
  Page end = some_page();
  for (const PageAction action : {PageAction::acknowledge, PageAction::resolve}) {
    end.action = action;
    EXPECT_EQ(page(end, {"pagerduty:ops", "slack:ops"})->ways, 1u);
    json = service.last_json();
    EXPECT_EQ(at(json, "event_action"), name(action));
    EXPECT_EQ(at(json, "dedup_key"), "okiagari/inc12");
  }
  EXPECT_EQ(requests("hooks.example"), 0u);
}

TEST_F(PagerTest, ContactsThatNobodyKnowsAreToldAndOthersStillReached) {
  const auto paged = page(some_page(), {"slack:nobody", "fax:1", "mail:no", "slack:ops", ""});
  ASSERT_TRUE(paged);
  EXPECT_EQ(paged->unresolved, (std::vector<std::string>{"slack:nobody", "fax:1", "mail:no", ""}));
  EXPECT_EQ(requests("hooks.example"), 1u);
  Page other = some_page();
  other.number = 8;
  EXPECT_EQ(page(other, {"fax:1"}).error().code, Errc::not_found);
  EXPECT_FALSE(page(other, {}));
  other.title.en = "";
  EXPECT_EQ(page(other, {"slack:ops"}).error().code, Errc::invalid);
}

TEST_F(PagerTest, ADrillCallsNobodyUnlessTheHouseSaysSo) {
  Page drill = some_page();
  drill.drill = true;
  EXPECT_TRUE(page(drill, {"slack:ops"})->kept_back);
  EXPECT_EQ(requests("hooks.example"), 0u);
  std::string text = configuration;
  text.insert(text.find("operator_url"), "drills = true\n");
  open(text);
  EXPECT_FALSE(page(drill, {"slack:ops"})->kept_back);
  EXPECT_EQ(requests("hooks.example"), 1u);
  EXPECT_NE(services_of.at("hooks.example")->last().body.find("[DRILL]"), Bytes::npos);
}

TEST_F(PagerTest, InDoubtAPageIsSentAgain) {
  services_of.at("hooks.example")->answer_with([](const net::HttpRequest&) { return Bytes(); });
  page(some_page(), {"slack:ops"});
  services_of.at("hooks.example")->answer_with([](const net::HttpRequest&) { return http(200); });
  settle(5'000);
  EXPECT_EQ(requests("hooks.example"), 2u);
  EXPECT_EQ(announcer->pager().proofs(some_page()).at(0).sent, 1u);
  Page other = some_page();
  other.number = 8;
  page(other, {"mail:sato@example.jp"}, Doubt::may_have_left);
  settle(10'000);
  EXPECT_EQ(mails.size(), 1u);
}

}  // namespace
}  // namespace oki::notify
