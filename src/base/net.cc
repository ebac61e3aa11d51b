#include "base/net.h"

#include <charconv>

namespace oki {

std::string to_string(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<Address> parse_address(ByteView text) {
  const auto colon = text.rfind(':');
  const std::string shown(text.substr(0, 80));
  if (colon == ByteView::npos) {
    return error(Errc::invalid, "address '" + shown + "' has no port; write HOST:PORT");
  }
  ByteView host = text.substr(0, colon);
  const ByteView digits = text.substr(colon + 1);
  const bool brackets = host.size() > 1 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.find_first_of("[]") != ByteView::npos ||
      (!brackets && host.find(':') != ByteView::npos)) {
    return error(Errc::invalid, "address '" + shown + "' is malformed; write [HOST]:PORT for IPv6");
  }
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (fault != std::errc{} || end != digits.data() + digits.size()) {
    return error(Errc::invalid, "address '" + shown + "' has no port between 0 and 65535");
  }
  if (host.empty()) return error(Errc::invalid, "address '" + shown + "' has no host");
  return Address{std::string(host), port};
}

const char* name(CloseReason reason) {
  switch (reason) {
    case CloseReason::by_us:
      return "by us";
    case CloseReason::by_peer:
      return "by peer";
    case CloseReason::refused:
      return "refused";
    case CloseReason::reset:
      return "reset";
    case CloseReason::backlog:
      return "backlog";
    case CloseReason::idle:
      return "idle";
  }
  return "unknown";
}

}  // namespace oki
