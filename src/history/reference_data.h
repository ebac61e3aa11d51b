// Assets, markets, accounts and API keys as the events announce them.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/fields.h"
#include "history/projection.h"

namespace oki::history {

class ReferenceData {
 public:
  // Each: null, or what is wrong with the event.
  const char* apply(const core::AssetAdded& event);
  const char* apply(const core::MarketAdded& event);
  const char* apply(const core::AccountAdded& event);
  const char* apply(const core::ApiKeyAdded& event);
  const char* apply(const core::NonceUsed& event);

  const std::vector<core::AssetSpec>& assets() const { return assets_; }
  const std::vector<core::MarketSpec>& markets() const { return markets_; }
  const Projection::ApiKey* api_key(ByteView key) const;
  const Projection::Account* account(core::AccountId id) const;

  void write(core::FieldWriter& io) const;
  // Null, or what is wrong.
  const char* read(core::FieldReader& io);

 private:
  struct Key {
    std::string text;
    Projection::ApiKey key;
  };

  const char* read_accounts(core::FieldReader& io);
  const char* read_keys(core::FieldReader& io);

  std::vector<core::AssetSpec> assets_;
  std::vector<core::MarketSpec> markets_;
  std::map<core::AccountId, Projection::Account> accounts_;
  std::vector<Key> keys_;                                      // By id, from 1 without gaps.
  std::unordered_map<std::string, std::size_t> keys_by_text_;  // Positions in keys_.
};

}  // namespace oki::history
