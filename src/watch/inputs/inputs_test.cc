#include "watch/inputs/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "base/testing/stepped.h"
#include "watch/inputs/mapping.h"
#include "watch/inputs/testing/outside.h"

namespace oki::watch::inputs {
namespace {

using response::Signal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct InputsTest : ::testing::Test {
  net::HttpResponse send(const net::HttpRequest& request) { return inputs.respond(request, now()); }
  net::HttpResponse alerts(const std::string& alerts) {
    return send(post("/alertmanager", "am", webhook(alerts)));
  }
  net::HttpResponse event(const std::string& body) { return send(post("/v2/enqueue", "pd", body)); }
  net::HttpResponse otlp(const char* door, const std::string& body) {
    return send(post(door, "otel", body));
  }
  net::HttpResponse cloud_event(const std::string& body) {
    return send(post("/cloudevents", "events", body, "application/cloudevents+json"));
  }

  Now now() const { return {clock.mono_now(), clock.wall_now()}; }
  void pass(std::int64_t ms) {
    for (; ms > 0; ms -= 1'000) {
      clock.advance_ns(std::min<std::int64_t>(ms, 1'000) * ns_per_ms);
      inputs.tick(now());
    }
  }

  // What was told since the last call.
  std::vector<Signal> take() { return std::exchange(signals, {}); }
  Signal only() {
    EXPECT_EQ(signals.size(), 1u);
    if (signals.size() != 1) return {};
    return take().front();
  }

  oki::testing::StepClock clock;
  Metrics metrics;
  std::vector<Signal> signals;
  int alive = 0;
  Inputs inputs{settings_for_tests(), tokens_for_tests(),
                [this](const response::Command& command) {
                  if (const auto* said = std::get_if<response::Observe>(&command)) {
                    EXPECT_TRUE(response::check(said->signal)) << said->signal.key;
                    EXPECT_LE(said->signal.trust, response::Trust::evidence);
                    signals.push_back(said->signal);
                  } else {
                    ASSERT_TRUE(std::holds_alternative<response::Alive>(command));
                    ++alive;
                  }
                },
                metrics};
};

const std::string began = "2023-11-14T22:13:00.000Z";  // Twenty-one seconds ago.
const std::string later = "2023-11-14T22:13:10.000Z";
const std::string edge_down = R"("alertname":"EdgeDown","seat":"2","severity":"critical")";

std::string down(const std::string& status, const std::string& starts_at = began) {
  return webhook_alert(status, "f00d", edge_down, starts_at);
}

TEST_F(InputsTest, MeanWhatTheirRuleSays) {
  const auto answer = alerts(down("firing"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"accepted\":1"));
  const Signal signal = only();
  EXPECT_EQ(signal.key, "am/f00d");
  EXPECT_EQ(signal.source, response::Source::alertmanager);
  EXPECT_EQ(signal.kind, response::SignalKind::down);
  EXPECT_EQ(signal.trust, response::Trust::evidence);
  EXPECT_EQ(signal.state, notify::State::partial_outage);
  EXPECT_THAT(signal.components,
              ElementsAre(notify::ComponentId{notify::ComponentKind::edge, "2"}));
  EXPECT_TRUE(signal.firing);
  EXPECT_EQ(signal.since.value, 1'700'000'000'000 - 20'000);
  EXPECT_EQ(signal.seen, clock.wall_now());
  EXPECT_EQ(signal.expires_ms, 60'000u);
  EXPECT_EQ(signal.words, "am says: EdgeDown: It is broken.");
}

TEST_F(InputsTest, AreHintsWithoutARule) {
  alerts(
      webhook_alert("firing", "1", R"("alertname":"Odd","severity":"critical","seat":"2")", began));
  const Signal signal = only();
  EXPECT_EQ(signal.trust, response::Trust::hint);
  EXPECT_EQ(signal.state, notify::State::major_outage);
  EXPECT_THAT(signal.components, IsEmpty());
}

TEST_F(InputsTest, NameNoPartThatNobodyKnows) {
  alerts(webhook_alert("firing", "1", R"("alertname":"EdgeDown","seat":"77")", began) + "," +
         webhook_alert("firing", "2", R"("alertname":"EdgeDown","seat":"../x")", began) + "," +
         webhook_alert("firing", "3", R"("alertname":"EdgeDown")", began));
  for (const Signal& signal : take()) EXPECT_THAT(signal.components, IsEmpty());
}

TEST_F(InputsTest, LeaveAloneWhatARuleIgnores) {
  const auto answer = alerts(webhook_alert("firing", "1", R"("room":"noise","a":"b")", began));
  EXPECT_THAT(answer.body, HasSubstr("\"ignored\":1"));
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(InputsTest, AreOverOnlyByTheWordOfTheSameOccurrence) {
  alerts(down("firing", later));
  take();
  pass(6'000);
  EXPECT_THAT(alerts(down("resolved", began)).body, HasSubstr("\"stale\":1"));
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_THAT(alerts(down("resolved", later)).body, HasSubstr("\"accepted\":1"));
  const Signal signal = only();
  EXPECT_EQ(signal.key, "am/f00d");
  EXPECT_FALSE(signal.firing);
  EXPECT_THAT(alerts(down("firing", began)).body, HasSubstr("\"stale\":1"));
}

TEST_F(InputsTest, SayNothingOfAnEndThatNobodyWasToldTheBeginningOf) {
  EXPECT_THAT(alerts(down("resolved")).body, HasSubstr("\"ignored\":1"));
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(InputsTest, TellAgainWhatHoldsAndForgetWhatIsNotSaidAgain) {
  alerts(down("firing"));
  take();
  pass(10'000);
  const Signal again = only();
  EXPECT_TRUE(again.firing);
  EXPECT_EQ(again.seen, clock.wall_now());
  EXPECT_EQ(again.expires_ms, 50'000u);  // The source's last word still counts, not ours.
  pass(100'000);
  for (const Signal& signal : take()) EXPECT_TRUE(signal.firing);  // No all-clear ever.
  EXPECT_EQ(inputs.book(0).held(), 0u);
}

TEST_F(InputsTest, TellAChangeAtMostEveryFewSeconds) {
  for (int i = 0; i < 50; ++i) {
    alerts(down(i % 2 == 0 ? "firing" : "resolved"));
    clock.advance_ns(20 * ns_per_ms);
  }
  EXPECT_EQ(take().size(), 1u);
  pass(10'000);
  const auto told = take();
  ASSERT_FALSE(told.empty());
  EXPECT_LE(told.size(), 2u);
  EXPECT_FALSE(told.back().firing);  // The last word was that it is over.
}

TEST_F(InputsTest, DateBackByAnHourAtMostAndNeverIntoTheFuture) {
  alerts(webhook_alert("firing", "1", R"("a":"b")", "1970-01-01T00:00:01Z") + "," +
         webhook_alert("firing", "2", R"("a":"c")", "2093-01-01T00:00:00Z") + "," +
         webhook_alert("firing", "3", R"("a":"d")", "0001-01-01T00:00:00Z"));
  const auto told = take();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].since.value, clock.wall_now().value - backdate_ms_max);
  EXPECT_EQ(told[1].since, clock.wall_now());
  EXPECT_EQ(told[2].since, clock.wall_now());
}

TEST_F(InputsTest, BeatWithoutBeingASignal) {
  alerts(down("firing"));
  EXPECT_EQ(alive, 0);  // This source has a heartbeat, and it was not in there.
  alerts(webhook_alert("firing", "1", R"("alertname":"Heartbeat")", began));
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(take().size(), 1u);
  pass(2'000);
  alerts(webhook_alert("resolved", "1", R"("alertname":"Heartbeat")", began));
  EXPECT_EQ(alive, 1);
}

TEST_F(InputsTest, AcceptFieldsThatNobodyKnowsAndLeaveOutWhatIsMalformed) {
  const auto answer = alerts(R"({"status":"firing","labels":{"a":"b"},"more":{"x":[1]}},)"
                             R"({"status":"odd","labels":{"a":"c"}},{"status":"firing"},7)");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"accepted\":1,\"ignored\":3"));
}

TEST_F(InputsTest, RefuseWebhooksOfAnotherShape) {
  for (const char* body : {"", "{", "[]", "7", R"({"version":"3","alerts":[]})",
                           R"({"version":"4","alerts":{}})", R"({"alerts":[]})"}) {
    EXPECT_EQ(send(post("/alertmanager", "am", body)).status, 400) << body;
  }
  std::string many;
  for (int i = 0; i <= 2000; ++i) many += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(send(post("/alertmanager", "am", webhook(many))).status, 400);
}

TEST_F(InputsTest, KnowNobodyWithoutAToken) {
  net::HttpRequest request = post("/alertmanager", "am", webhook(down("firing")));
  request.headers[0].value = "Bearer guess-guess-guess-guess";
  const auto answer = send(request);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
  request.headers.erase(request.headers.begin());
  EXPECT_EQ(send(request).status, 401);
  EXPECT_EQ(send(post("/alertmanager", "otel", webhook(down("firing")))).status, 403);
  EXPECT_EQ(send(post("/v1/logs", "am", "{}")).status, 403);
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(InputsTest, RefuseWhatIsNoDoorOrTooMuch) {
  EXPECT_EQ(send(post("/", "am", "{}")).status, 404);
  net::HttpRequest get = post("/alertmanager", "am", "");
  get.method = "GET";
  const auto answer = send(get);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "POST");
  EXPECT_EQ(send(post("/alertmanager", "am", webhook(down("firing")), "text/plain")).status, 415);
  EXPECT_EQ(send(post("/alertmanager", "am", std::string((256 << 10) + 1, ' '))).status, 413);
}

TEST_F(InputsTest, LimitRequestsOfOneSourceAndOfNobodyElse) {
  int refused = 0;
  for (int i = 0; i < 700; ++i) refused += alerts("").status == 429 ? 1 : 0;
  EXPECT_EQ(refused, 100);
  EXPECT_EQ(alerts("").header("Retry-After"), "60");
  EXPECT_EQ(event(R"({"event_action":"resolve","dedup_key":"x"})").status, 202);
  pass(1'000);
  EXPECT_EQ(alerts("").status, 200);
}

TEST_F(InputsTest, SpeakPagerDuty) {
  const auto answer =
      event(R"({"event_action":"trigger","dedup_key":"db 1","payload":{"summary":"Disk\nfull",)"
            R"("source":"db-1","severity":"error","timestamp":"2023-11-14T22:13:00Z",)"
            R"("custom_details":{"free":"3 %"}}})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"status":"success","message":"Event processed","dedup_key":"db 1"})");
  const Signal signal = only();
  EXPECT_EQ(signal.source, response::Source::pagerduty);
  EXPECT_EQ(signal.state, notify::State::partial_outage);
  EXPECT_EQ(signal.trust, response::Trust::hint);
  EXPECT_EQ(signal.words, "pd says: Disk full");
  pass(6'000);
  EXPECT_EQ(event(R"({"event_action":"acknowledge","dedup_key":"db 1"})").status, 202);
  EXPECT_THAT(take(), IsEmpty());  // Seen over there is not over here.
  EXPECT_EQ(event(R"({"event_action":"resolve","dedup_key":"db 1"})").status, 202);
  const Signal over = only();
  EXPECT_EQ(over.key, signal.key);
  EXPECT_FALSE(over.firing);
}

TEST_F(InputsTest, TakeTheRoutingKeyForAToken) {
  net::HttpRequest request = post(
      "/v2/enqueue", "pd",
      R"({"routing_key":")" + token_of("pd") + R"(","event_action":"resolve","dedup_key":"x"})");
  request.headers.erase(request.headers.begin());
  EXPECT_EQ(send(request).status, 202);
  request.body = R"({"routing_key":"guess-guess-guess-guess","event_action":"resolve"})";
  EXPECT_EQ(send(request).status, 401);
  request.body = "{";
  EXPECT_EQ(send(request).status, 400);
  request.body = R"({"routing_key":")" + token_of("am") + R"("})";
  EXPECT_EQ(send(request).status, 403);
}

TEST_F(InputsTest, FoldTriggersWithoutAKeyByTheirContent) {
  const std::string body =
      R"({"event_action":"trigger","payload":{"summary":"s","source":"h","severity":"critical"}})";
  const auto first = event(body);
  EXPECT_EQ(event(body).body, first.body);
  EXPECT_EQ(only().state, notify::State::major_outage);
}

TEST_F(InputsTest, SayWhatIsWrongWithAnEvent) {
  const auto faults = [this](const std::string& body) {
    const auto answer = event(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(R"("status":"invalid event")"));
    return answer.body;
  };
  EXPECT_THAT(faults("{}"), HasSubstr("event_action"));
  EXPECT_THAT(faults(R"({"event_action":"resolve"})"), HasSubstr("dedup_key is missing"));
  EXPECT_THAT(faults(R"({"event_action":"trigger"})"), HasSubstr("payload is missing"));
  EXPECT_THAT(faults(R"({"event_action":"trigger","payload":{"source":"h","severity":"bad"}})"),
              ::testing::AllOf(HasSubstr("payload.summary"), HasSubstr("payload.severity")));
  EXPECT_THAT(faults(R"({"event_action":"trigger","payload":{"summary":")" +
                     std::string(4097, 's') + R"(","source":"h","severity":"info"}})"),
              HasSubstr("1024"));
  EXPECT_THAT(faults(R"({"event_action":"resolve","dedup_key":")" + std::string(1021, 'k') + "\"}"),
              HasSubstr("255"));
  EXPECT_THAT(take(), IsEmpty());
}

std::string metric(const std::string& name, const std::string& point,
                   const char* service = "desk") {
  return R"({"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":)"
         R"({"stringValue":")" +
         std::string(service) + R"("}}]},"scopeMetrics":[{"metrics":[{"name":")" + name +
         R"(","gauge":{"dataPoints":[)" + point + "]}}]}]}]}";
}

