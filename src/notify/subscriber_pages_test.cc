// The pages for subscribers as a person, a mail program and a stranger use them.
#include "notify/subscriber_pages.h"

#include <gtest/gtest.h>

namespace oki::notify {
namespace {

class SubscriberPagesTest : public ::testing::Test {
 protected:
  net::HttpResponse get(const std::string& target) {
    net::HttpRequest request;
    request.method = "GET";
    request.target = target;
    const auto answer = subscriber_page(request, desk());
    EXPECT_TRUE(answer && !answer->command) << target;
    return answer->response;
  }
  net::HttpResponse post(const std::string& target, std::string body,
                         const std::string& type = "application/x-www-form-urlencoded") {
    net::HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.headers = {{"Content-Type", type}};
    request.body = std::move(body);
    const auto answer = subscriber_page(request, desk());
    if (!answer) return net::text_response(404, "");
    if (!answer->command) return answer->response;
    return answer->page(book_.apply(now_, *answer->command));
  }
  SubscriberDesk desk() {
    return {book_,
            tokens_,
            {{ComponentKind::market, "btc_jpy"}, {ComponentKind::market, "eth_jpy"}},
            network_of("192.0.2.7")};
  }
  SubscriberId id() { return book_.find("taro@example.jp").value(); }
  std::string token(TokenPurpose purpose) { return tokens_.token(purpose, id()); }
  void subscribe() {
    EXPECT_EQ(post("/subscribe", "address=taro%40example.jp").status, 200);
    EXPECT_EQ(post("/confirm", "t=" + token(TokenPurpose::confirm)).status, 200);
  }

  SubscriberBook book_;
  SubscriberTokens tokens_{Bytes(subscriber_secret_bytes, 's')};
  WallTimeMs now_{1'763'737'200'000};
};

TEST_F(SubscriberPagesTest, AskingConfirmingChoosingAndLeavingGoByFormsAlone) {
  EXPECT_NE(get("/subscribe").body.find("<form method=\"post\" action=\"/subscribe\">"),
            std::string::npos);
  EXPECT_EQ(post("/en/subscribe", "address=taro%40example.jp&c=market%3Abtc_jpy&c=edge%3A9").status,
            200);
  EXPECT_EQ(book_.find(id())->components.size(), 1u) << "what is not offered is left out";
  const std::string confirm = "/confirm?t=" + token(TokenPurpose::confirm);
  EXPECT_NE(get(confirm).body.find("<html lang=\"en\""), std::string::npos);
  EXPECT_EQ(book_.confirmed(), 0u) << "a GET confirms nothing";
  EXPECT_EQ(post("/confirm", "t=" + token(TokenPurpose::confirm)).status, 200);
  EXPECT_EQ(book_.confirmed(), 1u);
  const std::string manage = get("/unsubscribe?t=" + token(TokenPurpose::manage)).body;
  EXPECT_NE(manage.find("value=\"market:btc_jpy\" checked=\"checked\""), std::string::npos);
  EXPECT_EQ(post("/choose", "c=market%3Aeth_jpy&t=" + token(TokenPurpose::manage)).status, 200);
  EXPECT_EQ(book_.find(id())->components[0].name, "eth_jpy");
  EXPECT_EQ(post("/unsubscribe", "t=" + token(TokenPurpose::manage)).status, 200);
  EXPECT_EQ(book_.confirmed(), 0u);
}

TEST_F(SubscriberPagesTest, OneClickOfAMailProgramLeaves) {
  subscribe();
  const std::string target = "/unsubscribe?t=" + token(TokenPurpose::manage);
  EXPECT_EQ(get(target).status, 200);
  EXPECT_EQ(book_.confirmed(), 1u);
  EXPECT_EQ(post(target, "List-Unsubscribe=One-Click").status, 200);
  EXPECT_EQ(book_.confirmed(), 0u);
  EXPECT_EQ(post(target, "List-Unsubscribe=One-Click").status, 404);
}

TEST_F(SubscriberPagesTest, AskingTellsNobodyWhoIsOnTheList) {
  const std::string fresh = post("/subscribe", "address=taro%40example.jp").body;
  EXPECT_EQ(post("/subscribe", "address=taro%40example.jp").body, fresh);
  EXPECT_EQ(post("/confirm", "t=" + token(TokenPurpose::confirm)).status, 200);
  now_.value += 3'600'000;
  EXPECT_EQ(post("/subscribe", "address=taro%40example.jp").body, fresh);
}

TEST_F(SubscriberPagesTest, ATokenOfOneDoorOpensNoOther) {
  subscribe();
  const std::string confirm = token(TokenPurpose::confirm);
  EXPECT_EQ(get("/unsubscribe?t=" + confirm).status, 404);
  EXPECT_EQ(post("/unsubscribe", "t=" + confirm).status, 404);
  EXPECT_EQ(post("/choose", "t=" + confirm).status, 404);
  EXPECT_EQ(post("/confirm", "t=").status, 404);
  EXPECT_EQ(get("/confirm?t=%").status, 404);
  EXPECT_EQ(book_.confirmed(), 1u);
}

TEST_F(SubscriberPagesTest, RefusesWhatIsNoFormAndNoMethodOfIts) {
  EXPECT_EQ(post("/subscribe", "address=taro%40example.jp", "text/plain").status, 400);
  EXPECT_EQ(post("/subscribe", "address=%zz").status, 400);
  EXPECT_EQ(post("/subscribe", "address=nobody").status, 400);
  EXPECT_EQ(post("/subscribe", "").status, 400);
  EXPECT_EQ(get("/choose").status, 405);
  EXPECT_EQ(post("/other", "").status, 404);
  EXPECT_EQ(book_.pending(), 0u);
}

TEST_F(SubscriberPagesTest, WhatWasTypedNeverBecomesMarkup) {
  const std::string page = post("/subscribe", "address=%3Cb%3E%40example.jp").body;
  EXPECT_EQ(page.find("<b>"), std::string::npos);
}

TEST_F(SubscriberPagesTest, WithoutAResultItSaysLater) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/subscribe";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "address=taro%40example.jp";
  const auto answer = subscriber_page(request, desk());
  EXPECT_EQ(answer->page(std::nullopt).status, 503);
  EXPECT_EQ(answer->page(SubscriberResult::network_limit).status, 429);
  EXPECT_EQ(answer->page(SubscriberResult::full).status, 503);
}

TEST_F(SubscriberPagesTest, TheMailHasTheLinkThatConfirms) {
  EXPECT_EQ(post("/en/subscribe", "address=taro%40example.jp").status, 200);
  const MailText mail =
      subscriber_mail(*book_.find(id()), id(), tokens_, "https://status.example.jp");
  const std::string link = "https://status.example.jp/en/confirm?t=" + token(TokenPurpose::confirm);
  EXPECT_NE(mail.plain.find("\n" + link + "\n"), std::string::npos);
  EXPECT_EQ(get(link.substr(25)).status, 200);
}

TEST(NetworkOfTest, PutsNeighboursTogether) {
  EXPECT_EQ(network_of("192.0.2.7"), network_of("192.0.2.250"));
  EXPECT_NE(network_of("192.0.2.7"), network_of("192.0.3.7"));
  EXPECT_EQ(network_of("::ffff:192.0.2.7"), network_of("192.0.2.250"));
  EXPECT_EQ(network_of("2001:db8:1:2::3"), network_of("2001:db8:1:ffff::"));
  EXPECT_NE(network_of("2001:db8:1::"), network_of("2001:db8:2::"));
  EXPECT_EQ(network_of("nonsense"), "unknown");
}

}  // namespace
}  // namespace oki::notify
