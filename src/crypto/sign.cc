#include <sodium.h>

#include "base/assert.h"
#include "crypto/crypto.h"
#include "crypto/sodium.h"

namespace oki::crypto {

SigningKey signing_key_from_seed(ByteView seed) {
  ASSERT(seed.size() == crypto_sign_SEEDBYTES);
  start_sodium();
  SigningKey key{Bytes(crypto_sign_PUBLICKEYBYTES, '\0'), Bytes(crypto_sign_SECRETKEYBYTES, '\0')};
  crypto_sign_seed_keypair(unsigned_data(key.public_key), unsigned_data(key.secret_key),
                           unsigned_data(seed));
  return key;
}

Bytes sign(const SigningKey& key, ByteView message) {
  ASSERT(key.secret_key.size() == crypto_sign_SECRETKEYBYTES);
  start_sodium();
  Bytes signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(unsigned_data(signature), nullptr, unsigned_data(message), message.size(),
                       unsigned_data(ByteView(key.secret_key)));
  return signature;
}

bool verify(ByteView public_key, ByteView message, ByteView signature) {
  if (public_key.size() != crypto_sign_PUBLICKEYBYTES) return false;
  if (signature.size() != crypto_sign_BYTES) return false;
  start_sodium();
  return crypto_sign_verify_detached(unsigned_data(signature), unsigned_data(message),
                                     message.size(), unsigned_data(public_key)) == 0;
}

}  // namespace oki::crypto
