// Who may act: accounts with their rate limits, and API keys with their nonces.
//
// The rate limit is a token bucket in command time: it holds at most `updates_per_second` updates
// and gains that many per second, so a burst may be as large as one second's share. Tokens are
// counted in thousandths, which makes a millisecond's gain a whole number.
//
// Invariants: account ids and key ids are never used twice; a key's nonce only rises.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/commands.h"
#include "core/types.h"

namespace oki::core {

struct TokenBucket {
  std::uint64_t tokens_milli = 0;
  WallTimeMs filled_at;

  static std::uint64_t full(std::uint32_t per_second) { return std::uint64_t{per_second} * 1000; }

  // Takes one update when there is one. REQUIRES: `now` does not go back; per_second > 0.
  bool take(WallTimeMs now, std::uint32_t per_second);
};

struct Account {
  AccountId id;
  std::uint32_t updates_per_second = 0;
  std::uint32_t queries_per_second = 0;
  TokenBucket updates;
  std::vector<std::uint32_t> open_orders;  // By market; shorter when the rest is 0.

  std::uint32_t& open_orders_in(MarketId market);
};

struct ApiKey {
  KeyId id;
  AccountId account;
  std::string key;
  std::string sealed_secret;
  std::uint64_t nonce = 0;
};

class Accounts {
 public:
  // REQUIRES: the id is new and a customer's.
  void add(const Account& account);
  Account* find(AccountId id);
  const Account* find(AccountId id) const;
  std::size_t size() const { return accounts_.size(); }
  std::vector<const Account*> sorted() const;  // By id.

  // REQUIRES: the key is new. Gives it the next id.
  KeyId add_key(ApiKey key);
  const ApiKey* find_key(const std::string& key) const;
  const std::vector<ApiKey>& keys() const { return keys_; }  // By id, from 1 without gaps.

  // Whether `auth` may act for `account`; uses the nonce up when it may.
  Refusal authorize(const Account& account, const Signed& auth);

 private:
  std::unordered_map<std::uint64_t, Account> accounts_;
  std::vector<ApiKey> keys_;
  std::unordered_map<std::string, KeyId> keys_by_text_;
};

}  // namespace oki::core
