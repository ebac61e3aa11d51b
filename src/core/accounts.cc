#include "core/accounts.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::core {

bool TokenBucket::take(WallTimeMs now, std::uint32_t per_second) {
  ASSERT(now >= filled_at && per_second > 0);
  // A second fills the bucket; unsigned, as the difference of two far times may pass 63 bits.
  const std::uint64_t passed_ms =
      static_cast<std::uint64_t>(now.value) - static_cast<std::uint64_t>(filled_at.value);
  const std::uint64_t gained = std::min<std::uint64_t>(passed_ms, 1000) * per_second;
  tokens_milli = std::min(full(per_second), tokens_milli + gained);
  filled_at = now;
  if (tokens_milli < 1000) return false;
  tokens_milli -= 1000;
  return true;
}

std::uint32_t& Account::open_orders_in(MarketId market) {
  if (open_orders.size() <= market.value) open_orders.resize(market.value + std::size_t{1});
  return open_orders[market.value];
}

void Accounts::add(const Account& account) {
  ASSERT(account.id.value != 0 && account.id <= customer_account_max);
  const bool is_new = accounts_.emplace(account.id.value, account).second;
  ASSERT(is_new);
}

Account* Accounts::find(AccountId id) {
  const auto found = accounts_.find(id.value);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* Accounts::find(AccountId id) const {
  const auto found = accounts_.find(id.value);
  return found == accounts_.end() ? nullptr : &found->second;
}

std::vector<const Account*> Accounts::sorted() const {
  std::vector<const Account*> sorted;
  sorted.reserve(accounts_.size());
  for (const auto& [id, account] : accounts_) sorted.push_back(&account);
  std::ranges::sort(sorted, {}, [](const Account* account) { return account->id; });
  return sorted;
}

KeyId Accounts::add_key(ApiKey key) {
  key.id = KeyId{keys_.size() + 1};
  const bool is_new = keys_by_text_.emplace(key.key, key.id).second;
  ASSERT(is_new);
  keys_.push_back(std::move(key));
  return keys_.back().id;
}

const ApiKey* Accounts::find_key(const std::string& key) const {
  const auto found = keys_by_text_.find(key);
  return found == keys_by_text_.end() ? nullptr : &keys_[found->second.value - 1];
}

Refusal Accounts::authorize(const Account& account, const Signed& auth) {
  if (auth.key.value == 0) return Refusal::ok;
  if (auth.key.value > keys_.size()) return Refusal::unknown_key;
  ApiKey& key = keys_[auth.key.value - 1];
  if (key.account != account.id) return Refusal::unknown_key;
  if (auth.nonce == 0) return Refusal::ok;
  if (auth.nonce <= key.nonce) return Refusal::nonce_not_increased;
  key.nonce = auth.nonce;
  return Refusal::ok;
}

}  // namespace oki::core