TEST_F(InputsTest, CompareTheNumbersThatRulesName) {
  EXPECT_EQ(otlp("/v1/metrics", metric("queue", R"({"asDouble":10.5})")).body, "{}");
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(otlp("/v1/metrics", metric("queue", R"({"asDouble":1.0501e1})")).body, "{}");
  const Signal signal = only();
  EXPECT_EQ(signal.kind, response::SignalKind::lag);
  EXPECT_EQ(signal.trust, response::Trust::evidence);
  EXPECT_EQ(signal.components.size(), 1u);
  EXPECT_TRUE(signal.firing);
  pass(6'000);
  otlp("/v1/metrics", metric("queue", R"({"asInt":"9"})"));
  const Signal over = only();
  EXPECT_EQ(over.key, signal.key);
  EXPECT_FALSE(over.firing);
  otlp("/v1/metrics", metric("queue", R"({"asInt":"99"})", "other"));
  otlp("/v1/metrics", metric("unknown", R"({"asInt":"99"})"));
  EXPECT_THAT(take(), IsEmpty());
  otlp("/v1/metrics", metric("free", R"({"asInt":"2"})"));
  EXPECT_TRUE(only().firing);
}

TEST_F(InputsTest, CountWhatTheyReject) {
  EXPECT_EQ(otlp("/v1/metrics", metric("queue", R"({"asDouble":"NaN"},{},{"asInt":"x"})")).body,
            R"({"partialSuccess":{"rejectedDataPoints":"3",)"
            R"("errorMessage":"a data point has no name or no number"}})");
}

TEST_F(InputsTest, FoldErrorLinesOfAService) {
  const std::string body =
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":)"
      R"({"stringValue":"desk"}}]},"scopeLogs":[{"logRecords":[)"
      R"({"severityNumber":17,"body":{"stringValue":"first"}},)"
      R"({"severityNumber":9,"body":{"stringValue":"fine"}},)"
      R"({"severityNumber":21,"body":{"stringValue":"second"}}]}]}]})";
  EXPECT_EQ(otlp("/v1/logs", body).body, "{}");
  const Signal signal = only();
  EXPECT_EQ(signal.trust, response::Trust::hint);
  EXPECT_EQ(signal.words, "otel says: error lines of desk: second");
  EXPECT_EQ(
      otlp("/v1/traces",
           R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"GET /","status":{"code":2}},)"
           R"({"name":"ok","status":{}}]}]}]})")
          .body,
      "{}");
  EXPECT_EQ(only().words, "otel says: failed spans of unknown_service: GET /");
}

