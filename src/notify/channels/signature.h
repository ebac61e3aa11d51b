// Signatures of our webhooks, by the Standard Webhooks specification (version 1.0.0): headers
// webhook-id, webhook-timestamp and webhook-signature = "v1," and the base64 of HMAC-SHA256 over
// "id.timestamp.body". Who receives one checks it before he believes it, refuses old timestamps,
// and knows a repetition by its id.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "net/http.h"

namespace oki::notify {

constexpr std::size_t webhook_key_bytes_min = 24;
constexpr std::size_t webhook_key_bytes_max = 64;

// "whsec_" and base64, as the specification writes a key. Errc::invalid, without showing it.
Result<Bytes> parse_webhook_key(ByteView text);

std::string webhook_signature(ByteView key, ByteView id, std::int64_t seconds, ByteView body);

// Adds the three headers; the body is complete by then.
void sign_webhook(net::HttpRequest& request, ByteView key, ByteView id, WallTimeMs now);

}  // namespace oki::notify
