// Formats of commands, replies and events: golden bytes, round trips, and every kind of damage.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>

#include "base/prng.h"
#include "core/commands.h"
#include "core/events.h"
#include "core/testing/golden.h"
#include "core/testing/world.h"

namespace oki::core {
namespace {

constexpr AccountId account_42{42};

OrderView some_order() {
  OrderView order;
  order.id = OrderId{7};
  order.account = account_42;
  order.market = MarketId{1};
  order.side = Side::sell;
  order.type = OrderType::stop_limit;
  order.post_only = true;
  order.time_in_force = TimeInForce::gtd;
  order.self_trade = SelfTrade::cancel_both;
  order.position = PositionSide::long_side;
  order.status = OrderStatus::canceled_partially_filled;
  order.reason = Reason::expired;
  order.price = Price{9'876'543};
  order.trigger = Price{9'900'000};
  order.amount = Lots{12'345};
  order.display = Lots{100};
  order.executed = Lots{2'345};
  order.executed_quote = Amount{23'160'493};
  order.session = SessionId{0x0000'0001'0000'0002};
  order.ordered_at = WallTimeMs{1'700'000'000'000};
  order.expire_at = WallTimeMs{1'700'000'600'000};
  order.triggered_at = WallTimeMs{1'700'000'000'100};
  order.canceled_at = WallTimeMs{1'700'000'000'900};
  order.executed_at = WallTimeMs{1'700'000'000'500};
  order.client_order_id = "mine-1";
  return order;
}

MarketSpec some_market() {
  MarketSpec spec;
  spec.name = "btc_jpy";
  spec.base = AssetId{1};
  spec.amount_digits = 4;
  spec.listed = false;
  spec.maker_fee_ppm = -200;
  spec.taker_fee_ppm = 1'200;
  spec.price_max = Price{1'000'000'000};
  spec.limit_amount_max = Lots{10'000'000};
  spec.market_amount_max = Lots{1'000'000};
  spec.band_ppm = 200'000;
  spec.band_step_ppm = 100'000;
  spec.band_max_ppm = 500'000;
  spec.collar_ppm = 300'000;
  spec.market_allowance_ppm = 150'000;
  spec.busy_per_second = 500;
  spec.very_busy_per_second = 1'000;
  spec.busy_amount_min = Lots{10};
  spec.very_busy_amount_min = Lots{100};
  spec.margin = {true, 0, 1'000, 200, 1'200, 400, 500, 250'000};
  return spec;
}

PlaceOrder some_place() {
  PlaceOrder place;
  place.account = account_42;
  place.auth = {KeyId{3}, 1'700'000'000'001};
  place.market = MarketId{1};
  place.side = Side::sell;
  place.type = OrderType::take_profit;
  place.post_only = true;
  place.time_in_force = TimeInForce::fok;
  place.self_trade = SelfTrade::decrement;
  place.position = PositionSide::short_side;
  place.price = Price{9'876'543};
  place.trigger = Price{9'000'000};
  place.amount = Lots{12'345};
  place.display = Lots{100};
  place.expire_at = WallTimeMs{1'700'000'600'000};
  place.session = SessionId{0x0000'0001'0000'0002};
  place.client_order_id = "mine-1";
  return place;
}

MarketState some_state() {
  return {MarketId{1},
          MarketStatus::very_busy,
          MarketMode::listing,
          FeeType::dynamic,
          0x0123,
          Price{100},
          Price{80},
          Price{120},
          Price{50},
          Price{150},
          WallTimeMs{1'700'000'600'000},
          WallTimeMs{1},
          WallTimeMs{2},
          WallTimeMs{3}};
}

std::map<std::string, Command> some_market_commands() {
  const MarketId market{1};
  return {
      {"set_market_stops", SetMarketStops{market, 0x0123}},
      {"set_market_halt", SetMarketHalt{market, true}},
      {"start_auction", StartAuction{market, MarketMode::listing, Price{100}, WallTimeMs{77}}},
      {"schedule_reopening",
       ScheduleReopening{market, WallTimeMs{1}, WallTimeMs{2}, WallTimeMs{3}, WallTimeMs{4}}},
  };
}

std::map<std::string, Command> some_money_commands() {
  const Signed by_key{KeyId{3}, 1'700'000'000'001};
  const OperatorId by{11};
  const AssetId asset{1};
  return {
      {"adjust_holdings", AdjustHoldings{asset, true, Amount{5}, "cold-1"}},
      {"propose_credit", ProposeCredit{by, account_42, asset, Amount{6}, "sorry"}},
      {"approve_credit", ApproveCredit{by, CreditId{9}}},
      {"request_withdrawal",
       RequestWithdrawal{account_42, by_key, asset, Amount{7}, Amount{1}, "bc1q"}},
      {"approve_withdrawal", ApproveWithdrawal{by, WithdrawalId{8}}},
      {"reject_withdrawal", RejectWithdrawal{by, WithdrawalId{8}}},
      {"settle_withdrawal", SettleWithdrawal{WithdrawalId{8}}},
      {"freeze_withdrawals", FreezeWithdrawals{by, false, asset, false}},
      {"restrict_account", RestrictAccount{by, account_42, true, false}},
      {"set_collateral", SetCollateral{asset, 700'000}},
      {"allow_margin", AllowMargin{account_42, false}},
      {"report_release", ReportRelease{5, 2}},
      {"activate_release", ActivateRelease{2, {5, 6, 7}}},
  };
}

std::map<std::string, Command> some_commands() {
  const Signed by_key{KeyId{3}, 1'700'000'000'001};
  const MarketId market{1};
  std::map<std::string, Command> commands{
      {"add_asset", AddAsset{{"btc", 8}}},
      {"add_market", AddMarket{some_market()}},
      {"add_account", AddAccount{account_42, 6, 10}},
      {"add_api_key", AddApiKey{account_42, "key-of-42", std::string("\x00\xff sealed", 9)}},
      {"deposit", Deposit{account_42, AssetId{1}, Amount{100'000'000}, "bank-1"}},
      {"place_order", some_place()},
      {"cancel_orders", CancelOrders{account_42, by_key, market, {OrderId{7}, OrderId{9}}}},
      {"tick", Tick{}},
      {"amend_order",
       AmendOrder{account_42, by_key, market, OrderId{7}, Price{1}, Price{2}, Lots{3}}},
      {"cancel_all", CancelAll{account_42, by_key, false, market}},
      {"cancel_all_after", CancelAllAfter{account_42, by_key, 60'000}},
      {"close_session", CloseSession{SessionId{0x0000'0001'0000'0002}}},
      {"edge_alive", EdgeAlive{1}},
      {"place_orders", PlaceOrders{account_42, by_key, {some_place(), PlaceOrder{}}}},
  };
  commands.merge(some_market_commands());
  commands.merge(some_money_commands());
  return commands;
}

std::map<std::string, Reply> some_replies() {
  OrderView bare;
  bare.id = OrderId{7};
  return {
      {"reply_ok", Reply{}},
      {"reply_id", Reply{Refusal::ok, {}, 8}},
      {"reply_refused", Reply{Refusal::nonce_not_increased, {}}},
      {"reply_used", Reply{Refusal::client_order_id_used, {{Refusal::client_order_id_used, bare}}}},
      {"reply_rows",
       Reply{Refusal::ok, {{Refusal::ok, some_order()}, {Refusal::order_not_found, {}}}}},
  };
}

std::map<std::string, Event> some_money_events() {
  const OperatorId by{11};
  const AssetId asset{1};
  const Position position{account_42, MarketId{1},   PositionSide::short_side,
                          Lots{10},   Amount{11},    Amount{12},
                          Amount{13}, WallTimeMs{14}};
  return {
      {"margin_traded", MarginTraded{TradeId{5}, OrderId{7}, account_42, PositionSide::short_side,
                                     false, Amount{1}, Amount{2}, Amount{3}, -4}},
      {"position_changed", PositionChanged{position}},
      {"margin_changed", MarginChanged{account_42, true, MarginStatus::debt, Amount{5}}},
      {"collateral_changed", CollateralChanged{asset, 700'000}},
      {"dead_man_set", DeadManSet{account_42, WallTimeMs{77}}},
      {"holdings_changed", HoldingsChanged{asset, Amount{9}, Amount{8}, "cold-1"}},
      {"credit_changed", CreditChanged{CreditId{9}, CreditState::done, by, OperatorId{12},
                                       account_42, asset, Amount{6}, "sorry"}},
      {"withdrawal_changed",
       WithdrawalChanged{WithdrawalId{8}, WithdrawalState::rejected, account_42, asset, Amount{7},
                         Amount{1}, by, WallTimeMs{77}, "bc1q"}},
      {"withdrawals_frozen", WithdrawalsFrozen{asset, false, by}},
      {"account_restricted", AccountRestricted{account_42, true, false}},
      {"quarantined", Quarantined{StepKind::trigger, 77, 7, "balances do not sum"}},
      {"release_reported", ReleaseReported{5, 2}},
      {"release_activated", ReleaseActivated{2}},
  };
}

std::map<std::string, Event> some_events() {
  const MarketId market{1};
  std::map<std::string, Event> events{
      {"asset_added", AssetAdded{AssetId{1}, {"btc", 8}}},
      {"market_added", MarketAdded{market, some_market()}},
      {"account_added", AccountAdded{account_42, 6, 10}},
      {"api_key_added", ApiKeyAdded{KeyId{3}, account_42, "key-of-42", "sealed"}},
      {"nonce_used", NonceUsed{KeyId{3}, 1'700'000'000'001}},
      {"deposited", Deposited{account_42, AssetId{1}, Amount{100'000'000}, "bank-1"}},
      {"order_accepted", OrderAccepted{some_order()}},
      {"traded",
       Traded{TradeId{5}, market, Side::buy, Price{9'876'543}, Lots{2'345}, Amount{23'160'493},
              OrderId{7}, OrderId{8}, account_42, AccountId{43}, -4'632, 27'793}},
      {"order_changed", changed(some_order())},
      {"level_changed",
       LevelChanged{market, Side::sell, Price{9'876'543}, Lots{10'000}, Sequence{77}}},
      {"balance_changed", BalanceChanged{account_42, AssetId{1}, Amount{1}, Amount{2}, Amount{3}}},
      {"market_changed", MarketChanged{some_state()}},
      {"auction_estimated", AuctionEstimated{market, Price{100}, Lots{20}}},
      {"auction_ended", AuctionEnded{market, Price{100}, Lots{20}}},
  };
  events.merge(some_money_events());
  return events;
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

// Every kind of command and of event is among the values above.
TEST(CoreCodec, EveryKindHasItsGoldenBytes) {
  EXPECT_EQ(some_commands().size(), std::variant_size_v<Command>);
  EXPECT_EQ(some_events().size(), std::variant_size_v<Event>);
}

TEST(CoreCodec, AChangeOfAnOrderBringsItsViewUpToDate) {
  const OrderView after = some_order();
  OrderView before = after;
  before.status = OrderStatus::inactive;
  before.reason = Reason::none;
  before.price = before.trigger = Price{1};
  before.amount = before.executed = Lots{1};
  before.executed_quote = Amount{1};
  before.triggered_at = before.canceled_at = before.executed_at = WallTimeMs{1};
  update(before, changed(after));
  EXPECT_EQ(before, after);
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
    bytes.push_back(static_cast<char>(prng.below(33)));
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
  EXPECT_FALSE(fits(PlaceOrders{account, {}, {}}));
  EXPECT_TRUE(fits(PlaceOrders{account, {}, std::vector<PlaceOrder>(place_orders_max)}));
  EXPECT_FALSE(fits(PlaceOrders{account, {}, std::vector<PlaceOrder>(place_orders_max + 1)}));
  EXPECT_FALSE(fits(ActivateRelease{2, {}}));
  EXPECT_TRUE(fits(ActivateRelease{2, std::vector<std::uint64_t>(nodes_max)}));
  EXPECT_FALSE(fits(ActivateRelease{2, std::vector<std::uint64_t>(nodes_max + 1)}));
  PlaceOrder place;
  place.client_order_id.assign(client_order_id_bytes_max, 'c');
  EXPECT_TRUE(fits(place));
  place.client_order_id += 'c';
  EXPECT_FALSE(fits(place));
  RequestWithdrawal withdrawal;
  withdrawal.destination.assign(destination_bytes_max, 'd');
  EXPECT_TRUE(fits(withdrawal));
  withdrawal.destination += 'd';
  EXPECT_FALSE(fits(withdrawal));
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
