#include "net/metrics_server.h"

namespace oki::net {
namespace {

constexpr std::size_t connections_max = 64;

HttpServerOptions options() {
  HttpServerOptions options;
  options.stream.connections_max = connections_max;
  options.limits.body_bytes_max = 0;
  return options;
}

}  // namespace

MetricsServer::MetricsServer(Net& net, Timers& timers, const Clock& clock, const Metrics& metrics)
    : metrics_(metrics), server_(net, timers, clock, *this, options()) {}

void MetricsServer::add_page(std::string path, Page page) {
  pages_.emplace_back(std::move(path), std::move(page));
}

void MetricsServer::on_request(const Address&, HttpRequest request, Responder responder) {
  if (request.method == "GET") {
    for (const auto& [path, page] : pages_) {
      if (request.path() == path) return responder.send(json_response(200, page(request)));
    }
  }
  if (request.method != "GET" || request.path() != "/metrics") {
    return responder.send(text_response(404, "only GET /metrics is here\n"));
  }
  HttpResponse response = text_response(200, metrics_.prometheus_text());
  for (HttpHeader& header : response.headers) {
    if (header.name == "Content-Type") header.value = "text/plain; version=0.0.4; charset=utf-8";
  }
  responder.send(std::move(response));
}

}  // namespace oki::net
