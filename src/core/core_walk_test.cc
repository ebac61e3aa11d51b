// Random walks: against a model that keeps nothing but lists and recomputes everything, and
// against copies restored from snapshots.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/testing/random_commands.h"
#include "core/testing/world.h"

namespace oki::core {
namespace {

__extension__ using Int = __int128;

Int power(int exponent) { return exponent <= 0 ? 1 : 10 * power(exponent - 1); }
Int up(Int a, Int b) { return (a + b - 1) / b; }

// The exchange as a beginner would write it: no books, no holds, only lists of what was asked.
class Naive {
 public:
  Reply operator()(WallTimeMs time, const Command& command) {
    now_ = time;
    trades.clear();
    Reply reply;
    reply.refusal = std::visit([&](const auto& x) { return run(x, reply); }, command);
    return reply;
  }

  Int held(AccountId account, AssetId asset) const {
    Int sum = 0;
    for (const OrderView& order : open) {
      if (order.account == account && held_asset(order) == asset) sum += hold(order);
    }
    return sum;
  }
  Int owned(AccountId account, AssetId asset) const {
    const auto found = owned_.find({account.value, asset.value});
    return found == owned_.end() ? 0 : found->second;
  }

  std::vector<OrderView> open;  // Oldest first.
  std::vector<Traded> trades;   // Of the last command.

 private:
  struct Limits {
    AddAccount spec;
    std::uint64_t tokens = 0;
    std::int64_t filled_at = 0;
  };

  Refusal run(const AddAsset& x, Reply&) {
    for (const AssetSpec& spec : assets_) {
      if (spec.name == x.spec.name) return spec == x.spec ? Refusal::exists : Refusal::conflict;
    }
    if (x.spec.name == "Bad") return Refusal::invalid_spec;
    assets_.push_back(x.spec);
    return Refusal::ok;
  }

  Refusal run(const auto&, Reply&) { return Refusal::malformed; }

  Refusal run(const AddMarket& x, Reply&) {
    for (const MarketSpec& spec : markets_) {
      if (spec.name == x.spec.name) return spec == x.spec ? Refusal::exists : Refusal::conflict;
    }
    markets_.push_back(x.spec);
    return Refusal::ok;
  }

  Refusal run(const AddAccount& x, Reply&) {
    if (accounts_.contains(x.account.value)) {
      return accounts_[x.account.value].spec == x ? Refusal::exists : Refusal::conflict;
    }
    if (x.account.value == 0) return Refusal::invalid_spec;
    accounts_[x.account.value] = {x, std::uint64_t{x.updates_per_second} * 1000, now_.value};
    return Refusal::ok;
  }

  Refusal run(const AddApiKey& x, Reply&) {
    for (const AddApiKey& key : keys_) {
      if (key.key == x.key) return key == x ? Refusal::exists : Refusal::conflict;
    }
    if (!accounts_.contains(x.account.value)) return Refusal::unknown_account;
    keys_.push_back(x);
    nonces_.push_back(0);
    return Refusal::ok;
  }

  Refusal run(const Deposit& x, Reply&) {
    if (deposits_.contains(x.reference)) {
      return deposits_[x.reference] == x ? Refusal::exists : Refusal::conflict;
    }
    if (!accounts_.contains(x.account.value)) return Refusal::unknown_account;
    if (x.asset.value >= assets_.size()) return Refusal::unknown_asset;
    if (x.amount.value == 0) return Refusal::invalid_amount;
    deposits_[x.reference] = x;
    owned_[{x.account.value, x.asset.value}] += x.amount.value;
    return Refusal::ok;
  }

