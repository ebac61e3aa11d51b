// Tables at their limits, all at once: what is one too many is refused by name, and nothing that is
// not refused meets a full table.
#include <gtest/gtest.h>

#include "core/testing/scene.h"

namespace oki::core {
namespace {

constexpr std::uint64_t customers = 3;
constexpr std::uint16_t markets = 2;

CoreLimits small() {
  CoreLimits limits;
  limits.assets_max = 3;
  limits.markets_max = markets;
  limits.accounts_max = customers;
  limits.api_keys_max = 1;
  limits.open_orders_max = 12;
  limits.open_orders_per_account_and_market_max = 12;
  limits.edges_max = 2;
  limits.deposit_references_max = 4;
  limits.client_order_ids_max = 4;
  limits.withdrawals_open_max = 2;
  limits.credits_open_max = 2;
  limits.node_releases_max = 2;
  return limits;
}

SessionId session(std::uint64_t edge, std::uint64_t connection) {
  return SessionId{edge << 32 | connection};
}

// Three assets, two margin markets, three customers with money; the lender has some, too.
struct Full : ::testing::Test, Scene {
  Full() : Scene(small()) {
    must(AddAsset{{"jpy", 4}});
    must(AddAsset{{"btc", 8}});
    must(AddAsset{{"xrp", 8}});
    for (std::uint16_t i = 0; i < markets; ++i) {
      MarketSpec spec = plain_market();
      spec.name = "m" + std::to_string(i);
      spec.base = AssetId{static_cast<std::uint16_t>(i + 1)};
      spec.margin.enabled = true;
      must(AddMarket{spec});
    }
    for (std::uint64_t account = 1; account <= customers; ++account) {
      must(AddAccount{AccountId{account}, 0, 0});
      must(AllowMargin{AccountId{account}, true});
    }
    must(SetCollateral{jpy, 1'000'000});
    for (std::uint16_t asset = 0; asset < 3; ++asset) {
      give(lender_account, AssetId{asset}, rich_jpy);
      for (std::uint64_t account = 1; account <= customers; ++account) {
        give(AccountId{account}, AssetId{asset}, rich_jpy);
      }
    }
  }

  // Also of rows of a reply.
  Reply operator()(const Command& command) {
    Reply reply = Scene::operator()(command);
    EXPECT_TRUE(events_of<Quarantined>(events).empty());
    return reply;
  }

