// A seeded stream of plausible commands for tests and fuzzing: three markets with different scales
// and fees, a few accounts that own little, prices close enough to cross often, and a share of
// every mistake that a client can make.
#pragma once

#include <string>
#include <vector>

#include "base/prng.h"
#include "core/commands.h"

namespace oki::core {

class RandomCommands {
 public:
  static constexpr std::uint64_t accounts = 6;
  static constexpr std::uint16_t assets = 3;
  static constexpr std::uint16_t markets = 3;

  explicit RandomCommands(std::uint64_t seed) : prng_(seed) {}

  // The commands that must come first.
  std::vector<Command> set_up() {
    std::vector<Command> commands{AddAsset{{"jpy", 4}}, AddAsset{{"btc", 8}}, AddAsset{{"xrp", 6}}};
    commands.emplace_back(AddMarket{market("btc_jpy", 1, 0, 4, -200, 1200)});
    commands.emplace_back(AddMarket{market("xrp_jpy", 2, 3, 4, 1000, 1500)});
    commands.emplace_back(AddMarket{market("xrp_btc", 2, 6, 6, 0, 0)});
    for (std::uint64_t account = 1; account <= accounts; ++account) {
      commands.emplace_back(AddAccount{AccountId{account}, account == 1 ? 8u : 0u, 10});
      commands.emplace_back(AddApiKey{AccountId{account}, "key" + std::to_string(account), "s"});
      for (std::uint16_t asset = 0; asset < assets; ++asset)
        commands.push_back(deposit(account, asset));
    }
    return commands;
  }

  Command next() {
    const std::uint64_t choice = prng_.below(100);
    if (choice < 70) return place();
    if (choice < 95) return cancel();
    if (choice < 98) return deposit(account(), static_cast<std::uint16_t>(prng_.below(assets + 1)));
    return operators();
  }

  // Lets later cancels name orders that exist.
  void saw(const Reply& reply) {
    for (const Reply::Row& row : reply.rows) {
      if (row.refusal != Refusal::ok || row.order.status > OrderStatus::partially_filled) continue;
      seen_.push_back(row.order);
    }
    if (seen_.size() > 200) seen_.erase(seen_.begin(), seen_.begin() + 100);
  }

  // How much later the next command comes.
  std::int64_t pause_ms() { return prng_.chance(1, 2) ? 0 : prng_.between(0, 40); }

  Prng& prng() { return prng_; }

 private:
  static MarketSpec market(const char* name, std::uint16_t base, std::uint8_t price_digits,
                           std::uint8_t amount_digits, std::int32_t maker, std::int32_t taker) {
    MarketSpec spec;
    spec.name = name;
    spec.base = AssetId{base};
    spec.quote = AssetId{name == std::string("xrp_btc") ? std::uint16_t{1} : std::uint16_t{0}};
    spec.price_digits = price_digits;
    spec.amount_digits = amount_digits;
    spec.maker_fee_ppm = maker;
    spec.taker_fee_ppm = taker;
    spec.price_min = Price{2};
    spec.price_max = Price{1'000};
    spec.amount_min = Lots{3};
    spec.limit_amount_max = Lots{20'000};
    spec.market_amount_max = Lots{5'000};
    return spec;
  }

  std::uint64_t account() { return prng_.below(40) == 0 ? 99 : 1 + prng_.below(accounts); }

  Deposit deposit(std::uint64_t account, std::uint16_t asset) {
    const bool again = prng_.chance(1, 5) && deposits_ > 0;
    const std::uint64_t number = again ? prng_.below(deposits_) : deposits_++;
    const Amount amount{prng_.chance(1, 20) ? 0 : 1'000 + prng_.below(3'000'000)};
    return {AccountId{account}, AssetId{asset}, amount, "d" + std::to_string(number)};
  }

  Signed auth(std::uint64_t account) {
    if (prng_.chance(1, 2)) return {};
    Signed auth{KeyId{prng_.chance(1, 30) ? 1 + prng_.below(accounts + 2) : account}, 0};
    if (prng_.chance(1, 3)) return auth;
    auth.nonce = prng_.chance(1, 20) ? 1 + prng_.below(nonce_ + 1) : ++nonce_;
    return auth;
  }

  Command place() {
    PlaceOrder order;
    const std::uint64_t owner = account();
    order.account = AccountId{owner};
    order.auth = auth(owner);
    order.market =
        MarketId{static_cast<std::uint16_t>(prng_.below(prng_.chance(1, 50) ? 5 : markets))};
    order.side = prng_.chance(1, 2) ? Side::buy : Side::sell;
    order.type = prng_.chance(1, 6) ? OrderType::market : OrderType::limit;
    order.post_only = order.type == OrderType::limit && prng_.chance(1, 6);
    const std::uint64_t drift = order.side == Side::buy ? 0 : 4;
    if (order.type == OrderType::limit) order.price = Price{90 + prng_.below(16) + drift};
    if (order.price.value > 0 && prng_.chance(1, 3)) {
      order.price = Price{order.side == Side::buy ? 60 + prng_.below(30) : 110 + prng_.below(30)};
    }
    order.amount = Lots{1 + prng_.below(prng_.chance(1, 10) ? 25'000 : 400)};
    if (prng_.chance(1, 40)) spoil(order);
    return order;
  }

  void spoil(PlaceOrder& order) {
    switch (prng_.below(5)) {
      case 0:
        order.amount = Lots{prng_.chance(1, 2) ? 0 : ~std::uint64_t{0}};
        break;
      case 1:
        order.price = Price{prng_.chance(1, 2) ? 0 : ~std::uint64_t{0}};
        break;
      case 2:
        order.price = Price{1};
        break;
      case 3:
        order.post_only = true;
        break;
      default:
        order.type = OrderType::market;
        break;
    }
  }

  Command cancel() {
    CancelOrders cancel;
    if (seen_.empty()) return cancel_unknown();
    const OrderView& first = seen_[prng_.below(seen_.size())];
    cancel.account = first.account;
    cancel.auth = auth(first.account.value);
    cancel.market = first.market;
    cancel.orders.push_back(first.id);
    while (prng_.chance(1, 3) && cancel.orders.size() < cancel_orders_max) {
      cancel.orders.push_back(seen_[prng_.below(seen_.size())].id);
    }
    return cancel;
  }

  Command cancel_unknown() {
    return CancelOrders{AccountId{1}, {}, MarketId{0}, {OrderId{1 + prng_.below(100)}}};
  }

  Command operators() {
    switch (prng_.below(4)) {
      case 0:
        return AddAsset{{prng_.chance(1, 2) ? "jpy" : "Bad", 4}};
      case 1:
        return AddMarket{market("btc_jpy", 1, 0, 4, -200, prng_.chance(1, 2) ? 1200 : 1300)};
      case 2:
        return AddAccount{AccountId{prng_.below(3)}, 50, 10};
      default:
        return AddApiKey{AccountId{account()}, "key1", prng_.chance(1, 2) ? "s" : "t"};
    }
  }

  Prng prng_;
  std::uint64_t deposits_ = 0;
  std::uint64_t nonce_ = 0;
  std::vector<OrderView> seen_;
};

}  // namespace oki::core