  Refusal run(const PlaceOrder& x, Reply& reply) {
    if (const Refusal refusal = admit(x); refusal != Refusal::ok) return refusal;
    const MarketSpec& spec = markets_[x.market.value];
    const bool limit = x.type == OrderType::limit;
    if (x.amount.value == 0) return Refusal::invalid_amount;
    if (limit == (x.price.value == 0)) return Refusal::invalid_price;
    if (!limit && x.post_only) return Refusal::post_only_with_market;
    if (x.amount < spec.amount_min) return Refusal::amount_below_min;
    if (x.amount > (limit ? spec.limit_amount_max : spec.market_amount_max)) {
      return Refusal::amount_above_max;
    }
    if (limit && x.price < spec.price_min) return Refusal::price_below_min;
    if (limit && x.price > spec.price_max) return Refusal::price_above_max;
    if (limit && open_of(x.account, x.market) >= 30) return Refusal::too_many_open_orders;
    OrderView order = order_from(x);
    const Int free = owned(x.account, held_asset(order)) - held(x.account, held_asset(order));
    if (limit && hold(order) > free) return Refusal::insufficient_amount;
    if (!limit && fillable(order) == x.amount.value && market_cost(order) > free) {
      return Refusal::insufficient_amount;
    }
    reply.rows.push_back({Refusal::ok, follow(order)});
    return Refusal::ok;
  }

  Refusal run(const CancelOrders& x, Reply& reply) {
    if (const Refusal refusal = admit(x); refusal != Refusal::ok) return refusal;
    for (const OrderId id : x.orders) {
      const auto found = std::ranges::find(open, id, &OrderView::id);
      if (found == open.end() || found->account != x.account || found->market != x.market) {
        reply.rows.push_back({Refusal::order_not_found, {}});
        continue;
      }
      OrderView order = *found;
      open.erase(found);
      order.reason = Reason::by_owner;
      order.status = order.executed.value > 0 ? OrderStatus::canceled_partially_filled
                                              : OrderStatus::canceled_unfilled;
      order.canceled_at = now_;
      reply.rows.push_back({Refusal::ok, order});
    }
    return Refusal::ok;
  }

  template <typename T>
  Refusal admit(const T& x) {
    if (!accounts_.contains(x.account.value)) return Refusal::unknown_account;
    if (x.market.value >= markets_.size()) return Refusal::unknown_market;
    if (x.auth.key.value != 0) {
      const std::size_t key = x.auth.key.value - 1;
      if (key >= keys_.size() || keys_[key].account != x.account) return Refusal::unknown_key;
      if (x.auth.nonce != 0 && x.auth.nonce <= nonces_[key]) return Refusal::nonce_not_increased;
      if (x.auth.nonce != 0) nonces_[key] = x.auth.nonce;
    }
    Limits& limits = accounts_[x.account.value];
    const std::uint64_t rate = limits.spec.updates_per_second;
    if (rate == 0) return Refusal::ok;
    const auto passed = static_cast<std::uint64_t>(now_.value - limits.filled_at);
    limits.tokens = std::min(rate * 1000, limits.tokens + passed * rate);
    limits.filled_at = now_.value;
    if (limits.tokens < 1000) return Refusal::too_many_updates;
    limits.tokens -= 1000;
    return Refusal::ok;
  }

