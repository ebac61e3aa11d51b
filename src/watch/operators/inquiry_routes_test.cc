// Who sees what of inquiries, by the API as it is served.
#include "watch/operators/inquiry_routes.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/testing/stepped.h"
#include "notify/testing/queued_disk.h"
#include "response/testing/response_world.h"
#include "watch/operators/operator_api.h"

namespace oki::watch {
namespace {

using response::aki;
using response::chie;
using response::daiki;

struct Counting : Random {
  Bytes bytes(std::size_t count) override { return Bytes(count, static_cast<char>(++calls)); }
  char calls = 0;
};

class InquiryRoutesTest : public ::testing::Test {
 protected:
  InquiryRoutesTest() {
    world.furnish();
    clock.jump_wall_ms(world.now().value - clock.wall_now().value);
    desk = std::move(*inquiries::InquiryDesk::open({clock, disk, {}}, {}));
    disk.run();
    const auto state = [this]() -> const response::State& { return world.state(); };
    routes = std::make_unique<InquiryRoutes>(InquiryRoutes::Parts{clock, *desk, state, 2});
    std::string file;
    Counting random;
    for (const response::PersonId person : {aki, chie, daiki, response::PersonId{99}}) {
      const NewLoginToken made = make_login_token(random, person);
      tokens[person] = made.token;
      file += made.line + "\n";
    }
    OperatorApi::Parts parts{clock, state, {}, {}, {}, {}, {}, {}, {}, 2, routes.get()};
    api = std::make_unique<OperatorApi>(std::move(parts), LoginTokens::parse(file).value(),
                                        OperatorApiOptions{});
    write("7", "注文が約定しません");
    clock.advance_ns(1'000 * ns_per_ms);
    write("8", "ログインできません");
  }

  void write(const std::string& account, const std::string& words) {
    desk->take({inquiries::Way::form, account, "a" + account + "@example.jp", words}, account,
               [](const inquiries::Taken&) {});
    disk.run();
  }
  net::HttpResponse ask(response::PersonId by, const std::string& target,
                        const std::optional<std::string>& body = {}) {
    net::HttpRequest request;
    request.method = body ? "POST" : "GET";
    request.target = target;
    request.body = body.value_or("");
    request.headers.push_back({"Authorization", "Bearer " + tokens[by]});
    std::optional<net::HttpResponse> got;
    api->respond(request, [&got](net::HttpResponse response) { got = std::move(response); });
    disk.run();
    return got.value();
  }
  static bool has(const net::HttpResponse& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
  }

  testing::StepClock clock;
  notify::QueuedDisk disk;
  response::World world;
  std::unique_ptr<inquiries::InquiryDesk> desk;
  std::unique_ptr<InquiryRoutes> routes;
  std::unique_ptr<OperatorApi> api;
  std::map<response::PersonId, std::string> tokens;
};

TEST_F(InquiryRoutesTest, SupportAndCommandersReadWhatCustomersWroteAndNobodyElse) {
  const std::string targets[] = {"/v1/inquiries", "/v1/inquiries/1"};
  for (const std::string& target : targets) {
    EXPECT_EQ(ask(daiki, target).status, 200) << target;
    EXPECT_EQ(ask(aki, target).status, 200) << target;
    for (const response::PersonId other : {chie, response::PersonId{99}}) {
      const net::HttpResponse refused = ask(other, target);
      EXPECT_EQ(refused.status, 403) << target;
      EXPECT_FALSE(has(refused, "example.jp")) << refused.body;
    }
  }
  EXPECT_EQ(ask(chie, "/v1/inquiries/1/state", R"({"to":"answered"})").status, 403);
  EXPECT_EQ(ask(chie, "/v1/inquiries", R"({"words":"x"})").status, 403);
  const net::HttpResponse counts = ask(chie, "/v1/inquiries/counts");
  EXPECT_EQ(counts.status, 200);
  EXPECT_TRUE(has(counts, R"({"topic":"order","open":1,"answered":0,"closed":0})")) << counts.body;
  EXPECT_TRUE(has(counts, R"("seat":2)"));
  EXPECT_FALSE(has(counts, "example.jp"));
  EXPECT_EQ(ask({99}, "/v1/inquiries/counts").status, 403);
  tokens[aki] = "x";
  EXPECT_EQ(ask(aki, "/v1/inquiries").status, 401);
}

TEST_F(InquiryRoutesTest, ListsByStateTopicAndTimeWithoutWords) {
  const net::HttpResponse all = ask(daiki, "/v1/inquiries");
  EXPECT_LT(all.body.find(R"("inquiry":2)"), all.body.find(R"("inquiry":1)"));
  EXPECT_TRUE(has(all, R"("account":"7")"));
  EXPECT_FALSE(has(all, "約定"));
  EXPECT_TRUE(net::parse_json(all.body, 1u << 20));
  const net::HttpResponse login = ask(daiki, "/v1/inquiries?topic=login&state=all");
  EXPECT_TRUE(has(login, R"("inquiry":2)"));
  EXPECT_FALSE(has(login, R"("inquiry":1)"));
  EXPECT_FALSE(has(ask(daiki, "/v1/inquiries?state=answered"), R"("inquiry":1)"));
  EXPECT_FALSE(has(ask(daiki, "/v1/inquiries?to=-100"), R"("inquiry":1)"));
  EXPECT_TRUE(has(ask(daiki, "/v1/inquiries?from=-100"), R"("inquiry":1)"));
  const net::HttpResponse page = ask(daiki, "/v1/inquiries?limit=1");
  EXPECT_TRUE(has(page, R"("before":2)")) << page.body;
  EXPECT_TRUE(has(ask(daiki, "/v1/inquiries?limit=1&before=2"), R"("inquiry":1)"));
  for (const char* wrong : {"state=x", "topic=x", "from=x", "to=+x", "before=x", "limit=x",
                            "automatic=x", "x=y", "from=-99999999999"}) {
    EXPECT_EQ(ask(daiki, std::string("/v1/inquiries?") + wrong).status, 400) << wrong;
  }
}

TEST_F(InquiryRoutesTest, ShowsOneWithItsWordsAndWhoAnsweredIt) {
  EXPECT_TRUE(has(ask(daiki, "/v1/inquiries/1"), "約定"));
  EXPECT_EQ(ask(daiki, "/v1/inquiries/9").status, 404);
  EXPECT_EQ(ask(daiki, "/v1/inquiries/x").status, 404);
  EXPECT_EQ(ask(daiki, "/v1/inquiries/1/words").status, 404);
  desk->set_state({1}, inquiries::State::answered, daiki, [](inquiries::Changed) {});
  const net::HttpResponse shown = ask(daiki, "/v1/inquiries/1");
  EXPECT_TRUE(has(shown, R"("state":"answered")")) << shown.body;
  EXPECT_TRUE(has(shown, R"("by":{"id":4,"name":"Daiki"})")) << shown.body;
}

TEST_F(InquiryRoutesTest, AChangeIsAnsweredWhenTheDiskKnowsIt) {
  std::optional<net::HttpResponse> got;
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/v1/inquiries/1/state";
  request.body = R"({"to":"closed"})";
  request.headers.push_back({"Authorization", "Bearer " + tokens[daiki]});
  api->respond(request, [&got](net::HttpResponse response) { got = std::move(response); });
  EXPECT_FALSE(got.has_value());
  disk.run();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(desk->find({1})->by, daiki);
}

TEST_F(InquiryRoutesTest, RefusalsHaveNames) {
  const auto state = [this](const std::string& number, const std::string& body) {
    return ask(daiki, "/v1/inquiries/" + number + "/state", body);
  };
  EXPECT_EQ(state("9", R"({"to":"closed"})").status, 404);
  EXPECT_EQ(state("x", R"({"to":"closed"})").status, 404);
  const net::HttpResponse same = state("1", R"({"to":"open"})");
  EXPECT_EQ(same.status, 409);
  EXPECT_TRUE(has(same, "no_change")) << same.body;
  for (const char* body :
       {"{}", R"({"to":"gone"})", R"({"to":1})", R"({"to":"open","x":1})", "["}) {
    EXPECT_EQ(state("1", body).status, 400) << body;
  }
  for (const char* body : {"{}", R"({"words":" "})", R"({"words":"x","contact":"no mail"})"}) {
    EXPECT_EQ(ask(daiki, "/v1/inquiries", body).status, 400) << body;
  }
}

TEST_F(InquiryRoutesTest, StaffWriteDownWhatWasSaid) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/v1/inquiries";
  request.body = R"({"words":"出金が来ない","account":"9"})";
  request.headers.push_back({"Authorization", "Bearer " + tokens[daiki]});
  std::optional<net::HttpResponse> got;
  api->respond(request, [&got](net::HttpResponse response) { got = std::move(response); });
  disk.run();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->status, 200) << got->body;
  EXPECT_EQ(desk->find({3})->way, inquiries::Way::staff);
  EXPECT_EQ(desk->find({3})->by, daiki);
  EXPECT_EQ(desk->find({3})->topic, inquiries::Topic::withdrawal);
}

}  // namespace
}  // namespace oki::watch
