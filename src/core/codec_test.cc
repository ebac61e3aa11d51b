// Formats of commands, replies and events: golden bytes, round trips, and every kind of damage.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/prng.h"
#include "core/commands.h"
#include "core/events.h"
#include "core/testing/golden.h"
#include "core/testing/world.h"

namespace oki::core {
namespace {

OrderView some_order() {
  return {OrderId{7},
          AccountId{42},
          MarketId{1},
          Side::sell,
          OrderType::limit,
          true,
          OrderStatus::partially_filled,
          Price{9'876'543},
          Lots{12'345},
          Lots{2'345},
          Amount{23'160'493},
          WallTimeMs{1'700'000'000'000},
          WallTimeMs{0},
          WallTimeMs{1'700'000'000'500}};
}

MarketSpec some_market() {
  return {"btc_jpy",
          AssetId{1},
          AssetId{0},
          0,
          4,
          false,
          -200,
          1'200,
          Price{1},
          Price{1'000'000'000},
          Lots{1},
          Lots{10'000'000},
          Lots{1'000'000}};
}

std::map<std::string, Command> some_commands() {
  const Signed by_key{KeyId{3}, 1'700'000'000'001};
  return {
      {"add_asset", AddAsset{{"btc", 8}}},
      {"add_market", AddMarket{some_market()}},
      {"add_account", AddAccount{AccountId{42}, 6, 10}},
      {"add_api_key", AddApiKey{AccountId{42}, "key-of-42", std::string("\x00\xff sealed", 9)}},
      {"deposit", Deposit{AccountId{42}, AssetId{1}, Amount{100'000'000}, "bank-1"}},
      {"place_order", PlaceOrder{AccountId{42}, by_key, MarketId{1}, Side::sell, OrderType::limit,
                                 true, Price{9'876'543}, Lots{12'345}}},
      {"cancel_orders", CancelOrders{AccountId{42}, by_key, MarketId{1}, {OrderId{7}, OrderId{9}}}},
  };
}

std::map<std::string, Reply> some_replies() {
  return {
      {"reply_ok", Reply{}},
      {"reply_refused", Reply{Refusal::nonce_not_increased, {}}},
      {"reply_rows",
       Reply{Refusal::ok, {{Refusal::ok, some_order()}, {Refusal::order_not_found, {}}}}},
  };
}

std::map<std::string, Event> some_events() {
  return {
      {"asset_added", AssetAdded{AssetId{1}, {"btc", 8}}},
      {"market_added", MarketAdded{MarketId{1}, some_market()}},
      {"account_added", AccountAdded{AccountId{42}, 6, 10}},
      {"api_key_added", ApiKeyAdded{KeyId{3}, AccountId{42}, "key-of-42", "sealed"}},
      {"nonce_used", NonceUsed{KeyId{3}, 1'700'000'000'001}},
      {"deposited", Deposited{AccountId{42}, AssetId{1}, Amount{100'000'000}, "bank-1"}},
      {"order_accepted", OrderAccepted{some_order()}},
      {"traded",
       Traded{TradeId{5}, MarketId{1}, Side::buy, Price{9'876'543}, Lots{2'345}, Amount{23'160'493},
              OrderId{7}, OrderId{8}, AccountId{42}, AccountId{43}, -4'632, 27'793}},
      {"order_changed", OrderChanged{some_order()}},
      {"level_changed",
       LevelChanged{MarketId{1}, Side::sell, Price{9'876'543}, Lots{10'000}, Sequence{77}}},
      {"balance_changed", BalanceChanged{AccountId{42}, AssetId{1}, Amount{1}, Amount{2}}},
  };
}

template <typename T>
Bytes encoded(const T& value) {
  Bytes bytes;
  append(bytes, value);
  return bytes;
}
Bytes encoded(const Command& command) { return encode(command); }

template <typename T>
void expect_golden(const std::map<std::string, T>& values, const char* file) {
  const auto lines = golden(file);
  EXPECT_EQ(lines.size(), values.size()) << file;
  for (const auto& [name, value] : values) {
    const std::string now = hex(encoded(value));
    const auto line = lines.find(name);
    EXPECT_EQ(line == lines.end() ? "" : line->second, now) << file << " should hold\n"
                                                            << name << ' ' << now;
  }
}

TEST(CoreCodec, BytesAreThoseWrittenDown) {
  expect_golden(some_commands(), "core_commands.txt");
  expect_golden(some_replies(), "core_replies.txt");
  expect_golden(some_events(), "core_events.txt");
}

// A small exchange with something in every list of the snapshot.
TEST(CoreCodec, TheSnapshotsBytesAreThoseWrittenDown) {
  World world;
  world.set_up(2);
  (void)world(AddApiKey{AccountId{1}, "key-of-1", "sealed"});
  PlaceOrder order = World::limit(1, Side::sell, 5'000'000, 20);
  order.auth = {KeyId{1}, 7};
  (void)world(order);
  (void)world(World::limit(2, Side::buy, 5'000'000, 5));
  const std::string now = hex(world.core.snapshot());
  EXPECT_EQ(golden("core_snapshot.txt")["snapshot"], now);
}

TEST(CoreCodec, DecodesWhatItEncodes) {
  for (const auto& [name, command] : some_commands()) {
    const auto back = decode_command(encode(command));
    ASSERT_TRUE(back) << name;
    EXPECT_EQ(*back, command) << name;
  }
  for (const auto& [name, reply] : some_replies()) {
    EXPECT_EQ(decode_reply(encoded(reply)), reply) << name;
  }
  for (const auto& [name, event] : some_events()) {
    const Bytes bytes = encoded(event);
    ByteView left = bytes;
    EXPECT_EQ(take_event(left), event) << name;
    EXPECT_TRUE(left.empty()) << name;
  }
}

TEST(CoreCodec, RefusesEveryTruncationAndEveryTail) {
  for (const auto& [name, command] : some_commands()) {
    const Bytes bytes = encode(command);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_command(ByteView(bytes).substr(0, size))) << name << ' ' << size;
    }
    EXPECT_FALSE(decode_command(bytes + '\0')) << name;
  }
  for (const auto& [name, reply] : some_replies()) {
    const Bytes bytes = encoded(reply);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_reply(ByteView(bytes).substr(0, size))) << name << ' ' << size;
    }
    EXPECT_FALSE(decode_reply(bytes + '\0')) << name;
  }
  for (const auto& [name, event] : some_events()) {
    const Bytes bytes = encoded(event);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      ByteView left = ByteView(bytes).substr(0, size);
      EXPECT_FALSE(take_event(left)) << name << ' ' << size;
      EXPECT_FALSE(left.empty()) << name << ' ' << size;
    }
    Bytes longer = bytes + '\0';
    longer[0] = static_cast<char>(longer[0] + 1);
    ByteView left = longer;
    EXPECT_FALSE(take_event(left)) << name;
  }
}

// What decodes after damage must be another value with that very spelling: one value, one spelling.
TEST(CoreCodec, BitFlipsAreRefusedOrSpellAnotherValue) {
  for (const auto& [name, command] : some_commands()) {
    const Bytes bytes = encode(command);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      Bytes damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto decoded = decode_command(damaged);
      if (!decoded) continue;
      EXPECT_NE(*decoded, command) << name << " bit " << bit;
      EXPECT_EQ(encode(*decoded), damaged) << name << " bit " << bit;
    }
  }
}

TEST(CoreCodec, RandomBytesDecodeOnlyToTheirOwnSpelling) {
  Prng prng(1);
  std::size_t decoded_count = 0;
  for (int round = 0; round < 200'000; ++round) {
    Bytes bytes;
    bytes.push_back(static_cast<char>(prng.below(9)));
    const std::uint64_t size = prng.below(60);
    for (std::uint64_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(prng.below(3)));
    if (const auto decoded = decode_command(bytes)) {
      EXPECT_EQ(encode(*decoded), bytes);
      ++decoded_count;
    }
    (void)decode_reply(bytes);
    ByteView left = bytes;
    while (take_event(left)) {
    }
  }
  EXPECT_GT(decoded_count, 500u);
}

TEST(CoreCodec, RefusesStringsAndListsPastTheirLimits) {
  const AccountId account{1};
  const auto fits = [](const Command& command) {
    return decode_command(encode(command)).has_value();
  };
  EXPECT_TRUE(fits(AddAsset{{std::string(asset_name_bytes_max, 'a'), 8}}));
  EXPECT_FALSE(fits(AddAsset{{std::string(asset_name_bytes_max + 1, 'a'), 8}}));
  EXPECT_TRUE(fits(AddApiKey{account, std::string(api_key_bytes_max, 'k'), ""}));
  EXPECT_FALSE(fits(AddApiKey{account, std::string(api_key_bytes_max + 1, 'k'), ""}));
  EXPECT_TRUE(fits(AddApiKey{account, "k", std::string(sealed_secret_bytes_max, 's')}));
  EXPECT_FALSE(fits(AddApiKey{account, "k", std::string(sealed_secret_bytes_max + 1, 's')}));
  EXPECT_TRUE(fits(Deposit{account, {}, {}, std::string(reference_bytes_max, 'r')}));
  EXPECT_FALSE(fits(Deposit{account, {}, {}, std::string(reference_bytes_max + 1, 'r')}));
  EXPECT_FALSE(fits(CancelOrders{account, {}, {}, {}}));
  EXPECT_TRUE(fits(CancelOrders{account, {}, {}, std::vector<OrderId>(cancel_orders_max)}));
  EXPECT_FALSE(fits(CancelOrders{account, {}, {}, std::vector<OrderId>(cancel_orders_max + 1)}));
}

TEST(CoreCodec, ReadersSkipKindsOfEventsTheyDoNotKnow) {
  const Event known = NonceUsed{KeyId{1}, 2};
  Bytes bytes;
  Writer writer(bytes);
  writer.blob("\xc8 from the future");
  append(bytes, known);
  writer.blob("\xc8");
  ByteView left = bytes;
  EXPECT_EQ(take_event(left), known);
  EXPECT_FALSE(take_event(left));
  EXPECT_TRUE(left.empty());
}

TEST(CoreCodec, EveryRefusalHasItsOwnName) {
  std::map<std::string, int> names;
  for (int number = 0; number < refusal_numbers; ++number) {
    ++names[name(static_cast<Refusal>(number))];
  }
  EXPECT_EQ(names.size(), refusal_numbers);
  EXPECT_EQ(names.count("unknown"), 0u);
}

}  // namespace
}  // namespace oki::core
