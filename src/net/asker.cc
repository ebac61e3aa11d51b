#include "net/asker.h"

namespace oki::net {
namespace {

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

}  // namespace

std::string asker_of(const Address& peer, const HttpRequest& request) {
  if (!is_loopback(peer.host)) return peer.host;
  // Of several headers of this name the last one is the proxy's own.
  ByteView said;
  for (const HttpHeader& header : request.headers) {
    if (equal_ignoring_case(header.name, "X-Forwarded-For")) said = header.value;
  }
  const std::size_t comma = said.rfind(',');
  if (comma != ByteView::npos) said.remove_prefix(comma + 1);
  while (!said.empty() && said.front() == ' ') said.remove_prefix(1);
  return said.empty() ? peer.host : std::string(said);
}

}  // namespace oki::net
