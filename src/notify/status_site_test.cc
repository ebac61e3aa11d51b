// The status site as its visitors and the watch meet it.
#include "notify/status_site.h"

#include <gtest/gtest.h>

#include "base/testing/memory_net.h"
#include "net/http_client.h"
#include "net/json_reader.h"
#include "notify/testing/parts.h"

namespace oki::notify {
namespace {

class StatusSiteTest : public ::testing::Test {
 protected:
  StatusSiteTest() { restart(); }

  void restart() {
    site_.emplace(StatusSite::Parts{clock_, disk_, log_, metrics_},
                  StatusSiteOptions{.watch_public_keys = {test_key().public_key},
                                    .site = {.page = {.url = "https://status.example.jp"},
                                             .links = {},
                                             .security_contact = "mailto:s@example.jp"}});
    site_->start();
  }
  net::HttpResponse get(const std::string& target) {
    net::HttpRequest request;
    request.method = "GET";
    request.target = target;
    return site_->respond(request);
  }
  net::HttpResponse post(Bytes body) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/internal/lease";
    request.body = std::move(body);
    return site_->respond(request);
  }
  std::uint16_t green() { return post(signed_lease(green_lease(++serial_, now()))).status; }
  std::uint16_t red() { return post(signed_lease(red_lease(++serial_, now()))).status; }
  net::Json json(const std::string& target) {
    const net::HttpResponse response = get(target);
    EXPECT_EQ(response.status, 200) << target;
    EXPECT_EQ(response.header("Content-Type"), "application/json; charset=utf-8");
    return net::parse_json(response.body, 1u << 20).value();
  }
  std::string indicator() {
    return std::string(*json("/api/v2/summary.json").find("status")->find("indicator")->string());
  }
  WallTimeMs now() const { return clock_.wall_now(); }
  void step_ms(std::int64_t ms) { clock_.advance_ns(ms * ns_per_ms); }

