// Hostile bytes: commands and snapshots that were truncated, flipped, forged or made up.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash64.h"
#include "core/testing/market_commands.h"
#include "core/testing/random_commands.h"
#include "core/testing/scene.h"
#include "core/testing/world.h"

namespace oki::core {
namespace {

// Small tables: thousands of cores are made here.
CoreLimits small_limits() {
  CoreLimits limits;
  limits.assets_max = 16;
  limits.markets_max = 16;
  limits.accounts_max = 4'000;
  limits.api_keys_max = 200;
  limits.open_orders_max = 10'000;
  limits.deposit_references_max = 10'000;
  limits.client_order_ids_max = 10'000;
  limits.withdrawals_open_max = 1'000;
  return limits;
}

Core busy_core(std::uint64_t seed, int steps) {
  RandomCommands random(seed);
  World world(small_limits());
  for (const Command& command : random.set_up()) (void)world(command);
  for (int step = 0; step < steps; ++step) {
    world.now.value += random.pause_ms();
    random.saw(world(random.next()));
  }
  return std::move(world.core);
}

// One that has every kind of row: waiting orders, positions, withdrawals, auctions under way.
Core full_core(std::uint64_t seed, int steps) {
  MarketCommands commands(seed);
  Core core(MarketCommands::limits(MarketCommands::is_crowd(seed)));
  for (int step = 0; step < steps; ++step) {
    const MarketCommands::Timed& next = commands.next();
    Bytes reply;
    Bytes events;
    core.apply(next.time, next.command, reply, events);
    commands.saw(reply, events);
  }
  return core;
}

Bytes with_hash(ByteView snapshot_without_hash) {
  Bytes bytes(snapshot_without_hash);
  Writer(bytes).u64(hash64(snapshot_without_hash));
  return bytes;
}

// Damage is either refused or gives a sound core with exactly the forged bytes as its snapshot,
// which goes on trading.
bool survives(const Bytes& snapshot) {
  auto core = Core::restore(snapshot, small_limits());
  if (!core) return false;
  core->verify();
  const Bytes again = core->snapshot();
  const auto differs = std::mismatch(again.begin(), again.end(), snapshot.begin(), snapshot.end());
  EXPECT_TRUE(again == snapshot) << "at byte " << differs.second - snapshot.begin();
  Bytes reply;
  Bytes events;
  for (std::uint64_t account = 1; account <= RandomCommands::accounts; ++account) {
    for (const Side side : {Side::buy, Side::sell}) {
      const PlaceOrder order = World::limit(account, side, 100, 10);
      core->apply(core->applied_at(), encode(order), reply, events);
    }
  }
  core->verify();
  return true;
}

TEST(CoreDamage, ASnapshotWithAnyFlippedBitOrMissingByteIsRefused) {
  const Bytes snapshot = busy_core(1, 150).snapshot();
  ASSERT_TRUE(survives(snapshot));
  for (std::size_t bit = 0; bit < snapshot.size() * 8; ++bit) {
    Bytes damaged = snapshot;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(Core::restore(damaged, {})) << "bit " << bit;
  }
  for (std::size_t size = 0; size < snapshot.size(); ++size) {
    ASSERT_FALSE(Core::restore(ByteView(snapshot).substr(0, size), {})) << size;
  }
  for (std::size_t size = 0; size < 16; ++size) {
    const auto short_one = Core::restore(ByteView(snapshot).substr(0, size), {});
    ASSERT_FALSE(short_one);
    EXPECT_EQ(short_one.error().code, Errc::invalid) << size << ": no room for a hash";
  }
  EXPECT_FALSE(Core::restore(snapshot + '\0', {}));
}

TEST(CoreDamage, AForgedSnapshotWithAMatchingHashIsRefusedOrSound) {
  Prng prng(2);
  std::size_t sound = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Bytes whole = busy_core(seed, 300).snapshot();
    const ByteView body = ByteView(whole).substr(0, whole.size() - 8);
    for (std::size_t byte = 0; byte < body.size(); ++byte) {
      Bytes forged(body);
      forged[byte] = static_cast<char>(prng.next());
      if (prng.chance(1, 4)) forged[prng.below(body.size())] = static_cast<char>(prng.next());
      if (prng.chance(1, 8)) forged.resize(prng.below(body.size()));
      ++(survives(with_hash(forged)) ? sound : refused);
    }
  }
  EXPECT_GT(sound, 100u) << "some numbers may be anything, a nonce for one";
  EXPECT_GT(refused, 5'000u);
}

TEST(CoreDamage, AForgedSnapshotOfEveryKindOfRowIsRefusedOrSound) {
  Prng prng(3);
  std::size_t sound = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Bytes whole = full_core(seed, 1'500).snapshot();
    const ByteView body = ByteView(whole).substr(0, whole.size() - 8);
    for (std::size_t byte = 0; byte < body.size(); byte += 1 + prng.below(40)) {
      Bytes forged(body);
      forged[byte] = static_cast<char>(prng.next());
      if (prng.chance(1, 4)) forged[prng.below(body.size())] = static_cast<char>(prng.next());
      ++(survives(with_hash(forged)) ? sound : refused);
    }
  }
  EXPECT_GT(sound, 20u);
  EXPECT_GT(refused, 500u);
}

// The lowest and the highest price that triggers still have to be compared with.
TEST(ForgedSnapshot, AForgedRangeOfPricesIsRefusedUnlessItIsOne) {
  constexpr std::uint64_t last = 4'321;
  Scene scene;
  scene.set_up();
  scene.trade_at(last);
  const Bytes whole = scene.core.snapshot();
  const auto forged = [&](std::uint64_t low, std::uint64_t high) {
    Bytes price, range;
    Writer(price).u64(last);
    Writer(range).u64(low);
    Writer(range).u64(high);
    // Behind the last price of the market; nothing else of that price stands before two zeros.
    const std::size_t at = whole.find(price + Bytes(16, '\0'));
    EXPECT_NE(at, Bytes::npos);
    Bytes body = whole.substr(0, whole.size() - 8);
    body.replace(at + price.size(), range.size(), range);
    return Core::restore(with_hash(body), {}).has_value();
  };
  EXPECT_TRUE(forged(0, 0));
  EXPECT_TRUE(forged(last, last));
  EXPECT_TRUE(forged(last - 1, last));
  EXPECT_FALSE(forged(last, last - 1));
  EXPECT_FALSE(forged(0, last));
  EXPECT_FALSE(forged(last, 0));
}

// An order of which more is executed than there was: what is left of it would be a huge number.
TEST(ForgedSnapshot, AnOrderExecutedBeyondItsAmountIsRefused) {
  constexpr std::uint64_t price = 4'321, amount = 777;
  Scene scene;
  scene.set_up();
  (void)scene.put(World::limit(1, Side::buy, price, amount));
  const Bytes whole = scene.core.snapshot();
  Bytes order;  // Price, trigger, amount, display.
  for (const std::uint64_t number : {price, std::uint64_t{0}, amount, std::uint64_t{0}}) {
    Writer(order).u64(number);
  }
  const std::size_t at = whole.find(order);
  ASSERT_NE(at, Bytes::npos);
  const std::size_t status = at - 2, executed = at + order.size();
  // Behind executed: executed_quote, session, five times, the length of no name.
  const std::size_t visible = executed + 8 + 8 + 8 + 5 * 8 + 4;
  const auto refusal = [&](OrderStatus now, std::uint64_t done) {
    Bytes body = whole.substr(0, whole.size() - 8);
    body[status] = static_cast<char>(now);
    Bytes number, rest;
    Writer(number).u64(done);
    Writer(rest).u64(amount - done);
    body.replace(executed, number.size(), number).replace(visible, rest.size(), rest);
    const auto core = Core::restore(with_hash(body), {});
    return core ? std::string() : core.error().message;
  };
  EXPECT_EQ(refusal(OrderStatus::unfilled, 0), "");
  EXPECT_NE(refusal(OrderStatus::partially_filled, amount + 1).find("contradicts itself"),
            std::string::npos);
  EXPECT_NE(refusal(OrderStatus::partially_filled, amount).find("waits for nothing"),
            std::string::npos);
}

TEST(CoreDamage, ASnapshotBeyondTheLimitsIsRefused) {
  const Bytes snapshot = busy_core(5, 300).snapshot();
  ASSERT_TRUE(Core::restore(snapshot, {}));
  const auto refused = [&](auto change) {
    CoreLimits limits;
    change(limits);
    return !Core::restore(snapshot, limits);
  };
  EXPECT_TRUE(refused([](CoreLimits& l) { l.assets_max = 2; }));
  EXPECT_TRUE(refused([](CoreLimits& l) { l.markets_max = 2; }));
  EXPECT_TRUE(refused([](CoreLimits& l) { l.accounts_max = 5; }));
  EXPECT_TRUE(refused([](CoreLimits& l) { l.api_keys_max = 5; }));
  EXPECT_TRUE(refused([](CoreLimits& l) { l.open_orders_max = 2; }));
  EXPECT_TRUE(refused([](CoreLimits& l) { l.open_orders_per_account_and_market_max = 1; }));
  EXPECT_TRUE(refused([](CoreLimits& l) { l.deposit_references_max = 3; }));
}

TEST(CoreDamage, MalformedCommandsAreAnsweredAndChangeNothingButTheirCount) {
  RandomCommands random(9);
  Prng prng(10);
  Core core = busy_core(9, 200);
  const WallTimeMs now = core.applied_at();
  std::size_t malformed = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes command = encode(random.next());
    if (prng.chance(1, 3)) command.resize(prng.below(command.size() + 1));
    if (prng.chance(1, 3)) command += static_cast<char>(prng.next());
    for (int flips = 0; flips < 3 && !command.empty(); ++flips) {
      if (prng.chance(1, 2)) continue;
      command[prng.below(command.size())] = static_cast<char>(prng.next());
    }
    const bool decodes = decode_command(command).has_value();
    const Bytes before = decodes ? Bytes{} : without_counts(core.snapshot());
    Bytes reply_bytes;
    Bytes events;
    core.apply(now, command, reply_bytes, events);
    const auto reply = decode_reply(reply_bytes);
    ASSERT_TRUE(reply);
    if (!decodes) {
      ASSERT_EQ(reply->refusal, Refusal::malformed);
    }
    if (round % 500 == 0) core.verify();
    if (decodes) continue;
    ++malformed;
    ASSERT_TRUE(events.empty());
    ASSERT_EQ(without_counts(core.snapshot()), before);
  }
  EXPECT_GT(malformed, 5'000u);
}

TEST(CoreDamage, AppendsToWhatIsAlreadyInTheBuffers) {
  Core core({});
  Bytes reply = "before";
  Bytes events = "before";
  core.apply(WallTimeMs{1}, encode(AddAsset{{"jpy", 4}}), reply, events);
  EXPECT_EQ(reply.substr(0, 6), "before");
  EXPECT_EQ(events.substr(0, 6), "before");
  EXPECT_EQ(decode_reply(ByteView(reply).substr(6)), Reply{});
  EXPECT_EQ(all_events(ByteView(events).substr(6)).size(), 1u);
}

}  // namespace
}  // namespace oki::core
