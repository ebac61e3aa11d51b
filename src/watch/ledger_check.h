// Money adds up, seen from outside: what each house account holds is explained by its own trades.
//
// For one account at a time: read the balances, the trades and the balances again. When both
// readings of the balances agree, every asset must hold (1) free + locked = on hand, and (2) on
// hand = on hand at the last check + what the trades since then brought and cost, fees included. A
// check that cannot be made (no answer, balances moving, too many trades) says nothing. A mismatch
// keeps the old base, so it stays until the balances are explained again; it is looked at again at
// once and reported when two looks in a row found it.
//
// Deposits and withdrawals are not known here: a watch must be started anew after one on a house
// account. All three readings come from one edge, whose projection moves forward only.
//
// Amounts are counted in 10^-8; a trade whose price times amount is not exact in the quote asset's
// precision may be off by one of its smallest units.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "watch/house_api.h"

namespace oki::watch {

constexpr std::int64_t ledger_check_every_ms = 1000;  // One account each time, in turn.
constexpr std::int64_t ledger_look_again_ms = 200;
constexpr unsigned ledger_mismatches = 2;
constexpr std::size_t ledger_trades_max = 1000;  // What one trade_history answers.

__extension__ using Units = __int128;  // Of 10^-8.

// Nothing when the text is not a decimal of at most 8 digits and 18 digits before the point.
std::optional<Units> parse_units(ByteView text);

struct Holding {
  Units on_hand = 0;
  unsigned precision = 0;

  friend bool operator==(const Holding&, const Holding&) = default;
};
using Holdings = std::map<std::string, Holding>;

struct HouseTrade {
  std::int64_t id = 0;
  std::int64_t executed_at = 0;
  std::string base;
  std::string quote;
  bool buys = false;
  Units price = 0;
  Units amount = 0;
  Units fee_base = 0;
  Units fee_quote = 0;
};

// Nothing when malformed. `consistent` becomes false when free and locked do not make on hand.
std::optional<Holdings> read_holdings(const net::Json& assets, bool& consistent);
std::optional<std::vector<HouseTrade>> read_trades(const net::Json& history);

// Whether `after` is `before` and the trades.
bool explained(const Holdings& before, const Holdings& after,
               const std::vector<HouseTrade>& trades);

class LedgerCheck {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Send send;
  };
  // Called after each check that said something.
  using Report = std::function<void(bool explained)>;

  LedgerCheck(const Parts& parts, std::vector<HouseKey> accounts, Report report);
  ~LedgerCheck();
  LedgerCheck(const LedgerCheck&) = delete;
  LedgerCheck& operator=(const LedgerCheck&) = delete;

  void start();

 private:
  struct Account {
    HouseKey key;
    std::optional<Holdings> base{};
    std::int64_t last_trade = 0;
    std::int64_t last_executed_at = 0;
    unsigned mismatches_in_row = 0;
  };

  void check();
  std::string history_target() const;
  void read(std::string target, std::function<void(const net::Json&)> next);
  void on_holdings(const net::Json& assets);
  void on_trades(const net::Json& history);
  void on_holdings_again(const net::Json& assets);
  void compare();
  void conclude(bool matches);
  void rest(std::int64_t ms = ledger_check_every_ms);

  Parts parts_;
  Caller caller_;
  Report report_;
  std::vector<Account> accounts_;
  std::size_t current_ = 0;
  Holdings holdings_;
  bool consistent_ = true;
  std::vector<HouseTrade> trades_;
  TimerId timer_;
};

}  // namespace oki::watch
