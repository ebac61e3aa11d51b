// Subscribing from the form to the mail, with a log that answers when it is told to.
#include "notify/subscriber_service.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"
#include "net/http_client.h"
#include "notify/subscriber_mailer.h"

namespace oki::notify {
namespace {

const ComponentId btc{ComponentKind::market, "btc_jpy"};

class SubscriberServiceTest : public ::testing::Test {
 protected:
  SubmitSubscriber submit() {
    return [this](const SubscriberCommand& command,
                  std::function<void(std::optional<SubscriberResult>)> done) {
      if (!log_answers_) return done(std::nullopt);
      done(book_.apply(clock_.wall_now(), command));
    };
  }
  std::uint16_t request(const std::string& method, const std::string& target,
                        std::string body = "") {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = std::move(body);
    std::uint16_t status = 0;
    client_.request(request, [&](const Result<net::HttpResponse>& response) {
      status = response ? response->status : 0;
    });
    network_.run();
    return status;
  }
  void step() { timers_.advance_ms(500); }

  testing::StepClock clock_;
  testing::StepTimers timers_{clock_};
  testing::MemoryNetwork network_;
  Metrics metrics_;
  SubscriberBook book_;
  SubscriberTokens tokens_{Bytes(subscriber_secret_bytes, 's')};
  bool log_answers_ = true;
  SubscriberService service_{
      {book_, tokens_, [] { return std::vector<ComponentId>{btc}; },
       [](const Address& peer, const net::HttpRequest&) { return peer.host; }, submit()}};
  net::HttpServer server_{network_.host(), timers_, clock_, service_, {}};
  Address address_ = server_.listen({"10.0.0.1", 80}).value();
  net::HttpClient client_{network_.host(), timers_, address_, {}};

  struct Waiting {
    MailHead head;
    MailText text;
    SmtpPool::Done done;
  };
  std::deque<Waiting> mails_;
  bool leads_ = true;
  SubscriberMailer mailer_{{clock_, timers_, metrics_, book_, tokens_, [this] { return leads_; },
                            [this](MailHead head, const MailText& text, SmtpPool::Done done) {
                              mails_.push_back({std::move(head), text, std::move(done)});
                            },
                            submit()},
                           {.desk_url = "https://status.example.jp", .domain = "example.jp"}};
};

TEST_F(SubscriberServiceTest, AFormBecomesAMailAndItsLinkASubscriber) {
  mailer_.start();
  EXPECT_EQ(request("GET", "/subscribe"), 200);
  EXPECT_EQ(request("GET", "/style.css"), 200);
  EXPECT_EQ(request("POST", "/subscribe", "address=taro%40example.jp"), 200);
  step();
  ASSERT_EQ(mails_.size(), 1u);
  EXPECT_EQ(mails_[0].head.to, "taro@example.jp");
  step();
  EXPECT_EQ(mails_.size(), 1u) << "not twice while it is under way";
  mails_[0].done({Attempt::sent, "250 ok", {}});
  EXPECT_TRUE(book_.owed().empty());
  const std::string& plain = mails_[0].text.plain;
  const std::size_t at = plain.find("/confirm?t=");
  const std::string token = plain.substr(at + 11, subscriber_token_bytes);
  EXPECT_EQ(request("POST", "/confirm", "t=" + token), 200);
  EXPECT_EQ(book_.confirmed(), 1u);
}

TEST_F(SubscriberServiceTest, WhatIsNotItsOwnIsNotFound) {
  EXPECT_EQ(request("GET", "/"), 404);
  EXPECT_EQ(request("GET", "/api/v2/summary.json"), 404);
}

TEST_F(SubscriberServiceTest, WithoutTheLogItSaysLater) {
  log_answers_ = false;
  EXPECT_EQ(request("POST", "/subscribe", "address=taro%40example.jp"), 503);
  EXPECT_EQ(book_.pending(), 0u);
}

TEST_F(SubscriberServiceTest, OnlyWhoLeadsSends) {
  leads_ = false;
  mailer_.start();
  EXPECT_EQ(request("POST", "/subscribe", "address=taro%40example.jp"), 200);
  step();
  EXPECT_TRUE(mails_.empty());
  leads_ = true;
  step();
  EXPECT_EQ(mails_.size(), 1u);
}

TEST_F(SubscriberServiceTest, AMailServerThatIsAwayIsAskedAgainLaterUnderTheSameName) {
  mailer_.start();
  EXPECT_EQ(request("POST", "/subscribe", "address=taro%40example.jp"), 200);
  step();
  const std::string message_id = mails_.at(0).head.message_id;
  mails_[0].done({Attempt::absent, "nobody there", {}});
  step();
  EXPECT_EQ(mails_.size(), 1u);
  timers_.advance_ms(30'000);
  ASSERT_EQ(mails_.size(), 2u);
  EXPECT_EQ(mails_[1].head.message_id, message_id);
  mails_[1].done({Attempt::refused, "550 no such user", {}});
  EXPECT_TRUE(book_.owed().empty());
}

TEST_F(SubscriberServiceTest, ManyAreSentAFewAtATime) {
  mailer_.start();
  for (int i = 0; i < 20; ++i) {
    const Subscribe ask{"a" + std::to_string(i) + "@example.jp", "n" + std::to_string(i), {}, {}};
    EXPECT_EQ(book_.apply(clock_.wall_now(), ask), SubscriberResult::done);
  }
  step();
  EXPECT_EQ(mails_.size(), 16u);
}

TEST_F(SubscriberServiceTest, NoticesGoToWhoChoseThemWithATokenToLeave) {
  EXPECT_EQ(book_.apply(clock_.wall_now(), Subscribe{"a@example.jp", "n", Language::en, {btc}}),
            SubscriberResult::done);
  EXPECT_EQ(book_.apply(clock_.wall_now(), ConfirmSubscriber{{1}}), SubscriberResult::done);
  std::vector<Recipient> told;
  const auto ask = subscribers_of_book(book_, tokens_);
  ask({btc}, [&](Result<std::vector<Recipient>> found) { told = std::move(*found); });
  ASSERT_EQ(told.size(), 1u);
  const auto detail = decode_mail_recipient(told[0].detail);
  EXPECT_EQ(detail->language, Language::en);
  EXPECT_EQ(tokens_.read(TokenPurpose::manage, detail->unsubscribe_token), SubscriberId{1});
  ask({{ComponentKind::market, "eth_jpy"}},
      [&](Result<std::vector<Recipient>> found) { told = std::move(*found); });
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace oki::notify
