// The words in the links of mails: whoever shows one owns the mailbox that got it.
//
// A token is base64url of: purpose u8, id u64, and the first 16 bytes of HMAC-SHA-256 over both
// under a secret of the house. It needs no table, says nothing about the address, and ends with its
// subscriber, because ids are never used twice. Changing the secret ends every link.
#pragma once

#include <optional>
#include <string>

#include "notify/subscribers.h"

namespace oki::notify {

constexpr std::size_t subscriber_secret_bytes = 32;
constexpr std::size_t subscriber_token_bytes = 34;  // Its length as text.

enum class TokenPurpose : std::uint8_t {
  confirm = 1,
  manage = 2,  // Choosing components and leaving; stands in every notice.
};

class SubscriberTokens {
 public:
  // REQUIRES: subscriber_secret_bytes.
  explicit SubscriberTokens(Bytes secret);

  std::string token(TokenPurpose purpose, SubscriberId id) const;

  // Nothing when it is not ours, or of another purpose.
  std::optional<SubscriberId> read(TokenPurpose purpose, ByteView token) const;

 private:
  Bytes secret_;
};

}  // namespace oki::notify
