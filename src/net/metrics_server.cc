#include "net/metrics_server.h"

namespace oki::net {
namespace {

constexpr std::size_t connections_max = 64;
constexpr std::size_t body_bytes_max = 16u << 10;

HttpServerOptions options() {
  HttpServerOptions options;
  options.stream.connections_max = connections_max;
  options.limits.body_bytes_max = body_bytes_max;
  return options;
}

}  // namespace

MetricsServer::MetricsServer(Net& net, Timers& timers, const Clock& clock, const Metrics& metrics)
    : metrics_(metrics), server_(net, timers, clock, *this, options()) {}

void MetricsServer::add_page(std::string path, Page page) {
  pages_.emplace_back(std::move(path), std::move(page));
}

void MetricsServer::add_handler(std::string prefix, Handler handler) {
  handlers_.emplace_back(std::move(prefix), std::move(handler));
}

void MetricsServer::on_request(const Address&, HttpRequest request, Responder responder) {
  for (const auto& [prefix, handler] : handlers_) {
    if (!request.path().starts_with(prefix)) continue;
    // A std::function must be copyable and a Responder is not.
    auto shared = std::make_shared<Responder>(std::move(responder));
    return handler(request, [shared](HttpResponse response) { shared->send(std::move(response)); });
  }
  if (request.method == "GET") {
    for (const auto& [path, page] : pages_) {
      if (request.path() == path) return responder.send(json_response(200, page(request)));
    }
  }
  if (request.method != "GET" || request.path() != "/metrics") {
    return responder.send(text_response(404, "only GET /metrics is here\n"));
  }
  Bytes body = metrics_.prometheus_text();
  for (const Text& text : texts_) body += text();
  HttpResponse response = text_response(200, std::move(body));
  for (HttpHeader& header : response.headers) {
    if (header.name == "Content-Type") header.value = "text/plain; version=0.0.4; charset=utf-8";
  }
  responder.send(std::move(response));
}

}  // namespace oki::net