  OrderView order_from(const PlaceOrder& x) {
    OrderView order;
    order.id = OrderId{orders_ + 1};
    order.account = x.account;
    order.market = x.market;
    order.side = x.side;
    order.type = x.type;
    order.post_only = x.post_only;
    order.price = x.price;
    order.amount = x.amount;
    order.ordered_at = now_;
    if (x.type == OrderType::limit) order.expire_at = WallTimeMs{now_.value + 15'552'000'000};
    return order;
  }

  OrderView follow(OrderView order) {
    ++orders_;
    if (order.type == OrderType::market && fillable(order) < order.amount.value) {
      order.status = OrderStatus::rejected;
      order.reason = Reason::not_filled;
      return order;
    }
    if (order.post_only && best_for(order) != open.end()) {
      order.status = OrderStatus::canceled_unfilled;
      order.reason = Reason::would_cross;
      order.canceled_at = now_;
      return order;
    }
    while (order.executed < order.amount) {
      const auto maker = best_for(order);
      if (maker == open.end()) break;
      trade(order, *maker);
      if (maker->executed == maker->amount) open.erase(maker);
    }
    if (order.executed < order.amount) open.push_back(order);
    return order;
  }

  void trade(OrderView& taker, OrderView& maker) {
    const MarketSpec& spec = markets_[taker.market.value];
    const std::uint64_t lots = std::min(taker.amount.value - taker.executed.value,
                                        maker.amount.value - maker.executed.value);
    const Int quote = worth(spec, maker.price, lots, false);
    Int maker_fee = fee(quote, spec.maker_fee_ppm);
    Int taker_fee = fee(quote, spec.taker_fee_ppm);
    OrderView& buy = taker.side == Side::buy ? taker : maker;
    if (buy.type == OrderType::limit) {
      OrderView after = buy;
      after.executed.value += lots;
      Int& buyer_fee = taker.side == Side::buy ? taker_fee : maker_fee;
      buyer_fee = std::min(buyer_fee, hold(buy) - hold(after) - quote);
    }
    const AccountId seller = taker.side == Side::buy ? maker.account : taker.account;
    owned_[{buy.account.value, spec.quote.value}] -= quote;
    owned_[{seller.value, spec.quote.value}] += quote;
    owned_[{maker.account.value, spec.quote.value}] -= maker_fee;
    owned_[{taker.account.value, spec.quote.value}] -= taker_fee;
    owned_[{fee_account.value, spec.quote.value}] += maker_fee + taker_fee;
    const Int base = Int{lots} * power(assets_[spec.base.value].decimals - spec.amount_digits);
    owned_[{seller.value, spec.base.value}] -= base;
    owned_[{buy.account.value, spec.base.value}] += base;
    for (OrderView* order : {&taker, &maker}) {
      order->executed.value += lots;
      order->executed_quote.value += static_cast<std::uint64_t>(quote);
      order->executed_at = now_;
      order->status = order->executed == order->amount ? OrderStatus::fully_filled
                                                       : OrderStatus::partially_filled;
    }
    trades.push_back({TradeId{++trade_count_}, taker.market, taker.side, maker.price, Lots{lots},
                      Amount{static_cast<std::uint64_t>(quote)}, maker.id, taker.id, maker.account,
                      taker.account, static_cast<std::int64_t>(maker_fee),
                      static_cast<std::int64_t>(taker_fee)});
  }

  // The best maker for `order`: best price, then oldest.
  std::vector<OrderView>::iterator best_for(const OrderView& order) {
    auto best = open.end();
    for (auto maker = open.begin(); maker != open.end(); ++maker) {
      if (maker->market != order.market || maker->side == order.side) continue;
      const bool buys = order.side == Side::buy;
      const bool in_reach = order.type == OrderType::market ||
                            (buys ? maker->price <= order.price : maker->price >= order.price);
      if (!in_reach) continue;
      if (best == open.end() || (buys ? maker->price < best->price : maker->price > best->price)) {
        best = maker;
      }
    }
    return best;
  }

  std::uint64_t fillable(const OrderView& order) const {
    std::uint64_t lots = 0;
    for (const OrderView& maker : open) {
      if (maker.market != order.market || maker.side == order.side) continue;
      lots += maker.amount.value - maker.executed.value;
    }
    return std::min(lots, order.amount.value);
  }

  Int market_cost(const OrderView& order) const {
    const MarketSpec& spec = markets_[order.market.value];
    if (order.side == Side::sell) return hold(order);
    Naive copy = *this;  // Does it on a copy and looks at the bill.
    copy.trades.clear();
    (void)copy.follow(order);
    Int cost = 0;
    for (const Traded& trade : copy.trades) {
      cost += trade.quote.value + fee(trade.quote.value, spec.taker_fee_ppm);
    }
    return cost;
  }

  AssetId held_asset(const OrderView& order) const {
    const MarketSpec& spec = markets_[order.market.value];
    return order.side == Side::buy ? spec.quote : spec.base;
  }

  Int hold(const OrderView& order) const {
    const MarketSpec& spec = markets_[order.market.value];
    const std::uint64_t lots = order.amount.value - order.executed.value;
    if (order.side == Side::sell) {
      return Int{lots} * power(assets_[spec.base.value].decimals - spec.amount_digits);
    }
    const Int quote = worth(spec, order.price, lots, true);
    return quote + fee(quote, std::max(spec.maker_fee_ppm, spec.taker_fee_ppm));
  }

  Int worth(const MarketSpec& spec, Price price, std::uint64_t lots, bool round_up) const {
    const int exponent =
        assets_[spec.quote.value].decimals - spec.price_digits - spec.amount_digits;
    const Int top = Int{price.value} * lots * power(exponent);
    return round_up ? up(top, power(-exponent)) : top / power(-exponent);
  }

  static Int fee(Int quote, std::int32_t ppm) {
    return ppm < 0 ? -(quote * -ppm / 1'000'000) : up(quote * ppm, 1'000'000);
  }

  std::size_t open_of(AccountId account, MarketId market) const {
    return static_cast<std::size_t>(std::ranges::count_if(open, [&](const OrderView& order) {
      return order.account == account && order.market == market;
    }));
  }

  WallTimeMs now_;
  std::vector<AssetSpec> assets_;
  std::vector<MarketSpec> markets_;
  std::map<std::uint64_t, Limits> accounts_;
  std::vector<AddApiKey> keys_;
  std::vector<std::uint64_t> nonces_;
  std::map<std::string, Deposit> deposits_;
  std::map<std::pair<std::uint64_t, std::uint16_t>, Int> owned_;
  std::uint64_t orders_ = 0;
  std::uint64_t trade_count_ = 0;
};

std::vector<std::pair<Price, Lots>> levels_of(const Naive& naive, MarketId market, Side side) {
  std::map<std::uint64_t, std::uint64_t> lots;
  for (const OrderView& order : naive.open) {
    if (order.market != market || order.side != side) continue;
    lots[side == Side::sell ? order.price.value : ~order.price.value] +=
        order.amount.value - order.executed.value;
  }
  std::vector<std::pair<Price, Lots>> levels;
  for (const auto& [key, sum] : lots) levels.emplace_back(side == Side::sell ? key : ~key, sum);
  return levels;
}

void expect_same(const Core& core, const Naive& naive) {
  EXPECT_EQ(core.open_orders(), naive.open);
  for (std::uint64_t account = 0; account <= RandomCommands::accounts; ++account) {
    const AccountId id = account == 0 ? fee_account : AccountId{account};
    for (std::uint16_t asset = 0; asset < RandomCommands::assets; ++asset) {
      const Core::Balance balance = core.balance(id, AssetId{asset});
      EXPECT_TRUE(balance.held.value == naive.held(id, AssetId{asset})) << account << ' ' << asset;
      EXPECT_TRUE(Int{balance.free.value} + balance.held.value == naive.owned(id, AssetId{asset}))
          << account << ' ' << asset;
    }
  }
  for (std::uint16_t market = 0; market < RandomCommands::markets; ++market) {
    for (const Side side : {Side::buy, Side::sell}) {
      std::vector<std::pair<Price, Lots>> levels;
      for (const auto& level : core.levels(MarketId{market}, side)) {
        levels.emplace_back(level.price, level.lots);
      }
      EXPECT_EQ(levels, levels_of(naive, MarketId{market}, side));
    }
  }
}

TEST(CoreWalk, EqualsAModelThatRecomputesEverything) {
  std::map<Refusal, int> refusals;
  std::map<OrderStatus, int> statuses;
  std::size_t trades = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    RandomCommands random(seed);
    World world;
    Naive naive;
    std::vector<Command> first = random.set_up();
    for (int step = 0; step < 2'500; ++step) {
      world.now.value += random.pause_ms();
      Command command = random.next();
      if (static_cast<std::size_t>(step) < first.size())
        command = first[static_cast<std::size_t>(step)];
      const Reply reply = world(command);
      ASSERT_EQ(reply, naive(world.now, command)) << "seed " << seed << " step " << step;
      ASSERT_EQ(events_of<Traded>(world.events), naive.trades);
      if (step % 10 == 0) world.core.verify();
      expect_same(world.core, naive);
      if (HasFailure()) FAIL() << "seed " << seed << " step " << step;
      random.saw(reply);
      ++refusals[reply.refusal];
      for (const Reply::Row& row : reply.rows) ++statuses[row.order.status];
      trades += naive.trades.size();
    }
  }
  EXPECT_GT(trades, 4'000u);
  EXPECT_EQ(statuses.size(), 6u) << "every status was reached";
  EXPECT_EQ(refusals.size(), 19u) << "every refusal that needs no special limits";
}

// The events alone say what the core's state is.
class Follower {
 public:
  void apply(const std::vector<Event>& events) {
    for (const Event& event : events) std::visit([&](const auto& x) { on(x); }, event);
  }
  void expect_equals(const Core& core) const {
    std::vector<OrderView> orders;
    for (const auto& [id, order] : open_) orders.push_back(order);
    EXPECT_EQ(core.open_orders(), orders);
    for (const auto& [key, balance] : balances_) {
      const Core::Balance now = core.balance(AccountId{key.first}, AssetId{key.second});
      EXPECT_EQ(now.free, balance.free);
      EXPECT_EQ(now.held, balance.held);
    }
    std::size_t levels = 0;
    for (std::uint16_t market = 0; market < RandomCommands::markets; ++market) {
      EXPECT_EQ(core.sequence(MarketId{market}).value,
                sequences_.contains(market) ? sequences_.at(market) : 0);
      for (const Side side : {Side::buy, Side::sell}) {
        for (const auto& level : core.levels(MarketId{market}, side)) {
          const auto found = levels_.find({market, side, level.price.value});
          ASSERT_NE(found, levels_.end());
          EXPECT_EQ(found->second, level.lots.value);
          ++levels;
        }
      }
    }
    EXPECT_EQ(levels, levels_.size());
  }

