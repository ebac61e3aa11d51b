#include "notify/subscriber_tokens.h"

#include <utility>

#include "base/assert.h"
#include "crypto/crypto.h"

namespace oki::notify {
namespace {

constexpr std::size_t head_bytes = 9;
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t padded_bytes = 36;

// base64 as crypto reads it: the standard alphabet, padded.
std::optional<Bytes> from_url(ByteView token) {
  Bytes standard(token);
  for (char& c : standard) {
    if (c == '+' || c == '/') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  standard.append(padded_bytes - standard.size(), '=');
  return crypto::from_base64(standard);
}

}  // namespace

SubscriberTokens::SubscriberTokens(Bytes secret) : secret_(std::move(secret)) {
  ASSERT(secret_.size() == subscriber_secret_bytes);
}

std::string SubscriberTokens::token(TokenPurpose purpose, SubscriberId id) const {
  Bytes bytes;
  Writer writer(bytes);
  writer.u8(static_cast<std::uint8_t>(purpose));
  writer.u64(id.value);
  bytes += crypto::hmac_sha256(secret_, bytes).substr(0, mac_bytes);
  return crypto::base64_url(bytes);
}

std::optional<SubscriberId> SubscriberTokens::read(TokenPurpose purpose, ByteView token) const {
  if (token.size() != subscriber_token_bytes) return std::nullopt;
  const std::optional<Bytes> bytes = from_url(token);
  if (!bytes || bytes->size() != head_bytes + mac_bytes) return std::nullopt;
  Reader reader(*bytes);
  const bool is_purpose = reader.u8() == static_cast<std::uint8_t>(purpose);
  const SubscriberId id{reader.u64()};
  // Compared as text, so that one token has one spelling.
  const bool is_ours = crypto::equal_constant_time(this->token(purpose, id), token);
  if (!is_purpose || !is_ours) return std::nullopt;
  return id;
}

}  // namespace oki::notify
