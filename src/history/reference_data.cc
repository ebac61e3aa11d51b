#include "history/reference_data.h"

#include <utility>

namespace oki::history {

const char* ReferenceData::apply(const core::AssetAdded& event) {
  if (event.id.value != assets_.size()) return "an asset id out of order";
  assets_.push_back(event.spec);
  return nullptr;
}

const char* ReferenceData::apply(const core::MarketAdded& event) {
  if (event.id.value != markets_.size()) return "a market id out of order";
  const core::MarketSpec& spec = event.spec;
  if (spec.base.value >= assets_.size() || spec.quote.value >= assets_.size()) {
    return "a market of assets that do not exist";
  }
  markets_.push_back(spec);
  return nullptr;
}

const char* ReferenceData::apply(const core::AccountAdded& event) {
  const Projection::Account account{event.updates_per_second, event.queries_per_second};
  return accounts_.emplace(event.id, account).second ? nullptr : "an account twice";
}

const char* ReferenceData::apply(const core::ApiKeyAdded& event) {
  if (event.id.value != keys_.size() + 1) return "a key id out of order";
  if (!accounts_.contains(event.account)) return "a key of an account that does not exist";
  if (!keys_by_text_.emplace(event.key, keys_.size()).second) return "a key twice";
  keys_.push_back({event.key, {event.id, event.account, event.sealed_secret, 0}});
  return nullptr;
}

const char* ReferenceData::apply(const core::NonceUsed& event) {
  if (event.key.value < 1 || event.key.value > keys_.size()) return "a nonce of an unknown key";
  std::uint64_t& nonce = keys_[event.key.value - 1].key.nonce;
  if (event.nonce <= nonce) return "a nonce that does not rise";
  nonce = event.nonce;
  return nullptr;
}

const Projection::ApiKey* ReferenceData::api_key(ByteView key) const {
  const auto found = keys_by_text_.find(std::string(key));
  return found == keys_by_text_.end() ? nullptr : &keys_[found->second].key;
}

const Projection::Account* ReferenceData::account(core::AccountId id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : &found->second;
}

void ReferenceData::write(core::FieldWriter& io) const {
  io(static_cast<std::uint64_t>(assets_.size()));
  for (const core::AssetSpec& spec : assets_) io(spec);
  io(static_cast<std::uint64_t>(markets_.size()));
  for (const core::MarketSpec& spec : markets_) io(spec);
  io(static_cast<std::uint64_t>(accounts_.size()));
  for (const auto& [id, account] : accounts_) {
    io(id, account.updates_per_second, account.queries_per_second);
  }
  io(static_cast<std::uint64_t>(keys_.size()));
  for (const Key& key : keys_) {
    io(key.key.account);
    io.text(key.text, core::api_key_bytes_max);
    io.text(key.key.sealed_secret, core::sealed_secret_bytes_max);
    io(key.key.nonce);
  }
}

const char* ReferenceData::read(core::FieldReader& io) {
  std::uint64_t count = 0;
  io(count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::AssetAdded event{{static_cast<std::uint16_t>(i)}, {}};
    io(event.spec);
    if (const char* fault = apply(event)) return fault;
  }
  io(count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::MarketAdded event{{static_cast<std::uint16_t>(i)}, {}};
    io(event.spec);
    if (!io.ok()) break;
    if (const char* fault = apply(event)) return fault;
  }
  if (const char* fault = read_accounts(io)) return fault;
  return read_keys(io);
}

const char* ReferenceData::read_accounts(core::FieldReader& io) {
  std::uint64_t count = 0;
  io(count);
  core::AccountId last;
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::AccountAdded event;
    io(event.id, event.updates_per_second, event.queries_per_second);
    if (!io.ok()) break;
    if (i > 0 && event.id <= last) return "accounts out of order";
    last = event.id;
    if (const char* fault = apply(event)) return fault;
  }
  return io.ok() ? nullptr : "truncated accounts";
}

const char* ReferenceData::read_keys(core::FieldReader& io) {
  std::uint64_t count = 0;
  io(count);
  for (std::uint64_t i = 0; i < count && io.ok(); ++i) {
    core::ApiKeyAdded event;
    std::uint64_t nonce = 0;
    event.id = {i + 1};
    io(event.account);
    io.text(event.key, core::api_key_bytes_max);
    io.text(event.sealed_secret, core::sealed_secret_bytes_max);
    io(nonce);
    if (!io.ok()) break;
    if (const char* fault = apply(event)) return fault;
    keys_.back().key.nonce = nonce;
  }
  return io.ok() ? nullptr : "truncated keys";
}

}  // namespace oki::history
