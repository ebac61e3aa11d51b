// Starts and stops processes for whoever has the token: how runbooks reach the processes of a
// drill, and of an installation that has no other supervisor. On loopback.
//
//   POST /process {"do":"restart","process":"edge1"}    restart, stop, start or replace
//
// 200 {"says":"..."}; 400 what is asked is none of that; 401; 409 with {"error":"sentence"} when it
// could not be done. `okiagari process restart edge1` is its client.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/net.h"
#include "net/http_server.h"

namespace oki::response {

enum class ProcessVerb : std::uint8_t {
  restart,
  stop,
  start,
  replace,  // A node: stopped, its directory put aside, started with an empty one.
};

class Supervisor : private net::HttpHandler {
 public:
  // Does it before it returns and says what was done, or why not. `process` is "edge1", "node3".
  using Act = std::function<Result<std::string>(ProcessVerb verb, const std::string& process)>;

  struct Parts {
    Net& net;
    Timers& timers;
    const Clock& clock;
  };

  // REQUIRES: the token has at least 32 bytes. The parts must outlive this.
  Supervisor(const Parts& parts, Bytes token, Act act);

  Result<Address> listen(const Address& address) { return server_.listen(address); }

  // What a request is answered; public for tests.
  net::HttpResponse answer(const net::HttpRequest& request);

 private:
  void on_request(const Address&, net::HttpRequest request, net::Responder responder) override {
    responder.send(answer(request));
  }

  const Bytes token_;
  const Act act_;
  net::HttpServer server_;
};

}  // namespace oki::response
