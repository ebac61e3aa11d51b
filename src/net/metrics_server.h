// GET /metrics: the process's counters as Prometheus text, on a listener of their own, so that what
// watches a process neither passes nor loads the door that its clients use. What operators may ask
// of the process itself is here too, behind handlers that see to it who asks.
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

  // Every request, whatever its method, to a path that begins with `prefix` ("/admin/"). `respond`
  // is called once, inside or later.
  using Respond = std::function<void(HttpResponse)>;
  using Handler = std::function<void(const HttpRequest&, Respond)>;
  void add_handler(std::string prefix, Handler handler);

  // Metrics that are written when they are asked for, behind the others: whole families, each with
  // its TYPE, of names that no counter of the process has.
  using Text = std::function<Bytes()>;
  void add_text(Text text) { texts_.push_back(std::move(text)); }

  Result<Address> listen(const Address& address) { return server_.listen(address); }

 private:
  void on_request(const Address& peer, HttpRequest request, Responder responder) override;

  const Metrics& metrics_;
  std::vector<std::pair<std::string, Page>> pages_;
  std::vector<std::pair<std::string, Handler>> handlers_;
  std::vector<Text> texts_;
  HttpServer server_;
};

}  // namespace oki::net
