#include "host/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/poller.h"

namespace oki::host {
namespace {

constexpr int listen_queue_max = 1024;

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Result<socklen_t> fill(const Address& address, SocketAddress& out) {
  std::memset(&out, 0, sizeof out);
  if (inet_pton(AF_INET, address.host.c_str(), &out.v4.sin_addr) == 1) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    return static_cast<socklen_t>(sizeof out.v4);
  }
  if (inet_pton(AF_INET6, address.host.c_str(), &out.v6.sin6_addr) == 1) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(address.port);
    return static_cast<socklen_t>(sizeof out.v6);
  }
  return error(Errc::invalid, "'" + address.host.substr(0, 80) + "' is not an IP address");
}

Address from_socket(const SocketAddress& in) {
  char text[INET6_ADDRSTRLEN] = "";
  if (in.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &in.v6.sin6_addr, text, sizeof text);
    return {text, ntohs(in.v6.sin6_port)};
  }
  inet_ntop(AF_INET, &in.v4.sin_addr, text, sizeof text);
  return {text, ntohs(in.v4.sin_port)};
}

void set_option(int fd, int level, int option, int value) {
  // A socket without the option works all the same, only slower.
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

Result<Listening> open_listener(const Address& address) {
  SocketAddress bound{};
  const auto length = fill(address, bound);
  if (!length) return tl::unexpected(length.error());
  const std::string what = "cannot listen on " + to_string(address);
  const int fd = socket(bound.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno_error(errno, what);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (bound.any.sa_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  SocketAddress actual{};
  socklen_t actual_length = sizeof actual;
  if (bind(fd, &bound.any, *length) != 0 || ::listen(fd, listen_queue_max) != 0 ||
      getsockname(fd, &actual.any, &actual_length) != 0) {
    const int code = errno;
    ::close(fd);
    return errno_error(code, what);
  }
  return Listening{fd, from_socket(actual)};
}

Result<int> open_connection(const Address& address) {
  SocketAddress target{};
  const auto length = fill(address, target);
  if (!length) return tl::unexpected(length.error());
  const std::string what = "cannot connect to " + to_string(address);
  const int fd = socket(target.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno_error(errno, what);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (connect(fd, &target.any, *length) != 0 && errno != EINPROGRESS) {
    const int code = errno;
    ::close(fd);
    return errno_error(code, what);
  }
  return fd;
}

Accepted accept_one(int listener_fd) {
  SocketAddress peer{};
  socklen_t length = sizeof peer;
  const int fd = accept4(listener_fd, &peer.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return {-1, errno, {}};
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  return {fd, 0, from_socket(peer)};
}

}  // namespace oki::host
