#include "notify/channels/signature.h"

#include "crypto/crypto.h"

namespace oki::notify {
namespace {

constexpr ByteView prefix = "whsec_";
constexpr std::int64_t ms_per_second = 1000;

}  // namespace

Result<Bytes> parse_webhook_key(ByteView text) {
  const auto key =
      text.starts_with(prefix) ? crypto::from_base64(text.substr(prefix.size())) : std::nullopt;
  if (key && key->size() >= webhook_key_bytes_min && key->size() <= webhook_key_bytes_max) {
    return *key;
  }
  return error(Errc::invalid, "a key of a webhook is whsec_ and the base64 of 24 to 64 bytes");
}

std::string webhook_signature(ByteView key, ByteView id, std::int64_t seconds, ByteView body) {
  const std::string moment = std::to_string(seconds);
  Bytes content;
  for (const ByteView part : {id, ByteView("."), ByteView(moment), ByteView("."), body}) {
    content += part;
  }
  return "v1," + crypto::base64(crypto::hmac_sha256(key, content));
}

void sign_webhook(net::HttpRequest& request, ByteView key, ByteView id, WallTimeMs now) {
  const std::int64_t seconds = now.value / ms_per_second;
  request.headers.push_back({"webhook-id", std::string(id)});
  request.headers.push_back({"webhook-timestamp", std::to_string(seconds)});
  request.headers.push_back(
      {"webhook-signature", webhook_signature(key, id, seconds, request.body)});
}

}  // namespace oki::notify
