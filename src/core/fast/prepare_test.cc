// Hints change nothing, whatever they say.
#include "core/fast/prepare.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/prng.h"
#include "core/core.h"
#include "core/fast/step.h"
#include "core/fast/verify.h"

namespace oki::core::fast {
namespace {

constexpr std::uint64_t accounts = 16'400;  // Fewer are not worth a hint.
constexpr WallTimeMs time{1'700'000'000'000};

CoreLimits limits() {
  CoreLimits limits;
  limits.assets_max = 2;
  limits.markets_max = 1;
  limits.accounts_max = accounts;
  limits.api_keys_max = 4;
  limits.open_orders_max = 2'000;
  limits.deposit_references_max = 100'000;
  return limits;
}

struct Exchange {
  Exchange() : state(limits()) {
    apply(encode(AddAsset{{"jpy", 4}}));
    apply(encode(AddAsset{{"btc", 4}}));
    MarketSpec spec;
    spec.name = "btc_jpy";
    spec.base = AssetId{1};
    spec.amount_digits = 4;
    spec.price_max = Price{100'000};
    spec.limit_amount_max = spec.market_amount_max = Lots{100'000};
    apply(encode(AddMarket{spec}));
    for (std::uint64_t id = 1; id <= accounts; ++id) {
      apply(encode(AddAccount{AccountId{id}, 0, 0}));
      if (id % 40 != 0) continue;
      for (const std::uint16_t asset : {std::uint16_t{0}, std::uint16_t{1}}) {
        apply(encode(Deposit{AccountId{id}, AssetId{asset}, Amount{1'000'000'000},
                             std::to_string(id) + "/" + std::to_string(asset)}));
      }
    }
  }
  void apply(const Bytes& command) {
    reply.clear();
    events.clear();
    fast::apply(state, time, command, reply, events);
  }
  State state;
  Bytes reply, events;
};

Bytes command(Prng& prng) {
  const AccountId account{40 * (1 + prng.below(accounts / 40))};
  if (prng.chance(1, 3)) {
    return encode(CancelOrders{account, {}, MarketId{0}, {OrderId{prng.below(2'000)}}});
  }
  PlaceOrder order;
  order.account = account;
  order.side = static_cast<Side>(prng.below(2));
  order.price = Price{1'000 + prng.below(60)};
  order.amount = Lots{1 + prng.below(100)};
  order.auth.key = KeyId{prng.chance(1, 10) ? prng.next() : 0};
  Bytes bytes = encode(order);
  if (prng.chance(1, 5)) bytes[prng.below(bytes.size())] = static_cast<char>(prng.next());
  if (prng.chance(1, 10)) bytes.resize(prng.below(bytes.size()));
  return bytes;
}

TEST(LookaheadTest, HintsChangeNothingWhateverTheySay) {
  Exchange hinted, plain;
  Prng prng(1);
  std::vector<Bytes> commands(3'000);
  for (Bytes& bytes : commands) bytes = command(prng);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::size_t later = (i + Lookahead::ahead) % commands.size();
    hinted.state.lookahead.prepare(hinted.state, commands[later]);
    hinted.apply(commands[i]);
    plain.apply(commands[i]);
    ASSERT_EQ(hinted.reply, plain.reply) << i;
    ASSERT_EQ(hinted.events, plain.events) << i;
  }
  EXPECT_GT(hinted.state.counters().last_trade.value, 100u);
  EXPECT_EQ(state_fault(hinted.state), nullptr);
}

}  // namespace
}  // namespace oki::core::fast
