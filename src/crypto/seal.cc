#include <sodium.h>

#include "base/assert.h"
#include "crypto/crypto.h"
#include "crypto/sodium.h"

namespace oki::crypto {

static_assert(seal_key_bytes == crypto_secretbox_KEYBYTES);

constexpr std::size_t nonce_bytes = crypto_secretbox_NONCEBYTES;
constexpr std::size_t overhead_bytes = nonce_bytes + crypto_secretbox_MACBYTES;

Bytes seal(Random& random, ByteView key, ByteView plain) {
  ASSERT(key.size() == seal_key_bytes);
  start_sodium();
  Bytes sealed = random.bytes(nonce_bytes);
  ASSERT(sealed.size() == nonce_bytes);
  sealed.resize(overhead_bytes + plain.size());
  crypto_secretbox_easy(unsigned_data(sealed) + nonce_bytes, unsigned_data(plain), plain.size(),
                        unsigned_data(sealed), unsigned_data(key));
  return sealed;
}

std::optional<Bytes> unseal(ByteView key, ByteView sealed) {
  ASSERT(key.size() == seal_key_bytes);
  if (sealed.size() < overhead_bytes) return std::nullopt;
  start_sodium();
  Bytes plain(sealed.size() - overhead_bytes, '\0');
  const int forged = crypto_secretbox_open_easy(
      unsigned_data(plain), unsigned_data(sealed) + nonce_bytes, sealed.size() - nonce_bytes,
      unsigned_data(sealed), unsigned_data(key));
  if (forged != 0) return std::nullopt;
  return plain;
}

Bytes SystemRandom::bytes(std::size_t count) {
  start_sodium();
  Bytes out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

}  // namespace oki::crypto
