#include <arpa/inet.h>

#include <array>

#include "crypto/crypto.h"
#include "notify/subscriber_pages.h"

namespace oki::notify {

std::string network_of(const std::string& host) {
  std::array<char, sizeof(in6_addr)> bytes{};
  constexpr const char* mapped = "::ffff:";  // An IPv4 peer of an IPv6 listener.
  const std::string v4 = host.starts_with(mapped) ? host.substr(7) : host;
  if (inet_pton(AF_INET, v4.c_str(), bytes.data()) == 1) {
    return "v4." + crypto::hex({bytes.data(), 3});
  }
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    return "v6." + crypto::hex({bytes.data(), 6});
  }
  return "unknown";
}

}  // namespace oki::notify
