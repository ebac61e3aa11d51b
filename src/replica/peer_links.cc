#include "replica/peer_links.h"

#include <algorithm>
#include <utility>

namespace oki::replica {
namespace {

constexpr std::size_t frame_overhead = frame_header_bytes + 1;

}  // namespace

PeerLinks::PeerLinks(const Clock& clock, Net& net, Log& log, Metrics& metrics,
                     const PeerLinkOptions& options, std::function<void(NodeId)> unreachable)
    : clock_(clock),
      net_(net),
      log_(log),
      options_(options),
      unreachable_(std::move(unreachable)),
      dropped_(metrics.counter("okiagari_replica_peer_dropped_total",
                               "Messages to peers dropped because the queue was full")),
      sent_(metrics.counter("okiagari_replica_peer_sent_bytes_total", "Bytes sent to peers")),
      connections_(metrics.counter("okiagari_replica_peer_connections_total",
                                   "Connections to peers that came up")) {
  for (std::uint32_t seat = 1; seat <= options.nodes.size(); ++seat) {
    if (seat == options.seat) continue;
    Link link;
    link.seat = seat;
    links_.push_back(std::move(link));
  }
}

PeerLinks::~PeerLinks() { net_.detach(*this); }

PeerLinks::Link* PeerLinks::find(std::uint32_t seat) {
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&](const Link& link) { return link.seat == seat; });
  return found == links_.end() ? nullptr : &*found;
}

PeerLinks::Link* PeerLinks::find(ConnectionId connection) {
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&](const Link& link) { return link.connection == connection; });
  return found == links_.end() ? nullptr : &*found;
}

bool PeerLinks::up(std::uint32_t seat) const {
  return std::any_of(links_.begin(), links_.end(),
                     [&](const Link& link) { return link.seat == seat && link.up; });
}

void PeerLinks::send(NodeId to, std::uint32_t seat, Bytes message) {
  Link* link = find(seat);
  // A seat this node has no address for, or more than a frame can carry: as good as lost.
  if (link == nullptr || message.size() + frame_overhead > frame_bytes_max) {
    return dropped_.add();
  }
  if (link->to != to) {
    // The seat has a new holder; what the old one was to be told is of no use to it.
    dropped_.add(link->waiting.size());
    link->waiting.clear();
    link->waiting_bytes = 0;
    link->to = to;
    if (link->up && link->node != to) give_up(*link);
  }
  const bool can_go = link->up && link->waiting.empty() &&
                      net_.backlog_bytes(link->connection) < options_.unsent_bytes_max;
  if (can_go) return write(*link, message);
  link->waiting_bytes += message.size();
  link->waiting.push_back(std::move(message));
  while (link->waiting_bytes > options_.queue_bytes_max) {
    link->waiting_bytes -= link->waiting.front().size();
    link->waiting.pop_front();
    dropped_.add();
  }
}

void PeerLinks::write(Link& link, ByteView message) {
  Bytes frame = encode_frame(PeerBytes{message});
  sent_.add(frame.size());
  net_.send_shared(link.connection, std::make_shared<const Bytes>(std::move(frame)));
}

void PeerLinks::send_waiting(Link& link) {
  while (link.up && !link.waiting.empty() &&
         net_.backlog_bytes(link.connection) < options_.unsent_bytes_max) {
    const Bytes message = std::move(link.waiting.front());
    link.waiting.pop_front();
    link.waiting_bytes -= message.size();
    write(link, message);
  }
}

void PeerLinks::tick() {
  const MonoTimeNs now = clock_.mono_now();
  for (Link& link : links_) {
    if (link.closing) continue;
    if (link.connection.value == 0) {
      if (now >= link.next_attempt) connect(link);
    } else if (now - link.heard >= options_.silent_ms * ns_per_ms) {
      give_up(link);
    } else if (link.up && now >= link.next_ping) {
      link.next_ping = now + options_.ping_ms * ns_per_ms;
      net_.send(link.connection, encode_frame(Ping{}));
    }
  }
}

void PeerLinks::connect(Link& link) {
  link.heard = clock_.mono_now();
  link.reader = FrameReader(1u << 16);
  link.connection = net_.connect(options_.nodes[link.seat - 1], *this,
                                 {.backlog_bytes_max = 4 * frame_bytes_max});
}

void PeerLinks::give_up(Link& link) {
  link.up = false;
  link.closing = true;
  net_.close(link.connection);
}

void PeerLinks::heard_from(std::uint32_t seat) {
  Link* link = find(seat);
  if (link == nullptr) return;
  link->backoff_ms = 0;
  link->next_attempt = clock_.mono_now();
}

void PeerLinks::on_open(ConnectionId connection, const Address&) {
  Link* link = find(connection);
  if (link == nullptr || link->closing) return;
  Hello hello;
  hello.cluster = options_.cluster;
  hello.role = Role::node;
  hello.node = options_.self;
  hello.seat = options_.seat;
  hello.to = link->to;
  net_.send(connection, encode_frame(hello));
}

void PeerLinks::on_bytes(ConnectionId connection, ByteView bytes) {
  Link* link = find(connection);
  if (link == nullptr || link->closing) return;
  link->heard = clock_.mono_now();
  const auto fed = link->reader.feed(bytes, [&](const Frame& frame) { return take(*link, frame); });
  if (fed) return;
  if (!link->complained) {
    link->complained = true;
    log_.warning("replica", "a peer cannot be talked to",
                 {{"seat", std::uint64_t{link->seat}}, {"why", fed.error().message}});
  }
  give_up(*link);
}

Result<void> PeerLinks::take(Link& link, const Frame& frame) {
  if (const auto* goodbye = std::get_if<Goodbye>(&frame)) {
    return error(goodbye->code, "it says: " + std::string(goodbye->why));
  }
  if (link.up) return {};  // Pongs; having heard is all that counts.
  const auto* hello = std::get_if<Hello>(&frame);
  if (hello == nullptr || hello->magic != wire_magic || hello->version != wire_version ||
      hello->role != Role::node || hello->cluster != options_.cluster || hello->seat != link.seat ||
      (link.to.value != 0 && hello->node != link.to)) {
    return error(Errc::mismatch, "it is not the node of this seat in this cluster");
  }
  link.up = true;
  link.node = hello->node;
  link.complained = false;
  link.backoff_ms = 0;
  connections_.add();
  send_waiting(link);
  return {};
}

void PeerLinks::on_closed(ConnectionId connection, CloseReason) {
  Link* link = find(connection);
  if (link == nullptr) return;
  link->connection = {};
  link->up = false;
  link->closing = false;
  link->backoff_ms =
      std::clamp(2 * link->backoff_ms, options_.reconnect_ms_min, options_.reconnect_ms_max);
  link->next_attempt = clock_.mono_now() + link->backoff_ms * ns_per_ms;
  if (link->to.value != 0) unreachable_(link->to);
}

void PeerLinks::on_drained(ConnectionId connection) {
  if (Link* link = find(connection); link != nullptr) send_waiting(*link);
}

}  // namespace oki::replica
