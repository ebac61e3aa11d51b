#include "core/core.h"

#include <gtest/gtest.h>

namespace oki::core {
namespace {

// A market with two accounts that have money.
class FastCoreTest : public testing::Test {
 protected:
  FastCoreTest() : core_(limits()) {
    apply(AddAsset{{"jpy", 4}});
    apply(AddAsset{{"btc", 8}});
    MarketSpec spec;
    spec.name = "btc_jpy";
    spec.base = AssetId{1};
    spec.quote = AssetId{0};
    spec.amount_digits = 4;
    spec.maker_fee_ppm = -200;
    spec.taker_fee_ppm = 1'200;
    spec.price_max = Price{100'000'000};
    spec.limit_amount_max = Lots{10'000'000};
    spec.market_amount_max = Lots{1'000'000};
    EXPECT_EQ(apply(AddMarket{spec}).refusal, Refusal::ok);
    for (const std::uint64_t id : {1u, 2u}) {
      apply(AddAccount{AccountId{id}, 0, 0});
      apply(
          Deposit{AccountId{id}, AssetId{0}, Amount{1'000'000'000'000}, "j" + std::to_string(id)});
      apply(Deposit{AccountId{id}, AssetId{1}, Amount{1'000'000'000}, "b" + std::to_string(id)});
    }
  }
  static CoreLimits limits() {
    CoreLimits limits;
    limits.accounts_max = 100;
    limits.api_keys_max = 10;
    limits.open_orders_max = 1'000;
    limits.deposit_references_max = 100;
    return limits;
  }
  Reply apply(const Command& command) {
    Bytes reply;
    events_.clear();
    core_.apply(time_, encode(command), reply, events_);
    const auto decoded = decode_reply(reply);
    EXPECT_TRUE(decoded.has_value());
    ByteView left = events_;
    while (!left.empty()) {
      const auto event = take_event(left);
      EXPECT_TRUE(event.has_value());
      if (!event) break;
      if (std::holds_alternative<Quarantined>(*event)) {
        ADD_FAILURE() << std::get<Quarantined>(*event).fault;
      }
    }
    return decoded.value_or(Reply{});
  }
  Reply place(std::uint64_t account, Side side, std::uint64_t price, std::uint64_t amount) {
    PlaceOrder order;
    order.account = AccountId{account};
    order.side = side;
    order.price = Price{price};
    order.amount = Lots{amount};
    return apply(order);
  }

  Core core_;
  WallTimeMs time_{1'700'000'000'000};
  Bytes events_;
};

TEST_F(FastCoreTest, TradesAtThePriceOfTheMaker) {
  const Reply maker = place(1, Side::sell, 5'000'000, 100);
  ASSERT_EQ(maker.refusal, Refusal::ok);
  EXPECT_EQ(core_.levels(MarketId{0}, Side::sell).size(), 1u);
  const Reply taker = place(2, Side::buy, 5'100'000, 40);
  ASSERT_EQ(taker.refusal, Refusal::ok);
  EXPECT_EQ(taker.rows[0].order.status, OrderStatus::fully_filled);
  EXPECT_EQ(core_.levels(MarketId{0}, Side::sell)[0].lots, Lots{60});
  EXPECT_EQ(core_.open_orders().size(), 1u);
  EXPECT_EQ(core_.balance(AccountId{2}, AssetId{0}).held, Amount{});
}

TEST_F(FastCoreTest, CancelsGiveTheHoldBack) {
  const Reply placed = place(1, Side::buy, 5'000'000, 100);
  EXPECT_GT(core_.balance(AccountId{1}, AssetId{0}).held, Amount{});
  CancelOrders cancel;
  cancel.account = AccountId{1};
  cancel.orders = {placed.rows[0].order.id, placed.rows[0].order.id};
  const Reply reply = apply(cancel);
  ASSERT_EQ(reply.rows.size(), 2u);
  EXPECT_EQ(reply.rows[0].refusal, Refusal::ok);
  EXPECT_EQ(reply.rows[1].refusal, Refusal::order_not_found);
  EXPECT_EQ(core_.balance(AccountId{1}, AssetId{0}).held, Amount{});
  EXPECT_TRUE(core_.open_orders().empty());
}

TEST_F(FastCoreTest, ASnapshotGivesTheSameStateAndDamageIsRefused) {
  place(1, Side::sell, 5'000'000, 100);
  place(2, Side::buy, 5'000'000, 30);
  place(2, Side::buy, 4'000'000, 30);
  core_.verify();
  Bytes bytes = core_.snapshot();
  auto restored = Core::restore(bytes, limits());
  ASSERT_TRUE(restored.has_value()) << restored.error().message;
  EXPECT_EQ(restored->snapshot(), bytes);
  EXPECT_EQ(restored->hash(), core_.hash());
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    EXPECT_FALSE(Core::restore(bytes, limits()).has_value()) << at;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
  }
}

}  // namespace
}  // namespace oki::core
