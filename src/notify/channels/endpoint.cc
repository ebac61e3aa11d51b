#include "notify/channels/endpoint.h"

#include <algorithm>
#include <charconv>

namespace oki::notify {
namespace {

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;
constexpr std::size_t host_bytes_max = 253;

bool is_host(ByteView host) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  };
  return !host.empty() && host.size() <= host_bytes_max &&
         std::all_of(host.begin(), host.end(), is_plain);
}

bool is_path(ByteView path) {
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7F'; };
  return std::all_of(path.begin(), path.end(), is_visible) && path.find('#') == ByteView::npos;
}

bool is_loopback(ByteView host) { return host.starts_with("127.") || host == "::1"; }

}  // namespace

Result<Endpoint> parse_endpoint(ByteView url) {
  const auto malformed = error(Errc::invalid, "an address that is no https://HOST[:PORT]/PATH");
  Endpoint endpoint;
  if (url.size() > url_bytes_max) return malformed;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    endpoint.tls = false;
  } else {
    return malformed;
  }
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  ByteView host = url.substr(0, end);
  endpoint.path = std::string(url.substr(end));
  if (!endpoint.path.starts_with('/')) endpoint.path.insert(0, 1, '/');
  if (!is_path(endpoint.path)) return malformed;
  endpoint.host = std::string(host);
  endpoint.address.port = endpoint.tls ? https_port : http_port;
  const bool bracketed = host.starts_with('[');
  const std::size_t colon = host.rfind(':');
  if (colon != ByteView::npos && (!bracketed || host.rfind(']') < colon)) {
    const ByteView port = host.substr(colon + 1);
    const char* const last = port.data() + port.size();
    const auto [stop, fault] = std::from_chars(port.data(), last, endpoint.address.port);
    if (fault != std::errc{} || stop != last || endpoint.address.port == 0) return malformed;
    host = host.substr(0, colon);
  }
  const bool loopback6 = host == "[::1]";
  if (!loopback6 && !is_host(host)) return malformed;
  endpoint.address.host = loopback6 ? "::1" : std::string(host);
  if (!endpoint.tls && !is_loopback(endpoint.address.host)) {
    return error(Errc::invalid, "http:// is for addresses of this machine (127.0.0.1) only");
  }
  return endpoint;
}

}  // namespace oki::notify
