// The direct way against the general one: the same commands, the same bytes.
#include "core/fast/direct.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "core/core.h"
#include "core/fast/step.h"
#include "core/fast/verify.h"

namespace oki::core::fast {
namespace {

constexpr std::uint64_t accounts = 6;
constexpr MarketId plain_market{0}, strict_market{1};

CoreLimits limits() {
  CoreLimits limits;
  limits.assets_max = 4;
  limits.markets_max = 2;
  limits.accounts_max = 16;
  limits.api_keys_max = 16;
  limits.open_orders_max = 90;
  limits.open_orders_per_account_and_market_max = 12;
  limits.deposit_references_max = 100;
  return limits;
}

MarketSpec spec_of(MarketId market) {
  MarketSpec spec;
  spec.name = market == plain_market ? "btc_jpy" : "eth_jpy";
  spec.base = AssetId{static_cast<std::uint16_t>(market.value + 1)};
  spec.quote = AssetId{0};
  spec.amount_digits = 4;
  spec.maker_fee_ppm = -200;
  spec.taker_fee_ppm = 1'200;
  spec.price_max = Price{100'000};
  spec.limit_amount_max = spec.market_amount_max = Lots{100'000};
  if (market == plain_market) return spec;
  spec.price_digits = 2;  // Quotes are divided, and rounded.
  spec.maker_fee_ppm = 300;
  spec.amount_min = Lots{3};
  spec.band_ppm = 40'000;
  spec.band_step_ppm = 10'000;
  spec.band_max_ppm = 80'000;
  spec.break_ms = 2'000;
  spec.collar_ppm = 90'000;
  spec.busy_per_second = 40;
  spec.very_busy_per_second = 60;
  spec.busy_amount_min = Lots{10};
  spec.very_busy_amount_min = Lots{20};
  return spec;
}

// Two cores, of which one takes the general way always.
class Both {
 public:
  Both() : direct(limits()), general(limits()) {
    general.direct = false;
    apply(AddAsset{{"jpy", 4}});
    apply(AddAsset{{"btc", 4}});
    apply(AddAsset{{"eth", 8}});
    for (const MarketId market : {plain_market, strict_market}) apply(AddMarket{spec_of(market)});
    for (std::uint64_t id = 1; id <= accounts; ++id) {
      apply(AddAccount{AccountId{id}, id % 3 == 0 ? 5u : 0u, 0});
      apply(AddApiKey{AccountId{id}, "key" + std::to_string(id), "secret"});
      for (std::uint16_t asset = 0; asset < 3; ++asset) {
        apply(Deposit{AccountId{id}, AssetId{asset},
                      Amount{asset == 0 ? 1'000'000'000u : 10'000'000u},
                      std::to_string(id) + "/" + std::to_string(asset)});
      }
    }
  }

  // True when it went the direct way.
  bool apply(const Command& command) { return apply_bytes(encode(command)); }
  bool apply_bytes(ByteView bytes) {
    Bytes replies[2], events[2];
    direct.triggers_left = 0;  // The general way sets it.
    fast::apply(direct, time, bytes, replies[0], events[0]);
    fast::apply(general, time, bytes, replies[1], events[1]);
    EXPECT_EQ(replies[0], replies[1]);
    EXPECT_EQ(events[0], events[1]);
    EXPECT_EQ(direct.events_hash, general.events_hash);
    reply = *decode_reply(replies[0]);
    quarantined = false;
    ByteView left = events[0];
    while (const auto event = take_event(left)) {
      quarantined |= std::holds_alternative<Quarantined>(*event);
    }
    return direct.triggers_left == 0;
  }

  OrderId place(std::uint64_t account, Side side, std::uint64_t price, std::uint64_t amount) {
    PlaceOrder order;
    order.account = AccountId{account};
    order.side = side;
    order.price = Price{price};
    order.amount = Lots{amount};
    apply(order);
    EXPECT_EQ(reply.refusal, Refusal::ok);
    return reply.rows.empty() ? OrderId{} : reply.rows[0].order.id;
  }

  State direct, general;
  WallTimeMs time{1'700'000'000'000};
  Reply reply;
  bool quarantined = false;
};

// Mostly plain orders and cancels, and now and then one of everything that is not plain.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : prng_(seed) {}

  Command next(const std::vector<OrderId>& known) {
    if (prng_.chance(1, 3)) return cancel(known);
    if (prng_.chance(1, 40)) return amend(known);
    return place();
  }

 private:
  AccountId account() { return AccountId{1 + prng_.below(accounts + prng_.below(2))}; }
  Signed auth(AccountId account) {
    if (prng_.chance(1, 2)) return {};
    return {KeyId{prng_.chance(1, 20) ? prng_.below(9) : account.value},
            prng_.chance(1, 2) ? 0 : nonce_ += prng_.below(3)};
  }
  MarketId market() { return MarketId{static_cast<std::uint16_t>(prng_.below(2))}; }
  OrderId order(const std::vector<OrderId>& known) {
    return known.empty() ? OrderId{prng_.below(9)} : known[prng_.below(known.size())];
  }

  Command cancel(const std::vector<OrderId>& known) {
    CancelOrders x;
    x.account = account();
    x.auth = auth(x.account);
    x.market = market();
    for (std::uint64_t i = 0, many = prng_.chance(1, 10) ? 3 : 1; i < many; ++i) {
      x.orders.push_back(order(known));
    }
    return x;
  }
  Command amend(const std::vector<OrderId>& known) {
    AmendOrder x;
    x.account = account();
    x.market = market();
    x.order = order(known);
    x.price = Price{1'000 + prng_.below(60)};
    return x;
  }
  Command place() {
    PlaceOrder x;
    x.account = account();
    x.auth = auth(x.account);
    x.market = market();
    x.side = static_cast<Side>(prng_.below(2));
    x.price = Price{1'000 + prng_.below(50) + (x.side == Side::sell ? 10 : 0)};
    x.amount = Lots{1 + prng_.below(prng_.chance(1, 8) ? 2'000 : 60)};
    x.self_trade = static_cast<SelfTrade>(prng_.chance(1, 4) ? prng_.below(5) : 0);
    if (prng_.chance(1, 6)) x.time_in_force = static_cast<TimeInForce>(prng_.below(3));
    if (prng_.chance(1, 10)) x.post_only = true;
    if (prng_.chance(1, 20)) special(x);
    return x;
  }
  void special(PlaceOrder& x) {
    switch (prng_.below(6)) {
      case 0:
        x.type = OrderType::market;
        x.price = Price{};
        return;
      case 1:
        x.client_order_id = "n" + std::to_string(prng_.below(100));
        return;
      case 2:
        x.display = Lots{1 + prng_.below(10)};
        return;
      case 3:
        x.type = OrderType::stop_limit;
        x.trigger = Price{1'000 + prng_.below(60)};
        return;
      case 4:
        x.session = SessionId{prng_.below(5)};
        return;
      default:
        x.price = Price{prng_.below(200'000)};
    }
  }

  Prng prng_;
  std::uint64_t nonce_ = 1;
};

TEST(DirectTest, GivesTheSameBytesAsTheGeneralWay) {
  std::uint64_t direct = 0, commands = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Both both;
    Stream stream(seed);
    Prng prng(seed + 100);
    std::vector<OrderId> known;
    for (int i = 0; i < 4'000; ++i, ++commands) {
      if (prng.chance(1, 4)) both.time.value += static_cast<std::int64_t>(prng.below(120));
      if (prng.chance(1, 500)) both.time.value += 61'000;
      direct += both.apply(stream.next(known));
      for (const Reply::Row& row : both.reply.rows) {
        if (row.order.id.value != 0) known.push_back(row.order.id);
      }
      if (known.size() > 60) known.erase(known.begin());
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ", command " << i;
    }
    ASSERT_EQ(state_fault(both.direct), nullptr);
    ASSERT_EQ(state_fault(both.general), nullptr);
  }
  EXPECT_GT(direct, commands / 4);  // The others are refused, or not plain.
}

TEST(DirectTest, TakesOrdersThatRestThatTradeAndTheirCancels) {
  Both both;
  both.place(1, Side::sell, 2'000, 1);  // The first order in a market takes a seat there,
  both.place(2, Side::sell, 2'000, 1);
  PlaceOrder order;
  order.account = AccountId{1};
  order.side = Side::sell;
  order.price = Price{1'000};
  order.amount = Lots{100};
  EXPECT_TRUE(both.apply(order));
  const OrderId first = both.reply.rows[0].order.id;
  order.account = AccountId{2};
  order.side = Side::buy;
  order.amount = Lots{40};
  EXPECT_FALSE(both.apply(order));  // and the first trade sets the reference.
  EXPECT_TRUE(both.apply(order));
  EXPECT_EQ(both.reply.rows[0].order.status, OrderStatus::fully_filled);
  CancelOrders cancel;
  cancel.account = AccountId{1};
  cancel.orders = {first};
  EXPECT_TRUE(both.apply(cancel));
  EXPECT_EQ(both.reply.rows[0].order.status, OrderStatus::canceled_partially_filled);
  EXPECT_TRUE(both.apply(cancel));
  EXPECT_EQ(both.reply.rows[0].refusal, Refusal::order_not_found);
  both.place(1, Side::sell, 1'000, 30);
  order.price = Price{1'500};  // Takes all at 1,000, and rests below the asks at 2,000.
  EXPECT_TRUE(both.apply(order));
  EXPECT_EQ(both.reply.rows[0].order.status, OrderStatus::partially_filled);
}

// The name's length is the last that a plain order has. One that claims a name and ends is none.
TEST(DirectTest, AnOrderThatEndsBeforeItsNameIsMalformed) {
  Both both;
  both.place(1, Side::sell, 2'000, 1);
  PlaceOrder order;
  order.account = AccountId{1};
  order.side = Side::sell;
  order.price = Price{1'000};
  order.amount = Lots{100};
  const Bytes plain = encode(order);
  for (std::size_t place = 1; place <= 4; ++place) {
    Bytes bytes = Bytes(plain.size(), '\0') + plain;  // What lies before it is not read.
    bytes[bytes.size() - place] = 1;
    EXPECT_FALSE(both.apply_bytes(ByteView(bytes).substr(plain.size())));
    EXPECT_EQ(both.reply.refusal, Refusal::malformed);
  }
}

// --- What must hold and does not is found before anything is final: the general way quarantines.

struct Damage : testing::Test {
  Damage() {
    both.place(1, Side::sell, 1'000, 10);
    both.place(2, Side::buy, 1'000, 10);  // Sets the reference.
    sell = both.place(1, Side::sell, 1'000, 100);
  }
  template <typename Change>
  void damage(Change&& change) {
    for (State* state : {&both.direct, &both.general}) {
      change(*state, state->open_order(sell));
    }
  }
  void expect_quarantine(const Command& command) {
    EXPECT_FALSE(both.apply(command));
    EXPECT_TRUE(both.quarantined);
    EXPECT_EQ(both.reply.refusal, Refusal::quarantined);
  }
  static Pocket base_pocket(const State& state, Row row) {
    return state.seats[state.orders[row].seat].base_pocket;
  }
  PlaceOrder taker() {
    PlaceOrder order;
    order.account = AccountId{2};
    order.price = Price{1'000};
    order.amount = Lots{40};
    return order;
  }
  CancelOrders cancel() {
    CancelOrders cancel;
    cancel.account = AccountId{1};
    cancel.orders = {sell};
    return cancel;
  }

  Both both;
  OrderId sell;
};

TEST_F(Damage, AHoldThatIsNotHeldQuarantinesTheCancel) {
  damage([](State& state, Row row) { state.purses.release_for_good(base_pocket(state, row), 1); });
  expect_quarantine(cancel());
}

TEST_F(Damage, AHoldThatIsNotHeldQuarantinesTheTrade) {
  damage([](State& state, Row row) {
    const Pocket pocket = base_pocket(state, row);
    state.purses.release_for_good(pocket, state.purses.held(pocket));
  });
  expect_quarantine(taker());
}

TEST_F(Damage, AnOrderThatHoldsTooMuchQuarantinesTheTrade) {
  damage([](State& state, Row row) { ++state.orders.settled(row).hold.value; });
  expect_quarantine(taker());
}

TEST_F(Damage, AnOrderThatHoldsTooLittleQuarantinesTheTrade) {
  damage([](State& state, Row row) { state.orders.settled(row).hold = Amount{1}; });
  expect_quarantine(taker());
}

TEST_F(Damage, ABalanceThatCannotGrowQuarantinesTheTrade) {
  damage([](State& state, Row row) {
    const Pocket pocket = state.seats[state.orders[row].seat].quote_pocket;
    state.purses.release_for_good(pocket, ~state.purses.free(pocket));
  });
  expect_quarantine(taker());
}

TEST_F(Damage, ABalanceThatCannotTakeItsHoldBackQuarantinesTheCancel) {
  damage([](State& state, Row row) {
    const Pocket pocket = base_pocket(state, row);
    state.purses.release_for_good(pocket, ~state.purses.free(pocket));
  });
  expect_quarantine(cancel());
}

}  // namespace
}  // namespace oki::core::fast
