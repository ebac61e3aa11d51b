#include "replica/client_links.h"

#include <algorithm>
#include <utility>

namespace oki::replica {
namespace {

constexpr std::int64_t ping_ms = 250;
constexpr std::int64_t silences_before_reconnect = 5;
constexpr std::size_t backlog_bytes_max = 64u << 20;

}  // namespace

ClientLinks::ClientLinks(const Clock& clock, Net& net, Log& log, Metrics& metrics,
                         const ClientOptions& options, Events events)
    : clock_(clock),
      net_(net),
      log_(log),
      options_(options),
      events_(std::move(events)),
      connections_(metrics.counter("okiagari_replica_client_connections_total",
                                   "Connections to nodes that came up")),
      broken_(metrics.counter("okiagari_replica_client_broken_total",
                              "Connections to nodes closed for what they sent")) {
  for (const Address& address : options.nodes) {
    Link link;
    link.address = address;
    link.reader = FrameReader(options.frame_bytes_max);
    links_.push_back(std::move(link));
  }
}

ClientLinks::~ClientLinks() { net_.detach(*this); }

const ClientLinks::Link* ClientLinks::find(ConnectionId connection) const {
  if (connection.value == 0) return nullptr;
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&](const Link& link) { return link.connection == connection; });
  return found == links_.end() ? nullptr : &*found;
}

ClientLinks::Link* ClientLinks::find_mutable(ConnectionId connection) {
  return const_cast<Link*>(find(connection));
}

bool ClientLinks::usable(const Link& link) const {
  return link.up && clock_.mono_now() - link.heard < options_.node_silent_ms * ns_per_ms;
}

const ClientLinks::Link* ClientLinks::leader() const {
  const Link* best = nullptr;
  for (const Link& link : links_) {
    if (!usable(link) || !link.status || !link.status->serving) continue;
    if (best == nullptr || link.status->term > best->status->term) best = &link;
  }
  return best;
}

void ClientLinks::tick() {
  const MonoTimeNs now = clock_.mono_now();
  for (Link& link : links_) {
    if (link.connection.value == 0) {
      if (now < link.next_attempt) continue;
      link.heard = now;
      link.dropped = false;
      link.reader = FrameReader(options_.frame_bytes_max);
      link.connection = net_.connect(link.address, *this, {.backlog_bytes_max = backlog_bytes_max});
      continue;
    }
    const std::int64_t silent_ns = now - link.heard;
    if (silent_ns >= silences_before_reconnect * options_.node_silent_ms * ns_per_ms) {
      drop(link.connection);
    } else if (link.up && now >= link.next_ping) {
      link.next_ping = now + ping_ms * ns_per_ms;
      net_.send(link.connection, encode_frame(Ping{}));
    }
  }
}

void ClientLinks::drop(ConnectionId connection) {
  Link* link = find_mutable(connection);
  if (link == nullptr) return;
  link->up = false;
  link->dropped = true;
  link->status.reset();
  net_.close(connection);
}

void ClientLinks::on_open(ConnectionId connection, const Address&) {
  Link* link = find_mutable(connection);
  if (link == nullptr) return;
  link->heard = clock_.mono_now();
  Hello hello;
  hello.cluster = options_.cluster;
  net_.send(connection, encode_frame(hello));
}

void ClientLinks::on_bytes(ConnectionId connection, ByteView bytes) {
  Link* link = find_mutable(connection);
  if (link == nullptr) return;
  link->heard = clock_.mono_now();
  const auto fed = link->reader.feed(bytes, [&](const Frame& frame) { return take(*link, frame); });
  if (fed || link->dropped) return;
  broken_.add();
  complain(*link, fed.error().message);
  drop(connection);
}

Result<void> ClientLinks::take(Link& link, const Frame& frame) {
  if (const auto* goodbye = std::get_if<Goodbye>(&frame)) {
    return error(goodbye->code, "the node says: " + std::string(goodbye->why));
  }
  if (!link.up) return greet(link, frame);
  if (const auto* status = std::get_if<Status>(&frame)) {
    take_status(link, *status);
  } else if (!std::holds_alternative<Pong>(frame)) {
    events_.frame(link.connection, frame);
  }
  // The receiver may have dropped the link: nothing more of it counts.
  if (link.dropped) return error(Errc::unavailable, "the connection was given up");
  return {};
}

Result<void> ClientLinks::greet(Link& link, const Frame& frame) {
  const auto* hello = std::get_if<Hello>(&frame);
  if (hello == nullptr || hello->magic != wire_magic || hello->role != Role::node) {
    return error(Errc::invalid, "this is no node of ours");
  }
  if (hello->version != wire_version) {
    return error(Errc::mismatch, "the node speaks version " + std::to_string(hello->version));
  }
  if (hello->cluster != options_.cluster) {
    return error(Errc::mismatch, "the node belongs to cluster " + std::to_string(hello->cluster));
  }
  link.up = true;
  link.complained = false;
  link.applied_changed = clock_.mono_now();
  connections_.add();
  events_.changed();
  return {};
}

void ClientLinks::take_status(Link& link, const Status& status) {
  if (!link.status || link.status->applied != status.applied) {
    link.applied_changed = clock_.mono_now();
  }
  link.status = status;
  events_.changed();
}

void ClientLinks::complain(Link& link, const std::string& why) {
  if (link.complained) return;
  link.complained = true;
  log_.warning("replica", "connection to a node given up",
               {{"node", to_string(link.address)}, {"why", why}});
}

void ClientLinks::on_closed(ConnectionId connection, CloseReason) {
  Link* link = find_mutable(connection);
  if (link == nullptr) return;
  link->connection = {};
  link->up = false;
  link->status.reset();
  link->next_attempt = clock_.mono_now() + options_.reconnect_ms * ns_per_ms;
  events_.down(connection);
  events_.changed();
}

void ClientLinks::on_drained(ConnectionId connection) {
  if (find(connection) != nullptr) events_.drained(connection);
}

}  // namespace oki::replica
