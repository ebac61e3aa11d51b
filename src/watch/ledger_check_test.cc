// Balances against trades.
#include "watch/ledger_check.h"

#include <gtest/gtest.h>

#include "base/testing/stepped.h"
#include "watch/prober.h"
#include "watch/testing/fake_exchange.h"

namespace oki::watch {
namespace {

TEST(LedgerUnitsTest, ReadsDecimalsExactly) {
  EXPECT_EQ(parse_units("1"), Units{100'000'000});
  EXPECT_EQ(parse_units("0.00000001"), Units{1});
  EXPECT_EQ(parse_units("-2.5"), Units{-250'000'000});
  EXPECT_EQ(parse_units("100000000000.0000"), Units{100'000'000'000} * 100'000'000);
  for (const char* bad :
       {"", "-", ".", "x", "1.123456789", "--1", "1.2.3", "1.-2", "1234567890123456789"}) {
    EXPECT_FALSE(parse_units(bad)) << bad;
  }
}

HouseTrade trade(bool buys, Units price, Units amount, Units fee) {
  HouseTrade trade;
  trade.base = "btc";
  trade.quote = "jpy";
  trade.buys = buys;
  trade.price = price * 100'000'000;
  trade.amount = amount;
  trade.fee_quote = fee;
  return trade;
}

TEST(LedgerUnitsTest, ExplainsExactlyWhatTradesBringAndCost) {
  const Holdings before = {{"btc", {500'000'000, 8}}, {"jpy", {Units{1'000'000'000'000}, 4}}};
  const std::vector<HouseTrade> bought = {trade(true, 3, 100'000'000, 10'000)};
  Holdings after = before;
  after["btc"].on_hand += 100'000'000;
  after["jpy"].on_hand -= 300'000'000 + 10'000;
  EXPECT_TRUE(explained(before, after, bought));
  EXPECT_FALSE(explained(before, before, bought));
  EXPECT_FALSE(explained(before, after, {}));
  after["jpy"].on_hand += 1;
  EXPECT_FALSE(explained(before, after, bought));
  EXPECT_FALSE(explained(before, {{"btc", before.at("btc")}}, {}));
}

TEST(LedgerUnitsTest, AllowsOneSmallestUnitForATradeThatIsNotExact) {
  const Holdings before = {{"btc", {500'000'000, 8}}, {"jpy", {Units{1'000'000'000'000}, 4}}};
  const std::vector<HouseTrade> bought = {trade(true, 3, 1, 0)};  // 0.00000003 jpy
  Holdings after = before;
  after["btc"].on_hand += 1;
  EXPECT_TRUE(explained(before, after, bought));
  after["jpy"].on_hand -= 10'000;
  EXPECT_TRUE(explained(before, after, bought));
  after["jpy"].on_hand -= 10'000;
  EXPECT_FALSE(explained(before, after, bought));
}

class LedgerCheckTest : public ::testing::Test {
 protected:
  LedgerCheckTest() {
    exchange_.accounts["a"].secret = "secret of a";
    exchange_.accounts["b"].secret = "secret of b";
    const Send send = [this](net::HttpRequest request, net::HttpClient::Done done) {
      timers_.after_ms(1, [this, request, done] { done(exchange_.respond(request)); });
    };
    Prober::Options options;
    options.house = {{"a", "secret of a"}, {"b", "secret of b"}};
    options.markets = {{"btc_jpy", 0, 4, 1, 1}};
    options.cross = {"probe_jpy", 0, 4, 100, 10'000};
    prober_.emplace(Prober::Parts{clock_, timers_, send}, options, [](const ProbeResult&) {});
    check_.emplace(LedgerCheck::Parts{clock_, timers_, send},
                   std::vector<HouseKey>{options.house.a, options.house.b},
                   [this](bool explained) { verdicts_.push_back(explained); });
    prober_->start();
    check_->start();
  }

  testing::StepClock clock_;
  testing::StepTimers timers_{clock_};
  FakeExchange exchange_{clock_};
  std::optional<Prober> prober_;
  std::optional<LedgerCheck> check_;
  std::vector<bool> verdicts_;
};

TEST_F(LedgerCheckTest, FindsTestTradesAndFeesExplained) {
  timers_.advance_ms(60'000);
  EXPECT_GT(verdicts_.size(), 50u);
  EXPECT_GT(exchange_.trades.size(), 100u);
  EXPECT_EQ(std::count(verdicts_.begin(), verdicts_.end(), false), 0);
}

TEST_F(LedgerCheckTest, TellsALostYenSoonAndUntilItIsBack) {
  timers_.advance_ms(10'000);
  exchange_.accounts["b"].on_hand["jpy"] -= 1;
  verdicts_.clear();
  timers_.advance_ms(3000);
  EXPECT_FALSE(verdicts_.back());
  timers_.advance_ms(20'000);
  EXPECT_FALSE(verdicts_.back());
  exchange_.accounts["b"].on_hand["jpy"] += 1;
  timers_.advance_ms(3000);
  EXPECT_TRUE(verdicts_.back());
}

TEST_F(LedgerCheckTest, SaysNothingWhenItCannotLook) {
  timers_.advance_ms(5000);
  exchange_.accounts["a"].secret = exchange_.accounts["b"].secret = "changed";
  timers_.advance_ms(1500);
  verdicts_.clear();
  timers_.advance_ms(20'000);
  EXPECT_TRUE(verdicts_.empty());
}

}  // namespace
}  // namespace oki::watch
