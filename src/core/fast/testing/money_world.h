// The fast core with a clock, and what a reader of its events knows: balances, positions, margin,
// withdrawals, holdings. After every command the balances of each asset sum to its liabilities.
//
// One market, whose numbers can be worked out by hand: one tick times one lot is one unit of jpy,
// one lot is one unit of btc; spot is free, margin takers pay 0.1 %, interest is 400 ppm a night,
// margin is half of a position's value.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "core/core.h"
#include "core/events.h"

namespace oki::core {

struct MoneyWorld {
  static constexpr AssetId jpy{0};
  static constexpr AssetId btc{1};
  static constexpr MarketId market{0};
  static constexpr std::uint64_t maker = 8;  // Rich; trades spot.
  static constexpr std::uint64_t other = 9;

  static CoreLimits limits() {
    CoreLimits limits;
    limits.assets_max = 8;
    limits.markets_max = 4;
    limits.accounts_max = 400;
    limits.api_keys_max = 4;
    limits.open_orders_max = 4'000;
    limits.deposit_references_max = 4'000;
    return limits;
  }

  explicit MoneyWorld(std::uint64_t lent_jpy = 10'000'000, std::uint64_t lent_btc = 10'000,
                      const MarketSpec& traded = spec())
      : core(limits()) {
    expect(AddAsset{{"jpy", 4}});
    expect(AddAsset{{"btc", 4}});
    expect(AddMarket{traded});
    add_account(maker, 1'000'000'000);
    deposit(AccountId{maker}, btc, 1'000'000);
    add_account(other, 1'000'000'000);
    deposit(AccountId{other}, btc, 1'000'000);
    deposit(lender_account, jpy, lent_jpy);
    deposit(lender_account, btc, lent_btc);
    expect(SetCollateral{jpy, 1'000'000});
  }

  static MarketSpec spec() {
    MarketSpec spec;
    spec.name = "btc_jpy";
    spec.base = btc;
    spec.quote = jpy;
    spec.amount_digits = 4;
    spec.price_max = Price{1'000'000};
    spec.limit_amount_max = Lots{1'000'000};
    spec.market_amount_max = Lots{1'000'000};
    spec.margin.enabled = true;
    spec.margin.open_taker_fee_ppm = 1'000;
    spec.margin.close_taker_fee_ppm = 1'000;
    spec.margin.long_interest_ppm = 400;
    spec.margin.short_interest_ppm = 400;
    return spec;
  }

  // What no test can go on without.
  static void must(bool holds, const char* what) {
    if (!holds) std::fprintf(stderr, "%s\n", what);
    ASSERT(holds);
  }

  // --- Commands.
  Reply operator()(const Command& command) {
    Bytes reply;
    Bytes bytes;
    core.apply(now, encode(command), reply, bytes);
    events.clear();
    ByteView left = bytes;
    while (auto event = take_event(left)) {
      follow(*event);
      events.push_back(std::move(*event));
    }
    must(left.empty(), "events that cannot be read");
    check_sums();
    const std::optional<Reply> decoded = decode_reply(reply);
    must(decoded.has_value(), "a reply that cannot be read");
    return *decoded;
  }
  Refusal refusal(const Command& command) { return (*this)(command).refusal; }
  Reply expect(const Command& command) {
    const Reply reply = (*this)(command);
    must(reply.refusal == Refusal::ok, name(reply.refusal));
    return reply;
  }
  void add_account(std::uint64_t id, std::uint64_t amount) {
    expect(AddAccount{AccountId{id}, 0, 0});
    if (amount != 0) deposit(AccountId{id}, jpy, amount);
  }
  void add_margin_account(std::uint64_t id, std::uint64_t amount) {
    add_account(id, amount);
    expect(AllowMargin{AccountId{id}, true});
  }
  void deposit(AccountId account, AssetId asset, std::uint64_t amount) {
    expect(Deposit{account, asset, Amount{amount}, "d" + std::to_string(++deposits_)});
  }
  // A limit order, or with price 0 a market order.
  static PlaceOrder order(std::uint64_t account, Side side, std::uint64_t price, std::uint64_t lots,
                          PositionSide position = PositionSide::none) {
    PlaceOrder order;
    order.account = AccountId{account};
    order.side = side;
    order.type = price == 0 ? OrderType::market : OrderType::limit;
    order.price = Price{price};
    order.amount = Lots{lots};
    order.position = position;
    return order;
  }
  OrderView place(const PlaceOrder& command) {
    const Reply reply = expect(command);
    return reply.rows.empty() ? OrderView{} : reply.rows[0].order;
  }
  // Somebody offers, and the account takes it with a market order.
  OrderView trade(std::uint64_t account, Side side, std::uint64_t price, std::uint64_t lots,
                  PositionSide position) {
    const Side offered = side == Side::buy ? Side::sell : Side::buy;
    place(order(maker, offered, price, lots));
    return place(order(account, side, 0, lots, position));
  }
  // One lot changes hands between strangers, so that this is the last price.
  void mark(std::uint64_t price) {
    place(order(maker, Side::sell, price, 1));
    place(order(other, Side::buy, price, 1));
  }

  // --- Time.
  void pass(std::int64_t ms) { now.value += ms; }
  // Ticks as a leader would, until `time`.
  void run_until(WallTimeMs time) {
    for (int i = 0; i < 10'000; ++i) {
      const std::optional<WallTimeMs> due = core.next_timer();
      if (!due || *due > time) break;
      now = std::max(now, *due);
      (*this)(Tick{});
    }
    now = time;
  }
  void run_for(std::int64_t ms) { run_until(WallTimeMs{now.value + ms}); }

  // --- What a reader knows.
  std::uint64_t free(std::uint64_t account, AssetId asset = jpy) {
    return balances[{AccountId{account}, asset}].free.value;
  }
  std::uint64_t held(std::uint64_t account, AssetId asset = jpy) {
    return balances[{AccountId{account}, asset}].held.value;
  }
  std::uint64_t withdrawing(std::uint64_t account, AssetId asset = jpy) {
    return balances[{AccountId{account}, asset}].withdrawing.value;
  }
  Position position(std::uint64_t account, PositionSide side) {
    const auto found = positions.find({AccountId{account}, side});
    return found == positions.end() ? Position{} : found->second;
  }
  MarginStatus status(std::uint64_t account) { return margin[AccountId{account}].status; }
  std::uint64_t debt(std::uint64_t account) { return margin[AccountId{account}].debt.value; }
  template <typename T>
  std::vector<T> told() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
  }

  void follow(const Event& event) {
    if (const auto* x = std::get_if<BalanceChanged>(&event)) balances[{x->account, x->asset}] = *x;
    if (const auto* x = std::get_if<MarginChanged>(&event)) margin[x->account] = *x;
    if (const auto* x = std::get_if<HoldingsChanged>(&event)) holdings[x->asset] = *x;
    if (const auto* x = std::get_if<Quarantined>(&event)) {
      must(false, x->fault.c_str());
    }
    if (const auto* x = std::get_if<PositionChanged>(&event)) {
      const std::pair key{x->position.account, x->position.side};
      if (x->position.open.value == 0) {
        positions.erase(key);
      } else {
        positions[key] = x->position;
      }
    }
  }
  void check_sums() {
    std::map<AssetId, std::uint64_t> sums;
    for (const auto& [key, balance] : balances) {
      sums[key.second] += balance.free.value + balance.held.value + balance.withdrawing.value;
    }
    for (const auto& [asset, sum] : sums) {
      must(sum == holdings[asset].liabilities.value, "balances are not the liabilities");
      must(sum <= holdings[asset].holdings.value, "more is owed than there is");
    }
  }

  Core core;
  WallTimeMs now{1'700'000'000'000};  // 07:13 of a day in Tokyo.
  std::vector<Event> events;          // Of the last command.
  std::map<std::pair<AccountId, AssetId>, BalanceChanged> balances;
  std::map<std::pair<AccountId, PositionSide>, Position> positions;
  std::map<AccountId, MarginChanged> margin;
  std::map<AssetId, HoldingsChanged> holdings;

 private:
  int deposits_ = 0;
};

}  // namespace oki::core