  static PlaceOrder in(std::uint16_t market, PlaceOrder order) {
    order.market = MarketId{market};
    return order;
  }
  // Each has a trigger, an end, a session and a name: all that an order can have beside it.
  PlaceOrder laden(std::uint64_t account, std::uint16_t market, std::uint64_t number) const {
    PlaceOrder order = in(market, stop_limit(account, Side::buy, 900, 900, 1));
    order.time_in_force = TimeInForce::gtd;
    order.expire_at = WallTimeMs{now.value + 100'000};
    order.session = session(1 + number % 2, number);
    order.client_order_id = "n" + std::to_string(number);
    return order;
  }
  void fill_orders() {
    for (std::uint64_t i = 0; i < 12; ++i) {
      must(laden(1 + i % customers, static_cast<std::uint16_t>(i % markets), i));
    }
  }
  // Every customer has both positions in every market.
  void fill_positions() {
    for (std::uint16_t market = 0; market < markets; ++market) {
      for (std::uint64_t account = 1; account <= customers; ++account) {
        const std::uint64_t other = 1 + account % customers;
        must(in(market, with(limit(account, Side::buy, 100, 5), PositionSide::long_side)));
        must(in(market, with(limit(other, Side::sell, 100, 5), PositionSide::short_side)));
      }
    }
  }
};

TEST_F(Full, AnEdgeTooManyIsRefusedUntilAnotherIsForgotten) {
  PlaceOrder order = limit(1, Side::buy, 50, 1);
  order.session = session(7, 1);
  const OrderView first = put(order);
  order.session = session(8, 1);
  must(order);
  order.session = session(9, 1);
  EXPECT_EQ((*this)(order).refusal, Refusal::limit_reached);
  EXPECT_TRUE(events.empty()) << "nothing has changed";
  EXPECT_EQ((*this)(with(order, TimeInForce::ioc)).refusal, Refusal::ok) << "it does not stay";
  order.session = session(8, 2);
  EXPECT_EQ((*this)(order).refusal, Refusal::ok) << "of an edge that is watched";
  must(cancel(first));
  order.session = session(9, 1);
  EXPECT_EQ((*this)(order).refusal, Refusal::ok);
  wait(5'000);
  EXPECT_TRUE(core.open_orders().empty()) << "all of them were watched";
}

TEST_F(Full, InABatchEachOrderSeesTheEdgesOfThoseBefore) {
  PlaceOrders batch{AccountId{1}, {}, {}};
  must(ReportRelease{1, 2});
  must(ActivateRelease{2, {1}});
  for (std::uint64_t edge = 1; edge <= 4; ++edge) {
    batch.orders.push_back(limit(1, Side::buy, 50, 1));
    batch.orders.back().session = session(edge, 1);
  }
  batch.orders[1].time_in_force = TimeInForce::ioc;  // Its edge is free again.
  const Reply reply = (*this)(batch);
  ASSERT_EQ(reply.rows.size(), 4u);
  for (const std::size_t taken : {0u, 1u, 2u}) EXPECT_EQ(reply.rows[taken].refusal, Refusal::ok);
  EXPECT_EQ(reply.rows[3].refusal, Refusal::limit_reached);
}

TEST_F(Full, EveryTableIsFullAtOnceAndOneMoreHasANamedRefusal) {
  fill_positions();
  EXPECT_EQ(core.positions().size(), customers * markets * 2);
  fill_orders();
  for (std::uint64_t account = 1; account <= customers; ++account) {
    must(CancelAllAfter{AccountId{account}, {}, 50'000});
  }
  must(AddApiKey{AccountId{1}, "key", "secret"});
  for (const std::uint64_t node : {1, 2}) must(ReportRelease{node, 2});
  for (int i = 0; i < 2; ++i) {
    must(RequestWithdrawal{AccountId{1}, {}, jpy, Amount{1}, {}, "bank"});
    must(ProposeCredit{anna, AccountId{1}, jpy, Amount{1}, "c" + std::to_string(i)});
  }
  const Command too_many[] = {AddAsset{{"eth", 8}},
                              AddAccount{AccountId{99}, 0, 0},
                              AddApiKey{AccountId{1}, "other", "secret"},
                              laden(1, 0, 12),
                              limit(2, Side::buy, 50, 1),
                              ReportRelease{3, 2},
                              RequestWithdrawal{AccountId{1}, {}, jpy, Amount{1}, {}, "bank"},
                              ProposeCredit{anna, AccountId{1}, jpy, Amount{1}, "c2"}};
  for (const Command& command : too_many) {
    EXPECT_EQ((*this)(command).refusal, Refusal::limit_reached) << command.index();
    EXPECT_TRUE(events.empty()) << command.index();
  }
  MarketSpec spec = plain_market();
  spec.name = "m2";
  EXPECT_EQ((*this)(AddMarket{spec}).refusal, Refusal::limit_reached);
  const Bytes snapshot = core.snapshot();
  const auto restored = Core::restore(snapshot, small());
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->snapshot(), snapshot);
}

// Orders that do not stay need room for a moment, too.
TEST_F(Full, ABatchTradesWhenEverythingIsFull) {
  must(ReportRelease{1, 2});
  must(ActivateRelease{2, {1}});
  fill_orders();
  PlaceOrders batch{AccountId{2}, {}, {}};
  for (std::uint64_t i = 0; i < place_orders_max; ++i) {
    PlaceOrder order = with(limit(2, Side::buy, 50, 1), TimeInForce::ioc);
    order.session = session(100 + i, i);
    order.client_order_id = "b" + std::to_string(i);
    batch.orders.push_back(order);
  }
  const Reply reply = (*this)(batch);
  ASSERT_EQ(reply.rows.size(), place_orders_max);
  for (const Reply::Row& row : reply.rows) {
    EXPECT_EQ(row.refusal, Refusal::ok);
    EXPECT_EQ(row.order.status, OrderStatus::canceled_unfilled);
  }
}

TEST_F(Full, AReplyHoldsTheLongestNamesOfAWholeBatch) {
  must(ReportRelease{1, 2});
  must(ActivateRelease{2, {1}});
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, place_orders_max}) {
    PlaceOrders batch{AccountId{2}, {}, {}};
    for (std::size_t i = 0; i < count; ++i) {
      PlaceOrder order = with(limit(2, Side::buy, 50, 1), TimeInForce::ioc);
      order.client_order_id = std::to_string(100 * count + i);
      order.client_order_id.resize(client_order_id_bytes_max, 'n');
      batch.orders.push_back(order);
    }
    const Reply reply = (*this)(batch);
    ASSERT_EQ(reply.rows.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(reply.rows[i].refusal, Refusal::ok);
      EXPECT_EQ(reply.rows[i].order.client_order_id, batch.orders[i].client_order_id);
    }
  }
}

}  // namespace
}  // namespace oki::core
