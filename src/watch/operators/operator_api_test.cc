// The operators' API over a real machine: two tokens, two people, and what one of them cannot do
// alone.
#include "watch/operators/operator_api.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "notify/notice_template.h"
#include "response/testing/response_world.h"
#include "watch/detect/tuning.h"
#include "watch/operators/incident_json.h"

namespace oki::watch {
namespace {

using response::aki;
using response::ben;
using response::chie;
using response::daiki;

struct Zeros : Random {
  Bytes bytes(std::size_t count) override { return Bytes(count, static_cast<char>(++calls)); }
  char calls = 0;
};

struct OperatorApiTest : ::testing::Test {
  OperatorApiTest() {
    world.furnish();
    std::string file = "# People of the house.\n";
    for (const response::PersonId person : {aki, ben, chie, daiki, response::PersonId{99}}) {
      const NewLoginToken made = make_login_token(random, person);
      tokens[person] = made.token;
      file += made.line + "\n";
    }
    OperatorApi::Parts parts{
        clock,
        [this]() -> const response::State& { return world.state(); },
        [this](const response::Command& command, OperatorApi::Replied done) {
          done(world.send(command));
        },
        [](notify::Notice& notice) {
          return notify::NoticeTemplates::standard().write(notice, {"https://s.example", "", ""});
        },
        {},
        [this](const notify::Notice& notice, const std::string& channel, notify::Decision decision,
               const std::string& who) {
          settled = notice.incident + ' ' + channel + ' ' + who;
          const bool again = decision == notify::Decision::send_again;
          return again ? std::size_t{3} : std::size_t{0};
        },
        [this](response::IncidentId id, notify::Language) -> Result<Bytes> {
          if (!drafts.contains(id)) return error(Errc::not_found, "none here");
          return drafts.at(id);
        },
        {},
        {},
        1};
    api = std::make_unique<OperatorApi>(std::move(parts), LoginTokens::parse(file).value(),
                                        OperatorApiOptions{});
    clock.jump_wall_ms(world.now().value - clock.wall_now().value);
  }

  net::HttpResponse ask(const std::string& method, const std::string& target,
                        const std::string& token, const std::string& body = {}) {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
    std::optional<net::HttpResponse> got;
    api->respond(request, [&got](net::HttpResponse response) { got = std::move(response); });
    return got.value();
  }
  net::HttpResponse post(response::PersonId by, const std::string& target,
                         const std::string& body = {}) {
    return ask("POST", target, tokens[by], body);
  }
  net::HttpResponse get(response::PersonId by, const std::string& target) {
    return ask("GET", target, tokens[by]);
  }
  std::string refusal(const net::HttpResponse& response) {
    const auto json = net::parse_json(response.body, 1u << 20);
    const net::Json* word = json ? json->find("refusal") : nullptr;
    return word == nullptr ? "" : std::string(*word->string());
  }

