// A core as large as a node must be able to hold, made by commands: accounts with money, markets,
// open orders of many customers. What it costs in memory is what the process has more of behind
// each part.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/prng.h"
#include "base/result.h"
#include "core/core.h"

namespace oki::bench {

struct BigStateOptions {
  std::uint64_t accounts = 1'000'000;
  std::uint64_t orders = 10'000'000;
  std::uint64_t markets = 100;
  std::function<void(const std::string& what)> progress = [](const std::string&) {};
};

// Resident bytes of the process that each part added.
struct BigStateMemory {
  std::uint64_t markets = 0;   // With their assets, and the tables of an empty core.
  std::uint64_t accounts = 0;  // Each with money in one asset,
  std::uint64_t orders = 0;    // and with what its first order in a market needs.
};

class BigState {
 public:
  // REQUIRES: at least one of each, at most 250 markets, at most 20 orders an account.
  explicit BigState(const BigStateOptions& options);

  // Fails when the core refuses a command.
  Result<BigStateMemory> fill();

  // `commands` of customers: each cancels an order and places another one.
  void change(std::uint64_t commands);

  const core::Core& core() const { return core_; }

 private:
  bool apply(const core::Command& command);
  bool add_markets();
  bool add_accounts();
  bool add_orders();
  core::PlaceOrder order_of(std::uint64_t account, std::uint64_t turn);

  BigStateOptions options_;
  core::Core core_;
  WallTimeMs now_{1'700'000'000'000};
  std::uint64_t placed_ = 0;
  std::uint64_t canceled_ = 0;  // Orders 1 to this one.
  Prng prng_{1};
  Bytes reply_, events_;
};

// Of this process.
std::uint64_t resident_bytes();

}  // namespace oki::bench
