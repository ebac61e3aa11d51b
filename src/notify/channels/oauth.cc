#include "notify/channels/oauth.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "net/http.h"

namespace oki::notify {
namespace {

// RFC 5849, 3.4.1.3.2: encoded first, then sorted.
std::string normalized(const OAuthParameters& parameters) {
  OAuthParameters encoded;
  for (const auto& [key, value] : parameters) {
    encoded.emplace_back(net::percent_encode(key), net::percent_encode(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [key, value] : encoded) {
    if (!out.empty()) out += '&';
    out += key;
    out += '=';
    out += value;
  }
  return out;
}

}  // namespace

std::string oauth_authorization(const OAuthKeys& keys, const OAuthMoment& moment, ByteView method,
                                ByteView url, const OAuthParameters& parameters) {
  OAuthParameters own = {{"oauth_consumer_key", keys.consumer_key},
                         {"oauth_nonce", moment.nonce},
                         {"oauth_signature_method", "HMAC-SHA1"},
                         {"oauth_timestamp", std::to_string(moment.seconds)},
                         {"oauth_token", keys.token},
                         {"oauth_version", "1.0"}};
  OAuthParameters all = own;
  all.insert(all.end(), parameters.begin(), parameters.end());
  const std::string base = std::string(method) + "&" + net::percent_encode(url) + "&" +
                           net::percent_encode(normalized(all));
  const std::string key =
      net::percent_encode(keys.consumer_secret) + "&" + net::percent_encode(keys.token_secret);
  own.emplace_back("oauth_signature", crypto::base64(crypto::hmac_sha1(key, base)));
  std::string out = "OAuth ";
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (i != 0) out += ", ";
    out += own[i].first + "=\"" + net::percent_encode(own[i].second) + "\"";
  }
  return out;
}

}  // namespace oki::notify