TEST_F(InputsTest, RefuseTelemetryOfAnotherShape) {
  for (const char* body : {"", "[]", "{", R"({"resourceLogs":7})"}) {
    const auto answer = otlp("/v1/logs", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr("\"code\":3"));
  }
  EXPECT_EQ(otlp("/v1/traces", "{}").status, 200);
  EXPECT_EQ(send(post("/v1/logs", "otel", "\x0a\x00", "application/x-protobuf")).status, 415);
  net::HttpRequest packed = post("/v1/logs", "otel", "{}");
  packed.headers.push_back({"Content-Encoding", "gzip"});
  EXPECT_EQ(send(packed).status, 415);
}

std::string machine(const char* type, const char* more = "") {
  return R"({"specversion":"1.0","id":"1","source":"/dc/1","subject":"m7","type":")" +
         std::string(type) + "\"" + more + "}";
}

TEST_F(InputsTest, TakeEventsForLevelsByRules) {
  EXPECT_EQ(
      cloud_event(machine("machine.failed", R"(,"data":{"summary":"fan","severity":"error"})"))
          .status,
      202);
  const Signal signal = only();
  EXPECT_EQ(signal.source, response::Source::cloud_event);
  EXPECT_EQ(signal.words, "events says: machine.failed of /dc/1 m7: fan");
  EXPECT_EQ(signal.state, notify::State::partial_outage);
  EXPECT_THAT(cloud_event(machine("order.made")).body, HasSubstr("\"ignored\":1"));
  pass(6'000);
  cloud_event(machine("machine.repaired"));
  const Signal over = only();
  EXPECT_EQ(over.key, signal.key);
  EXPECT_FALSE(over.firing);
}

TEST_F(InputsTest, TakeEventsInHeadersAndInBatches) {
  net::HttpRequest request = post("/cloudevents", "events", R"({"message":"fan"})");
  for (const auto& [name, value] : {std::pair{"CE-SpecVersion", "1.0"},
                                    {"ce-id", "1"},
                                    {"ce-type", "machine.failed"},
                                    {"ce-source", "/dc/%31"},
                                    {"ce-subject", "m%37%zz%"}}) {
    request.headers.push_back({name, value});
  }
  EXPECT_EQ(send(request).status, 202);
  EXPECT_EQ(only().words, "events says: machine.failed of /dc/1 m7%zz%: fan");
  EXPECT_THAT(send(post("/cloudevents", "events",
                        "[" + machine("machine.failed") + "," + machine("x") + "]",
                        "application/cloudevents-batch+json; charset=utf-8"))
                  .body,
              HasSubstr("\"accepted\":1,\"ignored\":1"));
}

TEST_F(InputsTest, RefuseEventsOfAnotherShape) {
  for (const char* body :
       {"", "[]", "{}", R"({"specversion":"0.3","id":"1","source":"s","type":"t"})",
        R"({"specversion":"1.0","source":"s","type":"t"})",
        R"({"specversion":"1.0","id":"1","type":"t"})",
        R"({"specversion":"1.0","id":"1","source":"s"})"}) {
    EXPECT_EQ(cloud_event(body).status, 400) << body;
  }
  EXPECT_EQ(send(post("/cloudevents", "events", "{}")).status, 400);
  EXPECT_EQ(send(post("/cloudevents", "events", "{", "application/json")).status, 400);
}

TEST_F(InputsTest, KeepSoManySignalsAndSayOnceThatThereAreMore) {
  for (int i = 0; i < 100; ++i) {
    alerts(webhook_alert("firing", std::to_string(i), R"("a":"b")", began));
  }
  const auto told = take();
  ASSERT_EQ(told.size(), 61u);  // new_signals_per_minute, and the hint.
  EXPECT_EQ(told.back().key, "am/too many");
  EXPECT_EQ(told.back().trust, response::Trust::hint);
  for (int minute = 0; minute < 4; ++minute) {
    pass(55'000);
    std::string all;
    for (int i = 0; i < 300; ++i) {
      all += (i == 0 ? "" : ",") + webhook_alert("firing", std::to_string(i), R"("a":"b")", began);
    }
    alerts(all);
  }
  EXPECT_EQ(inputs.book(0).held(), 200u);
}

}  // namespace
}  // namespace oki::watch::inputs
