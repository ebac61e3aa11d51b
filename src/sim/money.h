// Counts the money of an exchange from its events alone, without the core: what was deposited must
// be on the accounts, asset by asset.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "base/bytes.h"

namespace oki::sim {

class Money {
 public:
  // Takes the events of a block; false when they are malformed or the sums differ after it.
  bool add(ByteView events);

 private:
  std::map<std::pair<std::uint64_t, std::uint16_t>, std::uint64_t> balances_;
  std::map<std::uint16_t, std::uint64_t> deposited_;
  std::map<std::uint16_t, std::uint64_t> held_;  // The sum of `balances_` by asset.
};

}  // namespace oki::sim
