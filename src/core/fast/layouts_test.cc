#include "core/fast/layouts.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "core/commands.h"

namespace oki::core::fast {
namespace {

// Random values for every field that the layouts have.
struct Values {
  Order order;
  Extra extra;
  AccountId account;
  WallTimeMs expire_at, canceled_at;

  explicit Values(Prng& prng) {
    const auto time = [&] { return WallTimeMs{static_cast<std::int64_t>(prng.next())}; };
    order.id = OrderId{prng.next()};
    order.price = Price{prng.next()};
    order.amount = Lots{prng.next()};
    order.executed = Lots{prng.next()};
    order.executed_quote = Amount{prng.next()};
    order.ordered_at = time();
    order.executed_at = time();
    order.market = MarketId{static_cast<std::uint16_t>(prng.next())};
    order.side = static_cast<Side>(prng.below(2));
    order.type = static_cast<OrderType>(prng.below(7));
    order.post_only = prng.below(2) == 1;
    order.time_in_force = static_cast<TimeInForce>(prng.below(4));
    order.self_trade = static_cast<SelfTrade>(prng.below(5));
    order.position = static_cast<PositionSide>(prng.below(3));
    order.status = static_cast<OrderStatus>(prng.below(7));
    order.reason = static_cast<Reason>(prng.below(15));
    extra.trigger = Price{prng.next()};
    extra.display = Lots{prng.next()};
    extra.session = SessionId{prng.next()};
    extra.triggered_at = time();
    extra.client_order_id.set(std::string(prng.below(client_order_id_bytes_max + 1), 'x'));
    account = AccountId{prng.next()};
    expire_at = time();
    canceled_at = time();
  }

  OrderView view(const Extra& rest) const {
    return {order.id,
            account,
            order.market,
            order.side,
            order.type,
            order.post_only,
            order.time_in_force,
            order.self_trade,
            order.position,
            order.status,
            order.reason,
            order.price,
            rest.trigger,
            order.amount,
            rest.display,
            order.executed,
            order.executed_quote,
            rest.session,
            order.ordered_at,
            expire_at,
            rest.triggered_at,
            canceled_at,
            order.executed_at,
            rest.client_order_id.string()};
  }
};

template <typename T, typename Write>
Bytes written(Write&& write) {
  OutBuffer out;
  put_event<T>(out, 512, write);
  return Bytes(out.view());
}

Bytes said(const Event& event) {
  Bytes bytes;
  append(bytes, event);
  return bytes;
}

TEST(LayoutsTest, AnOrderIsWrittenAsTheFormatOfEventsHasIt) {
  Prng prng(1);
  for (int i = 0; i < 1'000; ++i) {
    const Values x(prng);
    for (const Extra* extra : {static_cast<const Extra*>(nullptr), &x.extra}) {
      const auto put = [&](Put& to) {
        put_order(to, x.order, extra, x.account, x.expire_at, x.canceled_at);
      };
      ASSERT_EQ(written<OrderAccepted>(put),
                said(OrderAccepted{x.view(extra == nullptr ? Extra{} : *extra)}));
    }
  }
}

TEST(LayoutsTest, AChangeOfAnOrderIsWrittenAsTheFormatOfEventsHasIt) {
  Prng prng(2);
  for (int i = 0; i < 1'000; ++i) {
    const Values x(prng);
    for (const Extra* extra : {static_cast<const Extra*>(nullptr), &x.extra}) {
      const auto put = [&](Put& to) {
        put_order_changed(to, x.order, extra, x.account, x.canceled_at);
      };
      const Bytes bytes = written<OrderChanged>(put);
      ASSERT_EQ(bytes, said(changed(x.view(extra == nullptr ? Extra{} : *extra))));
      ASSERT_EQ(bytes.size(), event_head_bytes + order_changed_bytes);
    }
  }
}

TEST(LayoutsTest, TheEndOfAnOrderIsWhereTheLayoutSays) {
  Prng prng(3);
  const Values x(prng);
  const Bytes bytes = written<OrderAccepted>(
      [&](Put& to) { put_order(to, x.order, nullptr, x.account, x.expire_at, x.canceled_at); });
  EXPECT_EQ(bytes.size(), event_head_bytes + order_bytes);
  EXPECT_EQ(order_bytes + client_order_id_bytes_max, order_bytes_max);
}

}  // namespace
}  // namespace oki::core::fast
