// A core with a clock for tests: commands in, decoded replies and events out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "core/commands.h"
#include "core/core.h"
#include "core/events.h"

namespace oki::core {

// The events of `bytes`. REQUIRES: they are whole.
inline std::vector<Event> all_events(ByteView bytes) {
  std::vector<Event> events;
  while (auto event = take_event(bytes)) events.push_back(std::move(*event));
  ASSERT(bytes.empty());
  return events;
}

template <typename T>
std::vector<T> events_of(const std::vector<Event>& events) {
  std::vector<T> found;
  for (const Event& event : events) {
    if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
  }
  return found;
}

// A snapshot without its magic, release, time, number of commands and running hash, and without the
// hash at its end: what must be as it was after a command that changed nothing.
inline Bytes without_counts(const Bytes& snapshot) {
  constexpr std::size_t head = 8 + 4 + 8 + 8 + 8;
  return snapshot.substr(head, snapshot.size() - head - 8);
}

struct World {
  explicit World(const CoreLimits& limits = {}) : core(limits) {}

  Reply operator()(const Command& command) {
    Bytes reply;
    Bytes bytes;
    core.apply(now, encode(command), reply, bytes);
    events = all_events(bytes);
    auto decoded = decode_reply(reply);
    ASSERT(decoded.has_value());
    return std::move(*decoded);
  }

  // btc (8 decimals) and jpy (4 decimals) with btc_jpy: prices in whole yen, lots of 0.0001 btc,
  // maker -200 ppm, taker 1200 ppm. Accounts 1 to `accounts` without a rate limit, each with
  // 1,000,000 jpy and 10 btc.
  void set_up(std::uint64_t accounts = 3) {
    (void)(*this)(AddAsset{{"jpy", 4}});
    (void)(*this)(AddAsset{{"btc", 8}});
    (void)(*this)(AddMarket{btc_jpy()});
    for (std::uint64_t account = 1; account <= accounts; ++account) {
      (void)(*this)(AddAccount{AccountId{account}, 0, 0});
      const std::string reference = std::to_string(account);
      (void)(*this)(Deposit{AccountId{account}, jpy, Amount{10'000'000'000}, "jpy" + reference});
      (void)(*this)(Deposit{AccountId{account}, btc, Amount{1'000'000'000}, "btc" + reference});
    }
  }

  static MarketSpec btc_jpy() {
    MarketSpec spec;
    spec.name = "btc_jpy";
    spec.base = btc;
    spec.quote = jpy;
    spec.amount_digits = 4;
    spec.maker_fee_ppm = -200;
    spec.taker_fee_ppm = 1200;
    spec.price_max = Price{100'000'000};
    spec.limit_amount_max = Lots{10'000'000};
    spec.market_amount_max = Lots{1'000'000};
    return spec;
  }

  static PlaceOrder limit(std::uint64_t account, Side side, std::uint64_t price,
                          std::uint64_t lots) {
    PlaceOrder order;
    order.account = AccountId{account};
    order.side = side;
    order.price = Price{price};
    order.amount = Lots{lots};
    return order;
  }

  static PlaceOrder post_only(std::uint64_t account, Side side, std::uint64_t price,
                              std::uint64_t lots) {
    PlaceOrder order = limit(account, side, price, lots);
    order.post_only = true;
    return order;
  }

  static PlaceOrder market(std::uint64_t account, Side side, std::uint64_t lots) {
    PlaceOrder order = limit(account, side, 0, lots);
    order.type = OrderType::market;
    return order;
  }

  static constexpr AssetId jpy{0};
  static constexpr AssetId btc{1};

  Core core;
  WallTimeMs now{1'700'000'000'000};
  std::vector<Event> events;  // Of the last command.
};

}  // namespace oki::core