  testing::StepClock clock_;
  MemoryDisk disk_;
  std::string logged_;
  Log log_{clock_, "status", [this](ByteView line) { logged_ += line; }};
  Metrics metrics_;
  std::optional<StatusSite> site_;
  std::uint64_t serial_ = 0;
};

// Names and kinds of an object's members, in order: "id:string name:string …".
std::string shape(const net::Json& object) {
  static const char* const kinds[] = {"null", "boolean", "number", "string", "array", "object"};
  std::string out;
  for (const auto& [name, value] : *object.object()) {
    if (!out.empty()) out += ' ';
    out += name + ":" + kinds[static_cast<int>(value.kind())];
  }
  return out;
}

TEST_F(StatusSiteTest, AnswersNotGreenBeforeAnyLeaseAndForEverAfterTheLast) {
  EXPECT_EQ(indicator(), "critical");
  EXPECT_EQ(green(), 200);
  EXPECT_EQ(indicator(), "none");
  step_ms(2000);
  EXPECT_EQ(indicator(), "critical");
  step_ms(86'400'000);
  EXPECT_EQ(indicator(), "critical");
  EXPECT_EQ(get("/").status, 200);
  const net::Json summary = json("/api/v2/summary.json");
  for (const net::Json& component : *summary.find("components")->array()) {
    EXPECT_EQ(component.find("status")->string(), "major_outage");
  }
  EXPECT_EQ(summary.find("incidents")->array()->size(), 1u);
}

TEST_F(StatusSiteTest, TellsTheWatchWhatItTookAndWhatItHas) {
  const Bytes lease = signed_lease(green_lease(7, now()));
  EXPECT_EQ(post(lease).body, R"({"result":"accepted","lease":7,"document":0,"notices":0})");
  EXPECT_EQ(post(lease).status, 409);
  EXPECT_EQ(post("nonsense").status, 400);
  EXPECT_EQ(post(Bytes(envelope_bytes_max + 1, 'x')).status, 413);
  const Bytes forged =
      sign_envelope(test_key('x'), EnvelopeKind::lease, encode(green_lease(9, now())));
  EXPECT_EQ(post(forged).status, 403);
  const StatusDocument document = document_with_outage(now());
  EXPECT_EQ(post(signed_document(document)).body,
            "{\"result\":\"accepted\",\"lease\":7,\"document\":" +
                std::to_string(document.sequence) + ",\"notices\":0}");
  EXPECT_EQ(indicator(), "none");
}

TEST_F(StatusSiteTest, SpeaksStatuspageFieldByField) {
  post(signed_document(document_with_outage(now())));
  step_ms(12'000);
  EXPECT_EQ(red(), 200);
  const net::Json summary = json("/api/v2/summary.json");
  EXPECT_EQ(shape(summary),
            "page:object status:object components:array incidents:array "
            "scheduled_maintenances:array");
  EXPECT_EQ(shape(*summary.find("page")),
            "id:string name:string url:string time_zone:string updated_at:string");
  EXPECT_EQ(shape(*summary.find("status")), "indicator:string description:string");
  EXPECT_EQ(shape(summary.find("components")->array()->at(0)),
            "id:string name:string status:string created_at:string updated_at:string "
            "position:number description:null showcase:boolean start_date:string group_id:null "
            "page_id:string group:boolean only_show_if_degraded:boolean");
  const net::Json& incident = summary.find("incidents")->array()->at(0);
  EXPECT_EQ(shape(incident),
            "id:string name:string status:string created_at:string updated_at:string "
            "monitoring_at:string resolved_at:null impact:string shortlink:string "
            "started_at:string page_id:string incident_updates:array components:array "
            "reminder_intervals:null");
  EXPECT_EQ(incident.find("status")->string(), "monitoring");
  EXPECT_EQ(incident.find("impact")->string(), "critical");
  const net::Json& update = incident.find("incident_updates")->array()->back();
  EXPECT_EQ(shape(update),
            "id:string status:string body:string incident_id:string created_at:string "
            "updated_at:string display_at:string affected_components:array "
            "deliver_notifications:boolean custom_tweet:null tweet_id:null");
  EXPECT_EQ(shape(update.find("affected_components")->array()->at(0)),
            "code:string name:string old_status:string new_status:string");
}

TEST_F(StatusSiteTest, HasEveryEndpointOfTheFormat) {
  post(signed_document(document_with_outage(now())));
  EXPECT_EQ(green(), 200);
  const std::string api = "/api/v2/";
  EXPECT_EQ(shape(json(api + "status.json")), "page:object status:object");
  EXPECT_EQ(shape(json(api + "components.json")), "page:object components:array");
  EXPECT_EQ(shape(json(api + "incidents.json")), "page:object incidents:array");
  for (const char* name : {"scheduled-maintenances.json", "scheduled-maintenances/upcoming.json",
                           "scheduled-maintenances/active.json"}) {
    const net::Json maintenances = json(api + name);
    EXPECT_EQ(shape(maintenances), "page:object scheduled_maintenances:array");
    EXPECT_TRUE(maintenances.find("scheduled_maintenances")->array()->empty());
  }
  step_ms(60'000);
  EXPECT_EQ(green(), 200);
  step_ms(20'000);
  EXPECT_EQ(json(api + "incidents.json").find("incidents")->array()->size(), 3u);
  EXPECT_EQ(json(api + "incidents/unresolved.json").find("incidents")->array()->size(), 1u);
  EXPECT_EQ(get(api + "nothing.json").status, 404);
}

TEST_F(StatusSiteTest, IdsOfComponentsAndIncidentsDoNotChange) {
  post(signed_document(document_with_outage(now())));
  EXPECT_EQ(green(), 200);
  const Bytes before = get("/api/v2/incidents.json").body;
  const auto id = [this] {
    return std::string(
        *json("/api/v2/components.json").find("components")->array()->at(0).find("id")->string());
  };
  const std::string first = id();
  EXPECT_EQ(first.size(), 12u);
  restart();
  EXPECT_EQ(green(), 200);
  EXPECT_EQ(id(), first);
  EXPECT_EQ(get("/api/v2/incidents.json").body, before);
}

TEST_F(StatusSiteTest, ShowsPagesInBothLanguagesWithoutScripts) {
  post(signed_document(document_with_outage(now())));
  EXPECT_EQ(green(), 200);
  const net::HttpResponse ja = get("/");
  const net::HttpResponse en = get("/en/");
  EXPECT_EQ(ja.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(ja.body.find("<html lang=\"ja\">"), std::string::npos);
  EXPECT_NE(ja.body.find("すべての市場で取引できます"), std::string::npos);
  EXPECT_NE(ja.body.find("リーダー交代: ノード1 → ノード2（第7期）"), std::string::npos);
  EXPECT_NE(ja.body.find("最新の状態を見る"), std::string::npos);
  EXPECT_NE(en.body.find("<html lang=\"en\">"), std::string::npos);
  EXPECT_NE(en.body.find("Leader changed: node 1 → node 2 (term 7)"), std::string::npos);
  for (const auto* page : {&ja, &en}) {
    EXPECT_EQ(page->body.find("<script"), std::string::npos);
    EXPECT_EQ(page->body.find("http-equiv"), std::string::npos);
    EXPECT_EQ(page->body.find("style="), std::string::npos);
  }
}

TEST_F(StatusSiteTest, HasAPageForEachIncident) {
  post(signed_document(document_with_outage(now())));
  EXPECT_EQ(green(), 200);
  const net::Json incidents = json("/api/v2/incidents.json");
  const net::Json& incident = incidents.find("incidents")->array()->at(0);
  const std::string id(*incident.find("id")->string());
  EXPECT_EQ(incident.find("shortlink")->string(), "https://status.example.jp/incidents/" + id);
  EXPECT_EQ(get("/incidents/" + id).status, 200);
  EXPECT_NE(get("/en/incidents/" + id).body.find("Worst state"), std::string::npos);
  EXPECT_EQ(get("/incidents/o0").status, 404);
  EXPECT_EQ(get("/incidents/").status, 404);
}

TEST_F(StatusSiteTest, ForbidsScriptsFramesAndSniffingEverywhere) {
  for (const char* target : {"/", "/en/", "/style.css", "/icon.svg", "/api/v2/summary.json",
                             "/healthz", "/nothing", "/internal/lease"}) {
    const net::HttpResponse response = get(target);
    EXPECT_EQ(response.header("Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
              "form-action 'none'; frame-ancestors 'none'")
        << target;
    EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(response.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(response.header("Cache-Control"), "no-store");
  }
}

TEST_F(StatusSiteTest, RefusesWhatItDoesNotServe) {
  for (const char* target : {"", "*", "//", "/../etc/passwd", "/en/x", "/api/v2/", "http://x/"}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
  EXPECT_EQ(get("/internal/lease").status, 405);
  EXPECT_EQ(get("/en").status, 308);
  EXPECT_EQ(get("/healthz").status, 200);
  net::HttpRequest request;
  request.method = "DELETE";
  request.target = "/";
  EXPECT_EQ(site_->respond(request).status, 405);
}

TEST_F(StatusSiteTest, SurvivesItsOwnRestartWithHistoryButWithoutGreen) {
  post(signed_document(document_with_outage(now())));
  EXPECT_EQ(green(), 200);
  const auto proven = now();
  restart();
  EXPECT_EQ(indicator(), "critical");
  EXPECT_NE(get("/").body.find("リーダー交代"), std::string::npos);
  EXPECT_EQ(post(signed_lease(green_lease(serial_, now()))).status, 409);
  EXPECT_EQ(green(), 200);
  EXPECT_EQ(indicator(), "none");
  EXPECT_EQ(json("/api/v2/incidents.json").find("incidents")->array()->size(), 1u);
  EXPECT_EQ(proven, now());
}

TEST_F(StatusSiteTest, StartsWithoutHistoryWhenItsFileIsDamaged) {
  EXPECT_EQ(green(), 200);
  disk_.files["status.state"][9] ^= 1;
  restart();
  EXPECT_NE(logged_.find("could not be read"), std::string::npos);
  EXPECT_EQ(indicator(), "critical");
  EXPECT_EQ(green(), 200);
  EXPECT_EQ(indicator(), "none");
  disk_.unreadable = true;
  restart();
  EXPECT_EQ(indicator(), "critical");
}

TEST_F(StatusSiteTest, KeepsAnsweringWhenItsDiskIsFull) {
  disk_.broken = true;
  EXPECT_EQ(green(), 200);
  EXPECT_EQ(indicator(), "none");
  EXPECT_EQ(red(), 200);
  EXPECT_EQ(indicator(), "critical");
  EXPECT_NE(metrics_.prometheus_text().find("okiagari_notify_save_errors_total 2"),
            std::string::npos);
}

TEST_F(StatusSiteTest, WritesNewsAtOnceAndRenewalsSeldom) {
  Lease lease = green_lease(++serial_, now());
  for (int i = 0; i < 40; ++i) {
    lease.serial = ++serial_;
    lease.issued_at = now();
    lease.expires_at = {now().value + lease_duration_ms_max};
    EXPECT_EQ(post(signed_lease(lease)).status, 200);
    step_ms(250);
  }
  EXPECT_EQ(disk_.replaced, 2);
  EXPECT_EQ(red(), 200);
  EXPECT_EQ(disk_.replaced, 3);
}

TEST_F(StatusSiteTest, ServesOverANetwork) {
  testing::StepTimers timers(clock_);
  testing::MemoryNetwork network;
  net::HttpServer server(network.host(), timers, clock_, *site_, {});
  const Address address = server.listen({"10.0.0.1", 80}).value();
  net::HttpClient client(network.host(), timers, address, {});
  std::vector<std::uint16_t> statuses;
  const auto done = [&](const Result<net::HttpResponse>& response) {
    statuses.push_back(response ? response->status : 0);
  };
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/internal/lease";
  request.body = signed_lease(green_lease(++serial_, now()));
  client.request(request, done);
  network.run();
  request.method = "GET";
  request.target = "/api/v2/summary.json";
  request.body.clear();
  client.request(request, done);
  network.run();
  EXPECT_EQ(statuses, (std::vector<std::uint16_t>{200, 200}));
  EXPECT_EQ(indicator(), "none");
}

}  // namespace
}  // namespace oki::notify
