#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <string>

#include "base/assert.h"
#include "crypto/crypto.h"
#include "crypto/sodium.h"

namespace oki::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// Looking an algorithm up costs more than hashing a request, so it is done once.
const EVP_MD* fetch(const char* algorithm) {
  const EVP_MD* found = EVP_MD_fetch(nullptr, algorithm, nullptr);
  ASSERT(found != nullptr);
  return found;
}

const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = fetch("SHA256");
  return algorithm;
}

const EVP_MD* sha1_algorithm() {
  static const EVP_MD* const algorithm = fetch("SHA1");
  return algorithm;
}

EVP_MD_CTX* thread_context() {
  thread_local const Context context(EVP_MD_CTX_new());
  ASSERT(context != nullptr);
  return context.get();
}

// These calls fail only when memory is gone.
Bytes digest(const EVP_MD* algorithm, ByteView message) {
  EVP_MD_CTX* context = thread_context();
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ASSERT(EVP_DigestInit_ex2(context, algorithm, nullptr) == 1);
  ASSERT(EVP_DigestUpdate(context, message.data(), message.size()) == 1);
  ASSERT(EVP_DigestFinal_ex(context, out, &size) == 1);
  return {reinterpret_cast<const char*>(out), size};
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// A context that knows its digest already. Naming the digest in each call would look it up each
// time, and that costs more than the hashing of a signed request.
MacContext new_hmac_context(const char* digest_of) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  ASSERT(hmac != nullptr);
  MacContext context(EVP_MAC_CTX_new(hmac));
  EVP_MAC_free(hmac);
  ASSERT(context != nullptr);
  std::string digest_name = digest_of;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end()};
  ASSERT(EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

Bytes mac_of(EVP_MAC_CTX* context, std::size_t mac_bytes, ByteView key, ByteView message) {
  // A null key would mean "the key of the call before": an empty one needs an address.
  const char* key_start = key.empty() ? "" : key.data();
  Bytes mac(mac_bytes, '\0');
  std::size_t size = 0;
  ASSERT(EVP_MAC_init(context, reinterpret_cast<const unsigned char*>(key_start), key.size(),
                      nullptr) == 1);
  ASSERT(EVP_MAC_update(context, unsigned_data(message), message.size()) == 1);
  ASSERT(EVP_MAC_final(context, unsigned_data(mac), &size, mac.size()) == 1);
  ASSERT(size == mac.size());
  return mac;
}

}  // namespace

Bytes sha256(ByteView message) { return digest(sha256_algorithm(), message); }

Bytes sha1(ByteView message) { return digest(sha1_algorithm(), message); }

Bytes hmac_sha256(ByteView key, ByteView message) {
  thread_local const MacContext context = new_hmac_context(OSSL_DIGEST_NAME_SHA2_256);
  return mac_of(context.get(), 32, key, message);
}

Bytes hmac_sha1(ByteView key, ByteView message) {
  thread_local const MacContext context = new_hmac_context(OSSL_DIGEST_NAME_SHA1);
  return mac_of(context.get(), 20, key, message);
}

}  // namespace oki::crypto
