// OAuth 1.0a (RFC 5849) with HMAC-SHA1: how a program posts to X as one account, for years and
// without a browser. X's OAuth 2 tokens end after two hours and would have to be renewed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace oki::notify {

struct OAuthKeys {
  std::string consumer_key, consumer_secret;
  std::string token, token_secret;
};

struct OAuthMoment {
  std::int64_t seconds = 0;  // Since 1970.
  std::string nonce;         // Letters and digits, never used twice within a second.
};

using OAuthParameters = std::vector<std::pair<std::string, std::string>>;

// The value of the Authorization header. `url` has no query; `parameters` are those of the query
// and of a form, and none for a body of JSON.
std::string oauth_authorization(const OAuthKeys& keys, const OAuthMoment& moment, ByteView method,
                                ByteView url, const OAuthParameters& parameters = {});

}  // namespace oki::notify
