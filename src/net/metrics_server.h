// GET /metrics: the process's counters as Prometheus text, on a listener of their own, so that what
// watches a process neither passes nor loads the door that its clients use.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "net/http_server.h"

namespace oki::net {

class MetricsServer : private HttpHandler {
 public:
  // All must outlive the server.
  MetricsServer(Net& net, Timers& timers, const Clock& clock, const Metrics& metrics);

  // Another page of the process about itself: JSON made when it is asked for.
  using Page = std::function<std::string(const HttpRequest&)>;
  void add_page(std::string path, Page page);

  Result<Address> listen(const Address& address) { return server_.listen(address); }

 private:
  void on_request(const Address& peer, HttpRequest request, Responder responder) override;

  const Metrics& metrics_;
  std::vector<std::pair<std::string, Page>> pages_;
  HttpServer server_;
};

}  // namespace oki::net
