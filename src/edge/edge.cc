#include "edge/edge.h"

#include <algorithm>
#include <memory>

namespace oki::edge {
namespace {

// What Engine.IO's own server answers to a transport or version that it does not speak.
net::HttpResponse engine_io_refusal(const net::HttpRequest& request) {
  const bool websocket = request.query().find("transport=websocket") != ByteView::npos;
  const bool version_4 = request.query().find("EIO=4") != ByteView::npos;
  if (!version_4) {
    return net::json_response(400, R"({"code":5,"message":"Unsupported protocol version"})");
  }
  if (websocket) return net::json_response(400, R"({"code":3,"message":"Bad request"})");
  return net::json_response(400, R"({"code":0,"message":"Transport unknown"})");
}

// A number that no edge had before, this one included: orders of one that died must not be kept
// alive by its successor.
std::uint32_t new_edge_number(Random& random) {
  const Bytes bytes = random.bytes(sizeof(std::uint32_t));
  return std::max<std::uint32_t>(Reader(bytes).u32(), 1);
}

EdgeOptions completed(EdgeOptions options, const Edge::Parts& parts) {
  options.server.metrics = &parts.metrics;
  options.sessions.edge = new_edge_number(parts.random);
  return options;
}

}  // namespace

Edge::Edge(const Parts& parts, const EdgeOptions& options)
    : parts_(parts),
      options_(completed(options, parts)),
      projection_(options.projection),
      books_(projection_),
      gateway_({parts.clock, parts.timers, parts.metrics, parts.cluster, projection_, books_,
                parts.control},
               options_),
      server_(parts.net, parts.timers, parts.clock, *this, options_.server),
      streams_({parts.clock, parts.timers, parts.random, parts.metrics, projection_, books_, *this},
               options_.streams),
      index_(parts.metrics.gauge("okiagari_edge_index", "Log index that this edge has read")),
      restarts_(parts.metrics.counter("okiagari_edge_projection_restarts_total",
                                      "Times the projection started from a snapshot")) {
  gateway_.find_streams_by([this](ByteView sid) { return streams_.connection_of(sid); });
  if (parts.control != nullptr) {
    parts.control->on_drain([this] { streams_.close_all("this edge is being taken out"); });
  }
}

Edge::~Edge() {
  if (parts_.control != nullptr) parts_.control->on_drain({});
}

Result<Address> Edge::listen() { return server_.listen(options_.listen); }

Result<void> Edge::on_snapshot(LogIndex index, std::uint64_t hash, ByteView snapshot) {
  // Nobody may be shown an older state than before.
  if (index < gateway_.index()) return error(Errc::mismatch, "it is older than what was read");
  auto restored = history::Projection::restore(snapshot, options_.projection);
  if (!restored) return tl::unexpected(restored.error());
  if (restored->index() > index || restored->event_hash() != hash) {
    return error(Errc::mismatch, "the projection's snapshot is not of the index it was sent for");
  }
  projection_ = std::move(*restored);
  has_copy_ = true;
  restarts_.add();
  index_.set(static_cast<std::int64_t>(index.value));
  parts_.log.info("edge", "reading on from a snapshot", {{"index", index.value}});
  gateway_.reached(index);
  streams_.on_restart();
  return {};
}

void Edge::on_block(const replica::EventBlock& block) {
  if (const auto applied = projection_.apply(block); !applied) return drop(applied.error());
  index_.set(static_cast<std::int64_t>(block.index.value));
  gateway_.reached(block.index);
  streams_.on_change();
}

void Edge::on_up_to(LogIndex index) { gateway_.reached(index); }

// A wrong copy must answer nobody. Only a snapshot mends it.
void Edge::drop(const Error& reason) {
  has_copy_ = false;
  gateway_.lost();
  projection_ = history::Projection(options_.projection);
  parts_.log.error("edge", "dropped a copy of the exchange that contradicts its events",
                   {{"reason", reason.message}});
}

void Edge::on_request(const Address& peer, net::HttpRequest request, net::Responder responder) {
  if (request.path() == "/socket.io/") return responder.send(engine_io_refusal(request));
  // A std::function must be copyable and a Responder is not.
  const std::uint64_t connection = responder.connection().value;
  auto shared = std::make_shared<net::Responder>(std::move(responder));
  gateway_.handle(
      request,
      [shared = std::move(shared)](net::HttpResponse response) {
        shared->send(std::move(response));
      },
      connection, &peer);
}

bool Edge::on_upgrade(net::SocketId socket, const Address&, const net::HttpRequest& request) {
  const bool draining = parts_.control != nullptr && parts_.control->draining();
  if (draining || !Streams::accepts(request)) return false;
  streams_.on_open(socket);
  return true;
}

void Edge::on_message(net::SocketId socket, ByteView text) { streams_.on_message(socket, text); }

void Edge::on_socket_closed(net::SocketId socket) { streams_.on_closed(socket); }

void Edge::on_connection_closed(ConnectionId connection) { gateway_.closed(connection.value); }

void Edge::send_frame(net::SocketId socket, std::shared_ptr<const Bytes> frame) {
  server_.send_frame(socket, std::move(frame));
}

void Edge::close_socket(net::SocketId socket, std::uint16_t code, ByteView reason) {
  server_.close_socket(socket, code, reason);
}

std::size_t Edge::backlog_bytes(net::SocketId socket) const {
  return server_.backlog_bytes(socket);
}

}  // namespace oki::edge
