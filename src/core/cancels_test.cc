// Cancels of all kinds: by owners, by the dead man's switch, by closed connections and silent
// edges; and batches of new orders.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

constexpr SessionId session(std::uint64_t edge, std::uint64_t connection) {
  return SessionId{edge << 32 | connection};
}

struct Cancels : ::testing::Test, Scene {
  Cancels() {
    set_up();
    MarketSpec spec = plain_market();
    spec.name = "second";
    must(AddMarket{spec});
  }
  OrderView in_session(std::uint64_t account, SessionId of, std::uint64_t price = 50) {
    PlaceOrder order = limit(account, Side::buy, price, 1);
    order.session = of;
    return put(order);
  }
  std::vector<std::uint64_t> canceled(Reason reason) const {
    std::vector<std::uint64_t> ids;
    for (const OrderChanged& change : events_of<OrderChanged>(events)) {
      if (change.reason == reason && change.canceled_at == now) ids.push_back(change.id.value);
    }
    return ids;
  }
  using Ids = std::vector<std::uint64_t>;
};

TEST_F(Cancels, AllOrdersOfAnAccountInOneMarketOrInAll) {
  const OrderView a = buy(1, 50, 1);
  PlaceOrder elsewhere = limit(1, Side::buy, 50, 1);
  elsewhere.market = MarketId{1};
  const OrderView b = put(elsewhere);
  const OrderView c = put(stop(1, Side::buy, 500, 1));
  const OrderView other = buy(2, 50, 1);
  Reply reply = (*this)(CancelAll{AccountId{1}, {}, false, MarketId{1}});
  ASSERT_EQ(reply.rows.size(), 1u);
  EXPECT_EQ(reply.rows[0].order.id, b.id);
  EXPECT_EQ(reply.rows[0].order.reason, Reason::by_owner);
  reply = (*this)(CancelAll{AccountId{1}, {}, true, {}});
  ASSERT_EQ(reply.rows.size(), 2u);
  EXPECT_EQ(reply.rows[0].order.id, a.id);
  EXPECT_EQ(reply.rows[1].order.id, c.id);
  EXPECT_EQ(open(other.id), other);
  EXPECT_EQ(refusal(CancelAll{AccountId{1}, {}, false, MarketId{9}}), Refusal::unknown_market);
  EXPECT_EQ(refusal(CancelAll{AccountId{1}, {}, true, MarketId{9}}), Refusal::ok);
  EXPECT_EQ(refusal(CancelAll{AccountId{9}, {}, true, {}}), Refusal::unknown_account);
}

TEST_F(Cancels, MoreOrdersThanTheReplyHoldsAreCanceledAllTheSame) {
  CoreLimits limits;
  limits.open_orders_per_account_and_market_max = 300;
  Scene many(limits);
  many.set_up();
  for (int i = 0; i < 260; ++i) many.buy(1, 50, 1);
  EXPECT_EQ(many(CancelAll{AccountId{1}, {}, true, {}}).rows.size(), reply_rows_max);
  EXPECT_TRUE(many.core.open_orders().empty());
}

