// One prober against a small exchange that misbehaves.
#include "watch/prober.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "watch/testing/fake_exchange.h"

namespace oki::watch {
namespace {

class ProberTest : public ::testing::Test {
 protected:
  ProberTest() {
    exchange_.accounts["a"].secret = "secret of a";
    exchange_.accounts["b"].secret = "secret of b";
  }

  Prober::Options options() {
    Prober::Options options;
    options.house = {{"a", "secret of a"}, {"b", "secret of b"}};
    options.markets = {{"btc_jpy", 0, 4, 1, 1}};
    options.cross = {"probe_jpy", 0, 4, 100, 10'000};
    return options;
  }
  void start() {
    const auto send = [this](net::HttpRequest request, net::HttpClient::Done done) {
      ++sent_;
      timers_.after_ms(answer_ms_, [this, request, done] {
        if (mute_) return;
        const bool is_post = request.method == "POST";
        posts_ += is_post ? 1 : 0;
        if (is_post && post_failure_) return done(error(*post_failure_, "no"));
        if (failure_) return done(error(*failure_, "no"));
        if (refusals_ > 0) {
          --refusals_;
          return done(net::text_response(refused_status_, "no"));
        }
        if (status_ != 200) return done(net::text_response(status_, "no"));
        done(exchange_.respond(request));
      });
    };
    prober_.emplace(Prober::Parts{clock_, timers_, send}, options(),
                    [this](const ProbeResult& result) { results_.push_back(result); });
    prober_->start();
  }
  // The next result after this moment.
  ProbeResult next(std::int64_t within_ms = 2000) {
    const std::size_t before = results_.size();
    for (std::int64_t ms = 0; ms < within_ms && results_.size() == before; ++ms) {
      timers_.advance_ms(1);
    }
    EXPECT_EQ(results_.size(), before + 1);
    return results_.back();
  }

  testing::StepClock clock_;
  testing::StepTimers timers_{clock_};
  FakeExchange exchange_{clock_};
  std::optional<Prober> prober_;
  std::vector<ProbeResult> results_;
  std::int64_t answer_ms_ = 2;
  std::size_t sent_ = 0;
  std::size_t posts_ = 0;
  std::optional<Errc> post_failure_;
  bool mute_ = false;
  std::optional<Errc> failure_;
  std::uint16_t status_ = 200;
  std::size_t refusals_ = 0;  // So many of the next requests are refused.
  std::uint16_t refused_status_ = 429;
};

TEST_F(ProberTest, MakesEveryCheckOnceInARoundAndLeavesNothing) {
  start();
  timers_.advance_ms(10'000 - 1);
  EXPECT_EQ(results_.size(), 20u);
  for (std::size_t i = 0; i < results_.size(); ++i) {
    EXPECT_TRUE(results_[i].ok) << results_[i].step;
    EXPECT_EQ(results_[i].check, i % 2);
  }
  EXPECT_EQ(exchange_.open_orders(), 0u);
  EXPECT_EQ(exchange_.trades.size(), 20u);
}

TEST_F(ProberTest, StaysFarFromTheMarket) {
  start();
  EXPECT_TRUE(next().ok);
  EXPECT_EQ(exchange_.last_price, "5000000");
  next();
  exchange_.best_bid = "";
  EXPECT_TRUE(next().ok);
  EXPECT_EQ(exchange_.last_price, "1");
  next();
  exchange_.best_bid = "1e9999";
  const ProbeResult result = next();
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.reason, ProbeReason::wrong);
}

TEST_F(ProberTest, GivesUpAtTheDeadlineAndRepeatsTheSameCheckOnce) {
  start();
  next();
  mute_ = true;
  const ProbeResult first = next();
  EXPECT_FALSE(first.ok);
  EXPECT_EQ(first.reason, ProbeReason::timeout);
  EXPECT_EQ((first.ended - first.started) / ns_per_ms, probe_deadline_ms);
  const ProbeResult second = next();
  EXPECT_EQ(second.check, first.check);
  EXPECT_GE(second.started, first.ended);
  EXPECT_EQ((second.ended - first.started) / ns_per_ms, 2 * probe_deadline_ms);
  EXPECT_NE(next().check, first.check);
}

TEST_F(ProberTest, AsksAgainWhileNothingWasProcessedAndForgivesAShortLeaderChange) {
  start();
  next();
  status_ = 503;
  timers_.advance_ms(250 + 300);
  status_ = 200;
  EXPECT_TRUE(next().ok);
  failure_ = Errc::unavailable;
  const ProbeResult dead = next();
  EXPECT_EQ(dead.reason, ProbeReason::unavailable);
  EXPECT_FALSE(dead.reached);
}

TEST_F(ProberTest, SaysHowManyOfItsFirstTriesWereTurnedAwayThoughItGotThrough) {
  start();
  const ProbeResult well = next();
  EXPECT_EQ(well.reads.made, 1u);
  EXPECT_EQ(well.orders.made, 2u);
  EXPECT_EQ(well.reads.turned_away + well.orders.turned_away, 0u);
  const ProbeResult cross = next();
  EXPECT_EQ(cross.reads.made, 0u);
  EXPECT_EQ(cross.orders.made, 3u);
  for (const auto status : {std::uint16_t{429}, std::uint16_t{503}}) {
    refusals_ = 1;
    refused_status_ = status;
    const ProbeResult result = next();
    EXPECT_TRUE(result.ok);
    EXPECT_EQ(result.reads.turned_away, 1u) << status;
    EXPECT_EQ(result.orders.turned_away, 0u);
    next();
  }
  mute_ = true;
  const ProbeResult silent = next();
  EXPECT_EQ(silent.reads.made, 1u);
  EXPECT_EQ(silent.reads.turned_away, 1u);
  mute_ = false;
  exchange_.refusing.insert("btc_jpy");
  EXPECT_EQ(next().reads.turned_away, 0u) << "a rule that says no has answered";
}

TEST_F(ProberTest, RepeatsReadsButNeverAnOrderWhoseOutcomeIsUnknown) {
  start();
  next();
  next();
  posts_ = 0;
  post_failure_ = Errc::io;
  const ProbeResult order = next();
  EXPECT_STREQ(order.step, "place");
  EXPECT_EQ(order.reason, ProbeReason::timeout);
  EXPECT_EQ(posts_, 1u);
  post_failure_ = Errc::unavailable;
  const ProbeResult refused = next();
  EXPECT_EQ(refused.reason, ProbeReason::unavailable);
  EXPECT_GT(posts_, 5u);
  post_failure_.reset();
  next();
  const std::size_t before = sent_;
  failure_ = Errc::io;
  EXPECT_STREQ(next().step, "ticker");
  EXPECT_GT(sent_, before + 5);
}

TEST_F(ProberTest, NamesTheStepAndTheCodeOfARefusal) {
  start();
  next();
  exchange_.refusing.insert("probe_jpy");
  const ProbeResult result = next();
  EXPECT_EQ(result.reason, ProbeReason::refused);
  EXPECT_EQ(result.code, 70004);
  EXPECT_STREQ(result.step, "place maker");
  EXPECT_TRUE(result.reached);
}

TEST_F(ProberTest, NoticesALostOrderAndAnUnfilledCross) {
  exchange_.loses_orders = true;
  start();
  const ProbeResult lost = next();
  EXPECT_FALSE(lost.ok);
  EXPECT_STREQ(lost.step, "cancel");
  exchange_.loses_orders = false;
  EXPECT_TRUE(next().ok);
  exchange_.fills_nothing = true;
  const ProbeResult unfilled = next();
  EXPECT_FALSE(unfilled.ok);
  EXPECT_STREQ(unfilled.step, "place taker");
  EXPECT_EQ(unfilled.reason, ProbeReason::wrong);
}

TEST_F(ProberTest, NoticesAWrongSignature) {
  exchange_.accounts["a"].secret = "another";
  start();
  const ProbeResult result = next();
  EXPECT_EQ(result.reason, ProbeReason::refused);
  EXPECT_EQ(result.code, 20005);
}

TEST_F(ProberTest, SurvivesNonsenseOfEveryKind) {
  const std::vector<std::string> bodies = {"",
                                           "{",
                                           "[]",
                                           "1",
                                           "null",
                                           R"({"success":1})",
                                           R"({"success":"1","data":{}})",
                                           R"({"success":0,"data":{}})",
                                           R"({"success":0,"data":{"code":"x"}})",
                                           R"({"success":1,"data":[]})",
                                           R"({"success":1,"data":{"buy":5}})",
                                           R"({"success":1,"data":{"buy":"-1"}})",
                                           std::string(1 << 20, '[')};
  std::size_t turn = 0;
  Prober prober({clock_, timers_,
                 [&](const net::HttpRequest&, const net::HttpClient::Done& done) {
                   timers_.after_ms(1, [&, done] {
                     done(net::json_response(200, bodies[turn++ % bodies.size()]));
                   });
                 }},
                options(), [&](const ProbeResult& result) {
                  EXPECT_FALSE(result.ok);
                  results_.push_back(result);
                });
  prober.start();
  timers_.advance_ms(20'000);
  EXPECT_GT(results_.size(), 30u);
}

TEST_F(ProberTest, MayEndAtAnyMoment) {
  for (int ms = 0; ms < 600; ms += 7) {
    start();
    timers_.advance_ms(ms);
    prober_.reset();
    timers_.advance_ms(1000);
  }
  EXPECT_EQ(timers_.pending(), 0u);
}

}  // namespace
}  // namespace oki::watch