 private:
  void on(const OrderAccepted& x) { open_[x.order.id.value] = x.order; }
  void on(const OrderChanged& x) {
    update(open_.at(x.id.value), x);
    if (is_final(x.status)) open_.erase(x.id.value);
  }
  void on(const LevelChanged& x) {
    EXPECT_EQ(x.sequence.value, ++sequences_[x.market.value]);
    if (x.lots.value == 0) {
      EXPECT_EQ(levels_.erase({x.market.value, x.side, x.price.value}), 1u);
    } else {
      levels_[{x.market.value, x.side, x.price.value}] = x.lots.value;
    }
  }
  void on(const BalanceChanged& x) { balances_[{x.account.value, x.asset.value}] = x; }
  void on(const auto&) {}

  std::map<std::uint64_t, OrderView> open_;
  std::map<std::tuple<std::uint16_t, Side, std::uint64_t>, std::uint64_t> levels_;
  std::map<std::uint16_t, std::uint64_t> sequences_;
  std::map<std::pair<std::uint64_t, std::uint16_t>, BalanceChanged> balances_;
};

TEST(CoreWalk, EventsAloneTellTheState) {
  for (std::uint64_t seed = 100; seed < 104; ++seed) {
    RandomCommands random(seed);
    World world;
    Follower follower;
    std::vector<Command> first = random.set_up();
    for (int step = 0; step < 1'500; ++step) {
      world.now.value += random.pause_ms();
      const bool setting_up = static_cast<std::size_t>(step) < first.size();
      random.saw(world(setting_up ? first[static_cast<std::size_t>(step)] : random.next()));
      follower.apply(world.events);
      follower.expect_equals(world.core);
      if (HasFailure()) FAIL() << "seed " << seed << " step " << step;
    }
  }
}

TEST(CoreWalk, ARestoredCopyGoesOnExactlyAsTheOriginal) {
  for (std::uint64_t seed = 200; seed < 206; ++seed) {
    RandomCommands random(seed);
    const CoreLimits limits;
    Core original(limits);
    Core copy(limits);
    WallTimeMs now{1'700'000'000'000};
    std::vector<Command> first = random.set_up();
    for (int step = 0; step < 2'000; ++step) {
      now.value += random.pause_ms();
      const bool setting_up = static_cast<std::size_t>(step) < first.size();
      const Bytes command =
          encode(setting_up ? first[static_cast<std::size_t>(step)] : random.next());
      Bytes replies[2];
      Bytes events[2];
      original.apply(now, command, replies[0], events[0]);
      copy.apply(now, command, replies[1], events[1]);
      ASSERT_EQ(replies[0], replies[1]) << "seed " << seed << " step " << step;
      ASSERT_EQ(events[0], events[1]) << "seed " << seed << " step " << step;
      random.saw(*decode_reply(replies[0]));
      if (!random.prng().chance(1, 20)) continue;
      const Bytes snapshot = original.snapshot();
      ASSERT_EQ(snapshot, copy.snapshot());
      ASSERT_EQ(original.hash(), copy.hash());
      auto restored = Core::restore(snapshot, limits);
      ASSERT_TRUE(restored) << restored.error().message;
      restored->verify();
      ASSERT_EQ(restored->snapshot(), snapshot);
      copy = std::move(*restored);
    }
  }
}

}  // namespace
}  // namespace oki::core
