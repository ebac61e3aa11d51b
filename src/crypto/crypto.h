// Thin wrappers over OpenSSL and libsodium: nothing of our own, no exceptions, no secrets in
// errors. Lengths of keys are preconditions; what comes from outside is refused, never asserted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace oki::crypto {

std::string hex(ByteView bytes);  // Lower case.
std::optional<Bytes> from_hex(ByteView text);
std::string base64(ByteView bytes);
std::string base64_url(ByteView bytes);           // Without padding.
std::optional<Bytes> from_base64(ByteView text);  // The standard alphabet, padded.

Bytes sha256(ByteView message);
Bytes sha1(ByteView message);  // Only for the WebSocket handshake.
Bytes hmac_sha256(ByteView key, ByteView message);
Bytes hmac_sha1(ByteView key, ByteView message);  // Only for OAuth 1.0a, which knows no other.

// Takes the same time wherever the first difference is. Different lengths are told at once.
bool equal_constant_time(ByteView a, ByteView b);

// Authenticated encryption with a 32-byte key (XSalsa20-Poly1305, libsodium secretbox); the random
// nonce stands before the ciphertext.
constexpr std::size_t seal_key_bytes = 32;
Bytes seal(Random& random, ByteView key, ByteView plain);
std::optional<Bytes> unseal(ByteView key, ByteView sealed);  // Nothing when forged or damaged.

// Ed25519. The seed is 32 random bytes.
struct SigningKey {
  Bytes public_key;  // 32 bytes
  Bytes secret_key;  // 64 bytes
};
SigningKey signing_key_from_seed(ByteView seed);
Bytes sign(const SigningKey& key, ByteView message);

// False also for keys and signatures of a wrong length: they come from outside.
bool verify(ByteView public_key, ByteView message, ByteView signature);

// The operating system's random source.
class SystemRandom : public Random {
 public:
  Bytes bytes(std::size_t count) override;
};

}  // namespace oki::crypto
