// Where a service listens, from a URL in the configuration or in a secret's file.
#pragma once

#include <string>

#include "base/net.h"
#include "base/result.h"

namespace oki::notify {

struct Endpoint {
  bool tls = true;
  Address address;   // Of https a name; of http an IP address of this machine.
  std::string host;  // As the Host header says it.
  std::string path;  // With its query; "/" when there is none.

  // "https://api.x.com"
  std::string origin() const { return (tls ? "https://" : "http://") + host; }
};

constexpr std::size_t url_bytes_max = 2'000;

// http is for forwarders and tests on this machine only: a loopback address. Errc::invalid, without
// showing the URL, because it may hold a secret.
Result<Endpoint> parse_endpoint(ByteView url);

}  // namespace oki::notify
