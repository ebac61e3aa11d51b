// A seeded stream of commands over everything that docs/rules.md knows: all kinds, order types,
// modes and timers, prices that drift and crash so that triggers, circuit breaks and losscuts
// really happen, and a share of every mistake. For the oracle, fuzzing and mutation.
//
// It learns order, withdrawal and credit ids, positions and market states from what a core answers,
// so the stream depends on the seed and on that core's rules. The population of open orders stays
// bounded. Every eighth seed is a crowd: many accounts and orders, which makes auctions and walls
// of icebergs of more than fills_per_order_max trades.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/prng.h"
#include "core/commands.h"
#include "core/core.h"
#include "core/testing/known_orders.h"

namespace oki::core {

class MarketCommands {
 public:
  static constexpr std::uint16_t assets = 4;
  static constexpr std::uint16_t markets = 5;
  static constexpr std::uint64_t accounts_usual = 24;
  static constexpr std::uint64_t accounts_crowd = 100;

  struct Timed {
    WallTimeMs time;
    Bytes command;
  };

  explicit MarketCommands(std::uint64_t seed);

  static bool is_crowd(std::uint64_t seed) { return seed % 8 == 7; }

  // Of the core that is to take the commands: small tables, so that they are seen full.
  static CoreLimits limits(bool crowd);

  // The next command; first those that set the exchange up. Valid until the next call.
  const Timed& next();
  std::size_t set_up_size() const { return set_up_.size(); }

  // What the core answered to the last command. REQUIRES: whole replies and events.
  void saw(ByteView reply, ByteView events);

 private:
  enum class Drift : std::uint8_t { calm, up, down, boom, crash };

  struct Market {
    MarketSpec spec;
    std::uint64_t center = 1'000;  // Where the orders are, in ticks.
    Drift drift = Drift::calm;
    MarketStatus status = MarketStatus::normal;
    MarketMode mode = MarketMode::none;
    std::uint16_t stops = 0;
    std::uint64_t reference = 0;
  };

  // market_setup.cc
  void set_up();
  MarketSpec market_spec(std::uint16_t market);
  MarginSpec margin_spec(std::uint16_t market);
  Command another_set_up();

  // market_orders.cc
  PlaceOrder place();
  PlaceOrder usual_order(std::uint64_t account, std::uint16_t market);
  void choose_type(PlaceOrder& order);
  void choose_position(PlaceOrder& order);
  void choose_extras(PlaceOrder& order);
  void spoil(PlaceOrder& order);
  void spoil_terms(PlaceOrder& order);
  PlaceOrder wall_order();
  PlaceOrder crowd_order();
  std::string client_order_id();
  std::uint64_t price_near(std::uint16_t market, Side side);
  std::uint64_t trigger_near(std::uint16_t market, bool upward);
  void move(Market& market);

  // market_changes.cc
  Command amend();
  Command cancel();
  Command cancel_all();
  Command batch();
  Command dead_man();
  SessionId session();

  // market_operators.cc
  Command operate();
  Command market_operation();
  Command mend(std::uint16_t market);
  Command disturb(std::uint16_t market);
  Command schedule(std::uint16_t market);
  Command money_operation();
  Command withdrawal_operation();
  Command request_withdrawal();
  Command freeze();
  Command release_operation();
  Deposit deposit();
  OperatorId operator_id();
  std::string reference();

  // market_commands.cc
  Command any();
  Command crowd();
  std::int64_t pause_ms();
  void damage(Bytes& command);
  void saw_event(std::uint8_t kind, ByteView fields);
  std::uint64_t account();
  std::uint16_t market();
  MarketId market_or_none();
  AssetId asset();
  Signed auth(std::uint64_t account);
  bool one_in(std::uint64_t of) { return prng_.chance(1, of); }
  std::uint64_t upto(std::uint64_t bound) { return prng_.below(bound); }
  std::uint64_t out_of_bounds() { return one_in(2) ? 5 : 70'000; }  // Of every market's prices.

  Prng prng_;
  bool crowd_;
  std::uint64_t accounts_;
  std::vector<Command> set_up_;
  std::size_t given_ = 0;
  Timed timed_;
  std::array<Market, markets> market_;
  KnownOrders orders_;
  KnownPositions positions_;
  RecentIds withdrawals_;
  RecentIds credits_;
  std::vector<std::uint64_t> nonces_;  // By account.
  std::uint64_t references_ = 0;
  std::uint64_t client_ids_ = 0;
  std::uint64_t others_ = 0;  // Assets, accounts and markets tried beyond the set-up.
  std::uint32_t release_ = 1;
  bool frozen_ = false;
};

}  // namespace oki::core
