// TCP sockets as file descriptors: non-blocking, closed on exec, without Nagle's delay.
#pragma once

#include <string>

#include "base/net.h"
#include "base/result.h"

namespace oki::host {

// A listening socket, and the address it got where port 0 was asked for.
struct Listening {
  int fd = -1;
  Address address;
};
Result<Listening> open_listener(const Address& address);

// A socket whose connection is under way or, on loopback, may be complete.
Result<int> open_connection(const Address& address);

struct Accepted {
  int fd = -1;  // -1: none is waiting, or it went away; `error_number` says which.
  int error_number = 0;
  Address peer;
};
Accepted accept_one(int listener_fd);

}  // namespace oki::host
