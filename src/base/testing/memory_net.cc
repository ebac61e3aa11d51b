#include "base/testing/memory_net.h"

#include <algorithm>

#include "base/assert.h"

namespace oki::testing {

struct MemoryNetwork::End {
  ConnectionId id;
  ConnectionId peer;
  MemoryNet* owner = nullptr;
  StreamHandler* handler = nullptr;
  Address peer_address;
  Place listener;  // Of an accepted end; counts against the listener's limit.
  bool accepted = false;
  bool ended = false;       // Its on_closed is on the way: it sends and takes nothing more.
  std::size_t backlog = 0;  // Sent and not yet delivered.
  std::size_t backlog_max = 0;
};

struct MemoryNetwork::Delivery {
  enum class Kind { attempt, opened, bytes, drained, closed };
  Kind kind = Kind::bytes;
  const MemoryNet* from = nullptr;
  const MemoryNet* to_process = nullptr;
  ConnectionId to{};
  Bytes bytes{};
  std::size_t given = 0;
  CloseReason reason = CloseReason::by_peer;
  Place place{};
  ConnectionId origin{};
};

MemoryNetwork::MemoryNetwork() = default;
MemoryNetwork::~MemoryNetwork() = default;

MemoryNet& MemoryNetwork::host() {
  const std::string ip = "10.0.0." + std::to_string(hosts_.size() + 1);
  hosts_.push_back(std::unique_ptr<MemoryNet>(new MemoryNet(*this, ip)));
  return *hosts_.back();
}

MemoryNetwork::End* MemoryNetwork::find(ConnectionId id) const {
  const auto found = ends_.find(id);
  return found == ends_.end() ? nullptr : found->second.get();
}

bool MemoryNetwork::is_cut(const MemoryNet* a, const MemoryNet* b) const {
  return cuts_.count({std::min(a, b), std::max(a, b)}) != 0;
}

bool MemoryNetwork::held(const Delivery& delivery) const {
  if (is_cut(delivery.from, delivery.to_process)) return true;
  // The kernel of a stopped process still completes handshakes.
  return delivery.kind != Delivery::Kind::attempt && paused_.count(delivery.to_process) != 0;
}

bool MemoryNetwork::step() {
  const auto next = std::find_if(deliveries_.begin(), deliveries_.end(),
                                 [this](const Delivery& one) { return !held(one); });
  if (next == deliveries_.end()) return false;
  if (next->kind == Delivery::Kind::bytes && piece_bytes_ != 0 &&
      next->bytes.size() - next->given > piece_bytes_) {
    Delivery piece = *next;
    piece.bytes = next->bytes.substr(next->given, piece_bytes_);
    next->given += piece_bytes_;
    arrive(piece);
    return true;
  }
  Delivery delivery = std::move(*next);
  deliveries_.erase(next);
  delivery.bytes.erase(0, delivery.given);
  arrive(delivery);
  return true;
}

void MemoryNetwork::run(std::size_t steps_max) {
  while (step()) {
    ASSERT(steps_max > 0);
    --steps_max;
  }
}

void MemoryNetwork::arrive(const Delivery& delivery) {
  if (delivery.kind == Delivery::Kind::attempt) return accept(delivery);
  if (delivery.kind == Delivery::Kind::bytes) {
    // What was on the wire is off it, whether or not somebody still reads there.
    End* sender = find(delivery.origin);
    if (sender != nullptr) {
      sender->backlog -= delivery.bytes.size();
      if (sender->backlog == 0 && !sender->ended) {
        deliveries_.push_back({.kind = Delivery::Kind::drained,
                               .from = sender->owner,
                               .to_process = sender->owner,
                               .to = sender->id});
      }
    }
  }
  End* to = find(delivery.to);
  if (to == nullptr) return;
  if (delivery.kind == Delivery::Kind::closed) {
    StreamHandler* handler = to->handler;
    erase(to->id);
    handler->on_closed(delivery.to, delivery.reason);
    return;
  }
  if (to->ended) return;
  if (delivery.kind == Delivery::Kind::opened) to->handler->on_open(to->id, to->peer_address);
  if (delivery.kind == Delivery::Kind::bytes) to->handler->on_bytes(to->id, delivery.bytes);
  if (delivery.kind == Delivery::Kind::drained) to->handler->on_drained(to->id);
}

void MemoryNetwork::accept(const Delivery& attempt) {
  End* client = find(attempt.origin);
  if (client == nullptr || client->ended) return;
  const auto found = listeners_.find(attempt.place);
  if (found == listeners_.end()) {
    client->ended = true;
    deliveries_.push_back({.kind = Delivery::Kind::closed,
                           .from = client->owner,
                           .to_process = client->owner,
                           .to = client->id,
                           .reason = CloseReason::refused});
    return;
  }
  Listener& listener = found->second;
  const bool has_room = listener.connections < listener.options.connections_max;
  if (has_room) {
    auto server = std::make_unique<End>();
    server->id = attempt.to;
    server->peer = client->id;
    server->owner = listener.owner;
    server->handler = listener.handler;
    server->peer_address = {client->owner->ip(), static_cast<std::uint16_t>(client->id.value)};
    server->listener = attempt.place;
    server->accepted = true;
    server->backlog_max = listener.options.backlog_bytes_max;
    ++listener.connections;
    ends_.emplace(server->id, std::move(server));
    // First in line: bytes sent while connecting are on the way already.
    deliveries_.push_front({.kind = Delivery::Kind::opened,
                            .from = client->owner,
                            .to_process = listener.owner,
                            .to = attempt.to});
  }
  deliveries_.push_front({.kind = Delivery::Kind::opened,
                          .from = listener.owner,
                          .to_process = client->owner,
                          .to = client->id});
  if (!has_room) {
    deliveries_.push_back({.kind = Delivery::Kind::closed,
                           .from = listener.owner,
                           .to_process = client->owner,
                           .to = client->id});
  }
}

void MemoryNetwork::send(const MemoryNet& from, ConnectionId id, ByteView bytes) {
  End* sender = find(id);
  if (sender == nullptr || sender->ended || bytes.empty()) return;
  if (sender->backlog + bytes.size() > sender->backlog_max) {
    return end(*sender, CloseReason::backlog, CloseReason::reset);
  }
  sender->backlog += bytes.size();
  const End* peer = find(sender->peer);
  const MemoryNet* to_process = peer == nullptr ? nullptr : peer->owner;
  if (to_process == nullptr) {
    const auto place = listeners_.find({sender->peer_address.host, sender->peer_address.port});
    to_process = place == listeners_.end() ? &from : place->second.owner;
  }
  deliveries_.push_back({.kind = Delivery::Kind::bytes,
                         .from = &from,
                         .to_process = to_process,
                         .to = sender->peer,
                         .bytes = Bytes(bytes),
                         .origin = id});
}

void MemoryNetwork::end(End& end, CloseReason own, CloseReason peer_reason) {
  if (end.ended) return;
  end.ended = true;
  deliveries_.push_back({.kind = Delivery::Kind::closed,
                         .from = end.owner,
                         .to_process = end.owner,
                         .to = end.id,
                         .reason = own});
  const End* peer = find(end.peer);
  if (peer == nullptr) return;
  deliveries_.push_back({.kind = Delivery::Kind::closed,
                         .from = end.owner,
                         .to_process = peer->owner,
                         .to = peer->id,
                         .reason = peer_reason});
}

void MemoryNetwork::erase(ConnectionId id) {
  const auto found = ends_.find(id);
  if (found == ends_.end()) return;
  if (found->second->accepted) {
    const auto listener = listeners_.find(found->second->listener);
    if (listener != listeners_.end()) --listener->second.connections;
  }
  ends_.erase(found);
}

void MemoryNetwork::pause(MemoryNet& process, bool paused) {
  if (paused) {
    paused_.insert(&process);
  } else {
    paused_.erase(&process);
  }
}

void MemoryNetwork::cut(MemoryNet& a, MemoryNet& b, bool is_cut) {
  const std::pair<const MemoryNet*, const MemoryNet*> pair{std::min(&a, &b), std::max(&a, &b)};
  if (is_cut) {
    cuts_.insert(pair);
  } else {
    cuts_.erase(pair);
  }
}

void MemoryNetwork::crash(MemoryNet& process) {
  std::erase_if(listeners_, [&](const auto& one) { return one.second.owner == &process; });
  std::vector<ConnectionId> gone;
  for (const auto& [id, end] : ends_) {
    if (end->owner == &process) gone.push_back(id);
  }
  for (const ConnectionId id : gone) {
    End* dead = find(id);
    const End* peer = find(dead->peer);
    if (peer != nullptr && peer->owner != &process && !dead->ended) {
      deliveries_.push_back({.kind = Delivery::Kind::closed,
                             .from = &process,
                             .to_process = peer->owner,
                             .to = peer->id,
                             .reason = CloseReason::reset});
    }
    erase(id);
  }
  paused_.erase(&process);
}

Result<Address> MemoryNet::listen(const Address& address, StreamHandler& handler,
                                  const StreamOptions& options) {
  MemoryNetwork::Place place{address.host, address.port};
  while (place.second == 0 || (address.port == 0 && network_.listeners_.count(place) != 0)) {
    place.second = ++last_port_;
  }
  if (network_.listeners_.count(place) != 0) {
    return error(Errc::exists, "cannot listen on " + to_string(address) + ": address in use");
  }
  network_.listeners_[place] = {this, &handler, options, 0};
  return Address{place.first, place.second};
}

ConnectionId MemoryNet::connect(const Address& address, StreamHandler& handler,
                                const StreamOptions& options) {
  const ConnectionId id{++network_.last_id_};
  const ConnectionId peer{++network_.last_id_};
  auto end = std::make_unique<MemoryNetwork::End>();
  end->id = id;
  end->peer = peer;
  end->owner = this;
  end->handler = &handler;
  end->peer_address = address;
  end->backlog_max = options.backlog_bytes_max;
  network_.ends_.emplace(id, std::move(end));
  const MemoryNetwork::Place place{address.host, address.port};
  const auto listener = network_.listeners_.find(place);
  const MemoryNet* target = listener == network_.listeners_.end() ? this : listener->second.owner;
  network_.deliveries_.push_back({.kind = MemoryNetwork::Delivery::Kind::attempt,
                                  .from = this,
                                  .to_process = target,
                                  .to = peer,
                                  .place = place,
                                  .origin = id});
  return id;
}

void MemoryNet::send(ConnectionId connection, ByteView bytes) {
  network_.send(*this, connection, bytes);
}

void MemoryNet::send_shared(ConnectionId connection, std::shared_ptr<const Bytes> bytes) {
  network_.send(*this, connection, *bytes);
}

void MemoryNet::close(ConnectionId connection) {
  MemoryNetwork::End* end = network_.find(connection);
  if (end != nullptr) network_.end(*end, CloseReason::by_us, CloseReason::by_peer);
}

std::size_t MemoryNet::backlog_bytes(ConnectionId connection) const {
  const MemoryNetwork::End* end = network_.find(connection);
  return end == nullptr ? 0 : end->backlog;
}

void MemoryNet::detach(StreamHandler& handler) {
  std::erase_if(network_.listeners_, [&](const auto& one) {
    return one.second.owner == this && one.second.handler == &handler;
  });
  std::vector<ConnectionId> gone;
  for (const auto& [id, end] : network_.ends_) {
    if (end->owner == this && end->handler == &handler) gone.push_back(id);
  }
  for (const ConnectionId id : gone) {
    close(id);
    network_.erase(id);
  }
}

std::size_t MemoryNet::open_connections() const {
  return static_cast<std::size_t>(
      std::count_if(network_.ends_.begin(), network_.ends_.end(),
                    [this](const auto& one) { return one.second->owner == this; }));
}

}  // namespace oki::testing
