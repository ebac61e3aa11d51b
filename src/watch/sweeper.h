// Cancels what test trades left behind: orders whose placement was answered too late or never.
//
// They would rest for ever and fill the accounts' limit of open orders. So, whether the exchange is
// well or not, every sweep_every_ms one house account's open orders are read through one edge (each
// account through each edge in turn) and those older than sweep_age_ms, which no
// check can still be using, are cancelled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "watch/house_api.h"

namespace oki::watch {

constexpr std::int64_t sweep_every_ms = 2000;
constexpr std::int64_t sweep_age_ms = 5000;
constexpr std::size_t sweep_orders_max = 30;  // What one cancel_orders takes; the rest comes later.

class Sweeper {
 public:
  // `clock` and `timers` must outlive the sweeper. REQUIRES: at least one edge and one account.
  Sweeper(const Clock& clock, Timers& timers, std::vector<Send> edges,
          std::vector<HouseKey> accounts);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  void start();

 private:
  using OrdersByMarket = std::map<std::string, std::vector<std::int64_t>>;

  void sweep();
  OrdersByMarket old_orders(const net::Json& active) const;
  void cancel(OrdersByMarket left);
  // Every account meets every edge within accounts times edges turns.
  const HouseKey& account() const { return accounts_[turn_ % accounts_.size()]; }
  Caller& caller() { return *callers_[turn_ / accounts_.size() % callers_.size()]; }

  const Clock& clock_;
  Timers& timers_;
  std::vector<HouseKey> accounts_;
  std::vector<std::unique_ptr<Caller>> callers_;  // By edge.
  std::size_t turn_ = 0;
  TimerId timer_;
};

}  // namespace oki::watch