  std::string settled;
  std::map<response::IncidentId, Bytes> drafts;
  testing::StepClock clock;
  Zeros random;
  response::World world;
  std::map<response::PersonId, std::string> tokens;
  std::unique_ptr<OperatorApi> api;
};

TEST_F(OperatorApiTest, WithoutATokenNothingIsShown) {
  EXPECT_EQ(ask("GET", "/v1/incidents", "").status, 401);
  EXPECT_EQ(ask("GET", "/v1/incidents", std::string(64, '0')).status, 401);
  EXPECT_EQ(ask("GET", "/v1/incidents", tokens[aki].substr(1)).status, 401);
  EXPECT_EQ(ask("POST", "/v1/incidents/1/acknowledge", "x").status, 401);
  EXPECT_EQ(get(aki, "/v1/incidents").status, 200);
  EXPECT_EQ(get({99}, "/v1/incidents").status, 403);  // A token of nobody in the house.
  EXPECT_EQ(get({99}, "/oncall.ics?schedule=primary").status, 403);
}

TEST_F(OperatorApiTest, PlannedWorkIsWishedAgreedToChangedAndEnded) {
  const std::string plan =
      R"({"title":{"ja":"更新","en":"Update"},"body":{"ja":"止まります。","en":"No orders."},)"
      R"("components":["market btc_jpy"],"from":"+3600","to":"+7200","words":"Release 7."})";
  EXPECT_EQ(post(chie, "/v1/planned-work", plan).status, 403);
  EXPECT_EQ(post(aki, "/v1/planned-work", plan).status, 200);
  EXPECT_EQ(get(aki, "/v1/planned-work").body, R"({"works":[]})");
  const std::string wishes = get(ben, "/v1/wishes").body;
  for (const char* part : {"market btc_jpy", "Update", "更新", "No orders.", "Release 7."}) {
    EXPECT_NE(wishes.find(part), std::string::npos) << part << " is missing in " << wishes;
  }
  EXPECT_EQ(post(ben, "/v1/wishes/1", R"({"yes":true})").status, 200);
  std::string shown = get(daiki, "/v1/planned-work").body;
  for (const char* part : {R"("name":"work1","phase":"scheduled")", R"("ja":"更新")",
                           R"("phase":"scheduled","title_ja":"更新")"}) {
    EXPECT_NE(shown.find(part), std::string::npos) << part << " is missing in " << shown;
  }
  EXPECT_EQ(post(aki, "/v1/planned-work/1", R"({"to":"+9000"})").status, 200);
  EXPECT_EQ(post(ben, "/v1/wishes/2", R"({"yes":true})").status, 200);
  EXPECT_EQ(world.state().works.at(1).plan.to.value, world.now().value + 9'000'000);
  EXPECT_EQ(world.state().works.at(1).plan.title.en, "Update");
  EXPECT_EQ(post(chie, "/v1/planned-work/1/end").status, 403);
  EXPECT_EQ(post(ben, "/v1/planned-work/1/end").status, 200);
  EXPECT_TRUE(response::is_over(world.state().works.at(1)));
  EXPECT_EQ(post(ben, "/v1/planned-work/1/end").status, 404);
}

TEST_F(OperatorApiTest, PlannedWorkThatCannotBeReadIsRefusedWithTheReason) {
  const auto why = [this](const std::string& body) {
    const net::HttpResponse response = post(aki, "/v1/planned-work", body);
    EXPECT_EQ(response.status, 400) << response.body;
    return response.body;
  };
  const std::string rest =
      R"(,"body":{"ja":"a","en":"b"},"components":["market btc_jpy"],"from":"+1","to":"+2"})";
  EXPECT_NE(why("{").size(), 0u);
  EXPECT_NE(why("[]").find("must be a JSON object"), std::string::npos);
  EXPECT_NE(why(R"({"x":1)" + rest).find("'title' is missing"), std::string::npos);
  EXPECT_NE(why(R"({"title":{"ja":"a"})" + rest).find("'en' is missing"), std::string::npos);
  EXPECT_NE(why(R"({"title":"a")" + rest).find("'title'"), std::string::npos);
  EXPECT_NE(why(R"({"title":{"ja":"a","en":"b"},"body":{"ja":"a","en":"b"},"from":"+1","to":"+2"})")
                .find("'components'"),
            std::string::npos);
  EXPECT_NE(why(R"({"title":{"ja":"a","en":""})" + rest).find("invalid"), std::string::npos);
  EXPECT_NE(
      why(R"({"title":{"ja":"a","en":")" + std::string(201, 'x') + "\"}" + rest).find("malformed"),
      std::string::npos);
  EXPECT_EQ(post(aki, "/v1", "{}").status, 404);
  EXPECT_EQ(post(aki, "/v1/planned-work/1", "{}").status, 404);
  EXPECT_EQ(post(aki, "/v1/planned-work/x", "{}").status, 404);
  EXPECT_EQ(post(aki, "/v1/planned-work/1/dance", "{}").status, 404);
  EXPECT_TRUE(world.state().works.empty());
  EXPECT_TRUE(world.state().wishes.empty());
}

TEST_F(OperatorApiTest, ANoticeOfPlannedWorkInDoubtIsSettledByAPerson) {
  response::PutSuppression put;
  put.suppression = {{world.now().value + 1'000},
                     {world.now().value + 2'000},
                     {{notify::ComponentKind::market, "btc_jpy"}},
                     "",
                     {"更新", "Update"},
                     {"a", "b"}};
  world.send(response::DecideWish{ben, world.send(response::Configure{aki, put}).id, true});
  const std::string target = "/v1/planned-work/1/settle";
  const auto body = [](const char* notice, const char* decision) {
    return std::string(R"({"notice":)") + notice + R"(,"channel":"mail","decision":")" + decision +
           "\"}";
  };
  EXPECT_EQ(post(daiki, target, body("1", "send_again")).status, 403);
  EXPECT_EQ(post(chie, target, body("2", "send_again")).status, 404);
  EXPECT_EQ(post(chie, target, body("1", "give_up")).status, 404);  // Nothing is in doubt.
  EXPECT_EQ(post(chie, target, body("1", "send_again")).body, R"({"ok":true,"id":3})");
  EXPECT_EQ(settled, "work1 mail Chie");
}

TEST_F(OperatorApiTest, TheDraftOfAPostmortemIsPointedToByTheWatchesThatHaveItNot) {
  world.resolve_one();
  EXPECT_EQ(get(aki, "/v1/incidents/1/postmortem").status, 404);
  EXPECT_EQ(world.send(response::RecordDraft{2, {1}, "abc"}).refusal, response::Refusal::none);
  const net::HttpResponse elsewhere = get(aki, "/v1/incidents/1/postmortem?lang=ja");
  EXPECT_EQ(elsewhere.status, 404);
  EXPECT_NE(elsewhere.body.find(R"("draft_seat":2,"draft_digest":"abc")"), std::string::npos);
  EXPECT_EQ(world.send(response::RecordDraft{1, {1}, "abd"}).refusal, response::Refusal::none);
  EXPECT_EQ(get(aki, "/v1/incidents/1/postmortem").status, 410);  // Its own, and gone.
  drafts[{1}] = "# Report <b>";
  EXPECT_EQ(get(aki, "/v1/incidents/1/postmortem").body, "# Report <b>");
  const net::HttpResponse page = get(aki, "/v1/incidents/1/postmortem?format=html");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("<h1"), std::string::npos) << page.body;
  EXPECT_EQ(page.body.find("<b>"), std::string::npos);
}

TEST_F(OperatorApiTest, WrongTokensAreCountedAndRightOnesGoOn) {
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += ask("GET", "/v1/incidents", "x").status == 429;
  EXPECT_EQ(refused, 40);
  EXPECT_EQ(get(aki, "/v1/incidents").status, 200);
}

TEST_F(OperatorApiTest, OnePersonsRequestsHaveALimit) {
  int refused = 0;
  for (int i = 0; i < 70; ++i) refused += get(aki, "/v1/incidents").status == 429;
  EXPECT_EQ(refused, 10);
  EXPECT_EQ(get(ben, "/v1/incidents").status, 200);
  clock.advance_ns(1'000'000'000);
  EXPECT_EQ(get(aki, "/v1/incidents").status, 200);
}

TEST_F(OperatorApiTest, AnIncidentIsShownWithItsTimelineAndGate) {
  world.confirm_one();
  const std::string list = get(aki, "/v1/incidents").body;
  EXPECT_NE(list.find(R"("name":"inc1")"), std::string::npos) << list;
  const std::string shown = get(aki, "/v1/incidents/1").body;
  ASSERT_TRUE(net::parse_json(shown, 1u << 20)) << shown;
  EXPECT_NE(shown.find(R"("shut_by":["signals")"), std::string::npos) << shown;
  const std::string rows = get(aki, "/v1/incidents/1/timeline?limit=2&lang=ja").body;
  EXPECT_NE(rows.find(R"("next":3)"), std::string::npos) << rows;
  EXPECT_NE(rows.find(R"("hash":")"), std::string::npos) << rows;
  EXPECT_EQ(get(aki, "/v1/incidents/2").status, 404);
  EXPECT_EQ(get(aki, "/v1/incidents/x").status, 404);
  EXPECT_EQ(get(aki, "/v1/house").status, 200);
  EXPECT_TRUE(net::parse_json(get(aki, "/v1/house").body, 1u << 20));
  EXPECT_EQ(get(aki, "/oncall.ics?schedule=primary").status, 200);
  EXPECT_EQ(get(aki, "/oncall.ics?schedule=none").status, 404);
}

TEST_F(OperatorApiTest, RolesAreCheckedByTheMachine) {
  world.confirm_one();
  EXPECT_EQ(post(daiki, "/v1/incidents/1/phase", R"({"to":"identified"})").status, 403);
  EXPECT_EQ(post(aki, "/v1/incidents/1/phase", R"({"to":"identified","words":"The disk."})").status,
            200);
  EXPECT_EQ(post(daiki, "/v1/incidents/1/take-role", R"({"role":"commander"})").status, 403);
  EXPECT_EQ(post(daiki, "/v1/incidents/1/note", R"({"words":"Many calls."})").status, 200);
  EXPECT_EQ(world.incident(1).rows.back().by, daiki);
  EXPECT_EQ(post(daiki, "/v1/incidents/1/preview", R"({"phase":"identified"})").status, 403);
}

TEST_F(OperatorApiTest, ANoticeNeedsTwoPeople) {
  world.confirm_one();
  const std::string text =
      R"({"phase":"identified","cause":{"ja":"ディスクの故障","en":"A failed disk"},)"
      R"("next_update":"+600"})";
  const net::HttpResponse preview = post(chie, "/v1/incidents/1/preview", text);
  EXPECT_EQ(preview.status, 200) << preview.body;
  EXPECT_NE(preview.body.find("A failed disk"), std::string::npos);
  EXPECT_TRUE(world.incident(1).notices.empty());
  EXPECT_EQ(post(chie, "/v1/incidents/1/notice", text).status, 200);
  const std::string yes = R"({"proposal":1,"yes":true})";
  const net::HttpResponse alone = post(chie, "/v1/incidents/1/decide-notice", yes);
  EXPECT_EQ(alone.status, 409);
  EXPECT_EQ(refusal(alone), "same_person");
  EXPECT_EQ(world.incident(1).notices[0].state, response::NoticeState::proposed);
  EXPECT_EQ(post(aki, "/v1/incidents/1/decide-notice", yes).status, 200);
  EXPECT_EQ(world.incident(1).notices[0].state, response::NoticeState::approved);
}

// Whoever acts is whose token it is: no field of a body says otherwise.
TEST_F(OperatorApiTest, NobodyActsForAnother) {
  world.confirm_one();
  const std::string body = R"({"runbook":"restart edge","name":"restart"})";
  EXPECT_EQ(post(aki, "/v1/incidents/1/step", body).status, 200);
  EXPECT_EQ(refusal(post(aki, "/v1/incidents/1/decide-step", R"({"step":1,"yes":true})")),
            "same_person");
  for (const char* forged :
       {R"({"step":1,"yes":true,"by":2})", R"({"step":1,"yes":true,"by":0})"}) {
    EXPECT_EQ(post(aki, "/v1/incidents/1/decide-step", forged).status, 400);
  }
  EXPECT_EQ(world.incident(1).steps[0].state, response::StepState::asked);
  EXPECT_EQ(post(ben, "/v1/incidents/1/decide-step", R"({"step":1,"yes":true})").status, 200);
}

TEST_F(OperatorApiTest, ABetterSeverityIsAWishThatAnotherAgreesTo) {
  world.confirm_one();
  const net::HttpResponse asked =
      post(aki, "/v1/incidents/1/severity", R"({"to":"sev3","words":"Small."})");
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(world.incident(1).severity, response::Severity::sev1);
  const std::string wishes = get(ben, "/v1/wishes").body;
  EXPECT_NE(wishes.find("sev3"), std::string::npos) << wishes;
  EXPECT_EQ(refusal(post(aki, "/v1/wishes/1", R"({"yes":true})")), "same_person");
  EXPECT_EQ(post(ben, "/v1/wishes/1", R"({"yes":true})").status, 200);
  EXPECT_EQ(world.incident(1).severity, response::Severity::sev3);
}

TEST_F(OperatorApiTest, PeopleDeclareWhatNoMachineSaw) {
  const net::HttpResponse declared =
      post(daiki, "/v1/incidents",
           R"({"title":"Odd fills","severity":"sev2","state":"partial_outage",)"
           R"("components":["market btc_jpy"],"began":"2025-11-21T14:59:00Z"})");
  EXPECT_EQ(declared.status, 200) << declared.body;
  EXPECT_EQ(world.incident(1).title, "Odd fills");
}

TEST_F(OperatorApiTest, BadRequestsAreRefusedByName) {
  world.confirm_one();
  const struct {
    const char* target;
    const char* body;
    int status;
  } cases[] = {
      {"/v1/incidents/1/acknowledge", "[]", 400},
      {"/v1/incidents/1/acknowledge", "{", 400},
      {"/v1/incidents/1/acknowledge", R"({"surplus":1})", 400},
      {"/v1/incidents/1/phase", R"({"to":"fine"})", 400},
      {"/v1/incidents/1/phase", R"({"to":3})", 400},
      {"/v1/incidents/1/merge", R"({"into":-1})", 400},
      {"/v1/incidents/1/merge", R"({"into":1.5})", 400},
      {"/v1/incidents/1/promise", R"({"at":"2026-02-30T00:00:00Z"})", 400},
      {"/v1/incidents/1/promise", R"({"at":"tomorrow"})", 400},
      {"/v1/incidents/1/fly", "{}", 404},
      {"/v1/incidents/9/acknowledge", "{}", 404},
      {"/v1/wishes/x", R"({"yes":true})", 404},
      {"/v1/incidents",
       R"({"title":"x","severity":"sev1","state":"major_outage",)"
       R"("components":["market BTC"]})",
       400},
      {"/elsewhere", "{}", 404},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(post(aki, each.target, each.body).status, each.status) << each.target << each.body;
  }
  EXPECT_EQ(ask("PUT", "/v1/incidents", tokens[aki]).status, 405);
  EXPECT_EQ(post(aki, "/v1/incidents/1/note", std::string((64u << 10) + 1, ' ')).status, 413);
}

TEST_F(OperatorApiTest, AWordOnWhatIsInDoubtIsKept) {
  world.confirm_one();
  world.send(
      response::ProposeNotice{{}, {1}, world.notice({1}, notify::NoticePhase::investigating)});
  const std::string text = R"({"notice":1,"channel":"mail","decision":"send_again"})";
  EXPECT_EQ(post(daiki, "/v1/incidents/1/settle", text).status, 403);
  EXPECT_EQ(post(chie, "/v1/incidents/1/settle", text).status, 200);
  EXPECT_EQ(settled, "inc1 mail Chie");
  EXPECT_EQ(world.incident(1).rows.back().words, "notice 1 by mail: send_again (3)");
  for (const char* bad : {R"({"notice":2,"channel":"mail","decision":"send_again"})",
                          R"({"notice":1,"channel":"mail","decision":"give_up"})"}) {
    EXPECT_EQ(post(chie, "/v1/incidents/1/settle", bad).status, 404);
  }
  EXPECT_EQ(post(chie, "/v1/incidents/1/settle", R"({"notice":1,"channel":"mail"})").status, 400);
}

TEST_F(OperatorApiTest, WhatIsNotAnsweredIsSaidToBeUnknown) {
  world.confirm_one();
  OperatorApi::Parts parts{clock,
                           [this]() -> const response::State& { return world.state(); },
                           [](const response::Command&, OperatorApi::Replied done) {
                             done(error(Errc::io, "no leader said so"));
                           },
                           {},
                           {},
                           {},
                           {},
                           {},
                           {}};
  const NewLoginToken made = make_login_token(random, aki);
  tokens[aki] = made.token;
  api = std::make_unique<OperatorApi>(std::move(parts), LoginTokens::parse(made.line).value(),
                                      OperatorApiOptions{});
  EXPECT_EQ(post(aki, "/v1/incidents/1/acknowledge").status, 504);
}

// From the incident machine to a suggestion, without a person who types a number.
TEST_F(OperatorApiTest, AlarmsAreAnsweredAsTheTunerReadsThem) {
  for (int i = 0; i < 6; ++i) {
    response::Signal alarm =
        response::evidence("cpu/" + std::to_string(i), response::Source::host, "btc_jpy");
    alarm.facts = {{"rule", "gauges.cpu_ppm"}};
    world.observe(alarm);
    const std::uint32_t last = world.state().incident_last.value;
    ASSERT_EQ(world.send(response::Dismiss{aki, {last}, "Nothing."}).refusal,
              response::Refusal::none);
    world.advance(1'300'000);
  }
  EXPECT_EQ(ask("GET", "/v1/alarms", "").status, 401);
  EXPECT_EQ(get({99}, "/v1/alarms").status, 403);
  const net::HttpResponse answer = get(daiki, "/v1/alarms?drills=1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/x-ndjson");
  const auto cases = detect::read_past_cases(answer.body);
  ASSERT_TRUE(cases) << cases.error().message;
  const auto rules = detect::review(cases->alarms, cases->missed, 5'000);
  ASSERT_EQ(rules.size(), 1u) << answer.body;
  EXPECT_EQ(rules[0].rule, "gauges.cpu_ppm");
  EXPECT_EQ(rules[0].false_alarms, 6u);
  EXPECT_EQ(rules[0].precision_ppm, 0);
  EXPECT_NE(rules[0].suggestion.find("[gauges.cpu_ppm]"), std::string::npos);
}

TEST(LoginTokensTest, AFileHoldsHashesOfPeople) {
  Zeros random;
  const NewLoginToken one = make_login_token(random, {7});
  const NewLoginToken two = make_login_token(random, {7});
  const LoginTokens tokens = LoginTokens::parse(one.line + "\r\n\n" + two.line).value();
  EXPECT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens.person_of(one.token), response::PersonId{7});
  EXPECT_EQ(tokens.person_of(two.token), response::PersonId{7});
  EXPECT_FALSE(tokens.person_of(""));
  EXPECT_EQ(one.line.find(one.token), std::string::npos);
  for (const char* bad : {"7",
                          "0 "
                          "00",
                          "x 00", "7 zz", "7 00"}) {
    const auto parsed = LoginTokens::parse(std::string("# fine\n") + bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().message.find("line 2"), std::string::npos);
  }
}

}  // namespace
}  // namespace oki::watch
