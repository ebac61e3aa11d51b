// What positions are worth where a lot at a price is a fraction of the quote's unit: rules 9.4.
#include "core/fast/margin_values.h"

#include <gtest/gtest.h>

#include "core/core.h"
#include "core/fast/state.h"
#include "core/fast/step.h"

namespace oki::core::fast {
namespace {

constexpr AssetId jpy{0};
constexpr AssetId btc{1};
constexpr MarketId market{0};

// One tick times one lot is a hundredth of a unit of jpy; margin is half of a position's value.
struct MarginValuesTest : testing::Test {
  MarginValuesTest() : state(limits()) {
    MarketSpec spec;
    spec.name = "btc_jpy";
    spec.base = btc;
    spec.quote = jpy;
    spec.amount_digits = 4;
    spec.price_max = Price{1'000'000};
    spec.limit_amount_max = Lots{1'000'000};
    spec.market_amount_max = Lots{1'000'000};
    spec.margin.enabled = true;
    spec.margin.ratio_ppm = 500'000;
    must(AddAsset{{"jpy", 2}});
    must(AddAsset{{"btc", 4}});
    must(AddMarket{spec});
    must(AddAccount{AccountId{1}, 0, 0});
    account = state.account(AccountId{1});
    seat = state.sit(account, market);
    state.commit();
  }

  static CoreLimits limits() {
    CoreLimits limits;
    limits.assets_max = 4;
    limits.markets_max = 2;
    limits.accounts_max = 4;
    limits.api_keys_max = 4;
    limits.open_orders_max = 100;
    limits.deposit_references_max = 4;
    return limits;
  }

  void must(const Command& command) {
    Bytes reply;
    Bytes events;
    apply(state, WallTimeMs{1}, encode(command), reply, events);
    const auto decoded = decode_reply(reply);
    ASSERT_TRUE(decoded.has_value() && decoded->refusal == Refusal::ok);
  }

  MarginValues worth(PositionSide side, Lots open, Price last, Amount cost) {
    const Row row = state.positions.create();
    Position& position = state.positions.change(row);
    position.account = account;
    position.market = market;
    position.side = side;
    position.open = open;
    position.cost = cost;
    state.seats.change(seat).positions[side == PositionSide::long_side ? 0 : 1] = row;
    state.flows.change(State::market(market)).last_price = last;
    state.commit();
    return margin_values(state, account);
  }

  State state;
  Row account = 0;
  Row seat = 0;
};

TEST_F(MarginValuesTest, FractionsOfALongPositionCountDownForItsGainAndUpForWhatItNeeds) {
  const MarginValues values = worth(PositionSide::long_side, Lots{1}, Price{350}, Amount{2});
  EXPECT_TRUE(values.positions == 4) << "3.5, up";
  EXPECT_TRUE(values.required == 2);
  EXPECT_TRUE(values.balance == 1) << "3 - 2: 3.5, down";
}

TEST_F(MarginValuesTest, FractionsOfAShortPositionCountUpForItsLoss) {
  const MarginValues values = worth(PositionSide::short_side, Lots{1}, Price{350}, Amount{2});
  EXPECT_TRUE(values.positions == 4);
  EXPECT_TRUE(values.balance == -2) << "2 - 4";
}

TEST_F(MarginValuesTest, AWholeNumberOfUnitsIsNotRounded) {
  const MarginValues values = worth(PositionSide::long_side, Lots{1}, Price{400}, Amount{4});
  EXPECT_TRUE(values.positions == 4);
  EXPECT_TRUE(values.required == 2);
  EXPECT_TRUE(values.balance == 0);
}

}  // namespace
}  // namespace oki::core::fast