TEST_F(Cancels, TheDeadMansSwitchStrikesOnce) {
  const OrderView a = buy(1, 50, 1);
  const OrderView other = buy(2, 50, 1);
  must(CancelAllAfter{AccountId{1}, {}, 1'000});
  EXPECT_EQ(events_of<DeadManSet>(events)[0], (DeadManSet{AccountId{1}, {now.value + 1'000}}));
  now.value += 999;
  must(CancelAllAfter{AccountId{1}, {}, 1'000});
  wait(999);
  EXPECT_EQ(open(a.id), a) << "it was set again";
  must(SetMarketHalt{market_0, true});
  wait(1);
  EXPECT_EQ(canceled(Reason::dead_man), Ids{a.id.value}) << "whatever the stops";
  EXPECT_EQ(events_of<DeadManSet>(events)[0], (DeadManSet{AccountId{1}, {}}));
  EXPECT_EQ(open(other.id), other);
  must(SetMarketHalt{market_0, false});
  buy(1, 50, 1);
  wait(100'000);
  EXPECT_TRUE(canceled(Reason::dead_man).empty());
}

TEST_F(Cancels, TheDeadMansSwitchCanBeSwitchedOff) {
  const OrderView a = buy(1, 50, 1);
  must(CancelAllAfter{AccountId{1}, {}, 1'000});
  must(CancelAllAfter{AccountId{1}, {}, 0});
  EXPECT_EQ(events_of<DeadManSet>(events)[0], (DeadManSet{AccountId{1}, {}}));
  wait(10'000);
  EXPECT_EQ(open(a.id), a);
  EXPECT_EQ(refusal(CancelAllAfter{AccountId{1}, {}, dead_man_ms_max + 1}), Refusal::invalid_time);
  EXPECT_EQ(refusal(CancelAllAfter{AccountId{1}, {}, dead_man_ms_max}), Refusal::ok);
  EXPECT_EQ(refusal(CancelAllAfter{AccountId{9}, {}, 1}), Refusal::unknown_account);
}

TEST_F(Cancels, AClosedConnectionTakesItsOrdersWithIt) {
  const OrderView a = in_session(1, session(1, 1));
  const OrderView b = in_session(1, session(1, 2));
  const OrderView c = in_session(2, session(1, 1));
  const OrderView free_one = buy(1, 50, 1);
  EXPECT_EQ(refusal(CloseSession{}), Refusal::malformed);
  must(CloseSession{session(1, 1)});
  EXPECT_EQ(canceled(Reason::session_closed), (Ids{a.id.value, c.id.value}));
  EXPECT_EQ(open(b.id), b);
  EXPECT_EQ(open(free_one.id), free_one);
  must(CloseSession{session(7, 7)});
  EXPECT_TRUE(events.empty());
}

TEST_F(Cancels, ASilentEdgeLosesTheOrdersOfAllItsConnections) {
  const OrderView a = in_session(1, session(1, 1));
  const OrderView other = in_session(1, session(2, 1));
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 5'000});
  now.value += 3'000;
  const OrderView b = in_session(2, session(1, 9));
  must(EdgeAlive{2});
  wait(1'999);
  EXPECT_EQ(open(a.id), a);
  wait(1);
  EXPECT_EQ(canceled(Reason::session_closed), (Ids{a.id.value, b.id.value}))
      << "another order is no sign of life";
  EXPECT_EQ(open(other.id), other);
  wait(3'000);
  EXPECT_EQ(canceled(Reason::session_closed), Ids{other.id.value});
  EXPECT_EQ(core.next_timer(), std::nullopt);
}

TEST_F(Cancels, AnEdgeWithoutOrdersIsForgotten) {
  const OrderView a = in_session(1, session(1, 1));
  must(cancel(a));
  EXPECT_EQ(core.next_timer(), std::nullopt);
  now.value += 4'000;
  in_session(1, session(1, 1));
  EXPECT_EQ(core.next_timer(), WallTimeMs{now.value + 5'000}) << "watched anew";
  must(EdgeAlive{77});
  EXPECT_TRUE(events.empty());
}

TEST_F(Cancels, ASessionMayEndInTheHighestEdge) {
  const OrderView a = in_session(1, session(0xffff'ffff, 0xffff'ffff));
  must(EdgeAlive{0xffff'ffff});
  wait(5'000);
  EXPECT_EQ(canceled(Reason::session_closed), Ids{a.id.value});
}

TEST_F(Cancels, TimersAboveTheirLimitWaitForTheNextCommand) {
  CoreLimits limits;
  limits.timers_per_command_max = 2;
  Scene small(limits);
  small.set_up();
  for (int i = 0; i < 5; ++i) {
    PlaceOrder order = limit(1, Side::buy, 50, 1);
    order.time_in_force = TimeInForce::gtd;
    order.expire_at = WallTimeMs{small.now.value + 10};
    small.put(order);
  }
  small.wait(10);
  EXPECT_EQ(small.core.open_orders().size(), 3u);
  EXPECT_EQ(small.core.next_timer(), small.now);
  small.wait(0);
  EXPECT_EQ(small.core.open_orders().size(), 1u);
  small.wait(0);
  EXPECT_TRUE(small.core.open_orders().empty());
}

// --- Batches.
struct Batches : Cancels {
  Batches() {
    must(ReportRelease{1, 2});
    must(ActivateRelease{2, {1}});
  }
};

TEST_F(Cancels, ABatchIsMalformedBeforeItsRelease) {
  EXPECT_EQ(refusal(PlaceOrders{AccountId{1}, {}, {limit(1, Side::buy, 50, 1)}}),
            Refusal::malformed);
}

TEST_F(Batches, EachOrderHasItsOwnRow) {
  PlaceOrder nowhere = limit(1, Side::buy, 50, 1);
  nowhere.market = MarketId{9};
  PlaceOrder named = limit(1, Side::buy, 51, 1);
  named.client_order_id = "a";
  const Reply reply =
      (*this)(PlaceOrders{AccountId{1},
                          {},
                          {limit(1, Side::buy, 50, 1), limit(2, Side::buy, 50, 1), nowhere,
                           limit(1, Side::buy, 50, 0), named, named, limit(1, Side::sell, 51, 1)}});
  EXPECT_EQ(reply.refusal, Refusal::ok);
  ASSERT_EQ(reply.rows.size(), 7u);
  const Refusal expected[] = {Refusal::ok,
                              Refusal::malformed,
                              Refusal::unknown_market,
                              Refusal::invalid_amount,
                              Refusal::ok,
                              Refusal::client_order_id_used,
                              Refusal::ok};
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(reply.rows[i].refusal, expected[i]) << i;
  EXPECT_EQ(reply.rows[4].order.status, OrderStatus::fully_filled) << "at the end of the step";
  EXPECT_EQ(reply.rows[5].order.id, reply.rows[4].order.id);
  EXPECT_EQ(reply.rows[5].order.amount, Lots{0}) << "closed by then: only its id";
  EXPECT_EQ(trades(), "51:1") << "with itself";
}

TEST_F(Batches, CountsAsOneUpdate) {
  must(AddAccount{AccountId{8}, 1, 0});
  give(AccountId{8}, jpy, 1'000);
  const PlaceOrders batch{AccountId{8}, {}, {limit(8, Side::buy, 5, 1), limit(8, Side::buy, 5, 1)}};
  const Reply reply = (*this)(batch);
  EXPECT_EQ(reply.rows[1].refusal, Refusal::ok);
  EXPECT_EQ(refusal(batch), Refusal::too_many_updates);
}

TEST_F(Batches, OfNoneOrOfTooManyAreMalformed) {
  PlaceOrders batch{AccountId{1}, {}, {}};
  EXPECT_EQ(refusal(batch), Refusal::malformed);
  batch.orders.assign(place_orders_max + 1, limit(1, Side::buy, 50, 1));
  EXPECT_EQ(refusal(batch), Refusal::malformed);
  EXPECT_TRUE(core.open_orders().empty());
  batch.orders.pop_back();
  const Reply reply = (*this)(batch);
  EXPECT_EQ(reply.refusal, Refusal::ok);
  EXPECT_EQ(reply.rows.size(), place_orders_max);
}

TEST_F(Batches, OfARestrictedAccountIsRefusedRowByRow) {
  must(RestrictAccount{anna, AccountId{1}, true, false});
  const Reply reply = (*this)(PlaceOrders{AccountId{1}, {}, {limit(1, Side::buy, 50, 1)}});
  EXPECT_EQ(reply.refusal, Refusal::ok);
  EXPECT_EQ(reply.rows[0].refusal, Refusal::account_restricted);
  EXPECT_EQ(refusal(PlaceOrders{AccountId{9}, {}, {limit(9, Side::buy, 50, 1)}}),
            Refusal::unknown_account);
}

}  // namespace
}  // namespace oki::core
