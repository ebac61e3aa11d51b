#include "bench/big_state.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/assert.h"

namespace oki::bench {
namespace {

using namespace core;

constexpr std::uint64_t progress_every = 1'000'000;
constexpr std::uint64_t middle = 1'000'000;  // No order crosses: buys below it, sells above.
constexpr std::uint64_t prices = 5'000;      // To each side.

CoreLimits limits_of(const BigStateOptions& options) {
  CoreLimits limits;
  limits.assets_max = options.markets + 1;
  limits.markets_max = options.markets;
  limits.accounts_max = options.accounts;
  limits.open_orders_max = options.orders;
  return limits;
}

MarketSpec market_spec(std::uint64_t number) {
  MarketSpec spec;
  spec.name = "b" + std::to_string(number) + "_jpy";
  spec.base = AssetId{static_cast<std::uint16_t>(number + 1)};
  spec.quote = AssetId{0};
  spec.amount_digits = 4;
  spec.price_max = Price{2 * middle};
  spec.limit_amount_max = spec.market_amount_max = Lots{1'000};
  return spec;
}

}  // namespace

std::uint64_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  ASSERT(file != nullptr);
  unsigned long long pages = 0;
  unsigned long long resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &pages, &resident);
  std::fclose(file);
  ASSERT(read == 2);
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

BigState::BigState(const BigStateOptions& options) : options_(options), core_(limits_of(options)) {}

bool BigState::apply(const Command& command) {
  reply_.clear();
  events_.clear();
  core_.apply(now_, encode(command), reply_, events_);
  return reply_[0] == 0;
}

bool BigState::add_markets() {
  if (!apply(AddAsset{{"jpy", 4}})) return false;
  for (std::uint64_t i = 0; i < options_.markets; ++i) {
    if (!apply(AddAsset{{"b" + std::to_string(i), 4}}) || !apply(AddMarket{market_spec(i)})) {
      return false;
    }
  }
  return true;
}

bool BigState::add_accounts() {
  for (std::uint64_t i = 1; i <= options_.accounts; ++i) {
    if (!apply(AddAccount{AccountId{i}, 0, 0}) ||
        !apply(Deposit{AccountId{i}, AssetId{0}, Amount{1'000'000'000}, std::to_string(i)})) {
      return false;
    }
    if (i % progress_every == 0) options_.progress(std::to_string(i) + " accounts");
  }
  return true;
}

// A customer's orders lie in a few markets that are his, so that neighbours differ.
PlaceOrder BigState::order_of(std::uint64_t account, std::uint64_t turn) {
  PlaceOrder order;
  order.account = AccountId{account};
  order.market = MarketId{static_cast<std::uint16_t>((account + turn % 2) % options_.markets)};
  order.side = Side::buy;
  order.price = Price{middle - 1 - prng_.below(prices)};
  order.amount = Lots{1};
  return order;
}

bool BigState::add_orders() {
  while (placed_ < options_.orders) {
    const std::uint64_t account = placed_ % options_.accounts + 1;
    if (!apply(order_of(account, placed_ / options_.accounts))) return false;
    if (++placed_ % progress_every == 0) options_.progress(std::to_string(placed_) + " orders");
  }
  return true;
}

Result<BigStateMemory> BigState::fill() {
  const auto refused = [this](const char* what) {
    const auto reply = decode_reply(reply_);
    return error(Errc::mismatch, std::string("the core refuses ") + what + ": " +
                                     core::name(reply ? reply->refusal : Refusal::malformed));
  };
  BigStateMemory memory;
  std::uint64_t before = resident_bytes();
  const auto more = [&before] {
    const std::uint64_t now = resident_bytes();
    const std::uint64_t added = now - std::min(now, before);
    before = now;
    return added;
  };
  if (!add_markets()) return refused("a market");
  memory.markets = more();
  if (!add_accounts()) return refused("an account");
  memory.accounts = more();
  if (!add_orders()) return refused("an order");
  memory.orders = more();
  return memory;
}

void BigState::change(std::uint64_t commands) {
  now_.value += 1;
  for (std::uint64_t i = 0; i < commands; i += 2) {
    const std::uint64_t account = canceled_ % options_.accounts + 1;
    const std::uint64_t turn = canceled_ / options_.accounts;
    PlaceOrder order = order_of(account, turn);
    CancelOrders cancel;
    cancel.account = order.account;
    cancel.market = order.market;
    cancel.orders = {OrderId{++canceled_}};
    ASSERT(apply(cancel));
    ASSERT(apply(order));
  }
}

}  // namespace oki::bench
