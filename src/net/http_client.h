// An HTTP/1.1 client over base/net.h: one loop, keep-alive, a deadline for each request.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/net.h"
#include "net/http.h"

namespace oki::net {

struct HttpClientOptions {
  HttpLimits limits{.body_bytes_max = 8u << 20};
  std::int64_t deadline_ms = 3000;
  std::size_t connections_max = 8;  // To this server; requests wait for a free one.
  std::size_t waiting_max = 1024;   // More are refused at once with Errc::full.
  std::string host = {};            // For the Host header; empty: the server's address.
};

// Requests to one server. Errc::full: too many wait already. Errc::unavailable: surely not
// processed (never connected, or the deadline passed while waiting for a connection). Errc::io:
// sent, but no answer: outcome unknown.
class HttpClient {
 public:
  using Done = std::function<void(Result<HttpResponse>)>;

  HttpClient(Net& net, Timers& timers, Address server, const HttpClientOptions& options);

  // Outstanding requests are dropped without a call. Not from inside a Done, and the loop of `net`
  // must not run any more.
  ~HttpClient();

  // Called back exactly once, never inside this call.
  void request(HttpRequest request, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oki::net
