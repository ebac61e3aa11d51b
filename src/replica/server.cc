#include "replica/server.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::replica {
namespace {

constexpr std::int64_t tick_ms = 10;

PeerLinkOptions peer_options(const ServerOptions& options) {
  PeerLinkOptions peers;
  peers.cluster = options.cluster;
  peers.self = options.self;
  peers.seat = options.seat;
  peers.nodes = options.nodes;
  return peers;
}

}  // namespace

NodeServer::NodeServer(const Parts& parts, const ServerOptions& options,
                       std::function<void(const Error&)> on_stop)
    : clock_(parts.clock),
      timers_(parts.timers),
      net_(parts.net),
      log_(parts.log),
      machine_(parts.machine),
      options_(options),
      on_stop_(std::move(on_stop)),
      peers_(parts.clock, parts.net, parts.log, parts.metrics, peer_options(options),
             [this](NodeId node) {
               if (replica_ != nullptr && !stopped_) replica_->on_peer_unreachable(node);
             }),
      followers_(parts.clock, parts.net, parts.metrics,
                 {[this](LogIndex from) { return replica_->block_from(from); },
                  [this] { return replica_->oldest_block(); },
                  [this] { return replica_->status().applied; },
                  [this] { return replica_->status().event_hash; },
                  [this] { return machine_.reader_snapshot(); }},
                 options.followers),
      refused_(parts.metrics.counter("okiagari_replica_connections_refused_total",
                                     "Connections closed for what they sent")),
      submitted_(parts.metrics.counter("okiagari_replica_submitted_total",
                                       "Commands received from clients, retries included")),
      clients_(parts.metrics.gauge("okiagari_replica_connections", "Open inbound connections")) {}

NodeServer::~NodeServer() {
  net_.detach(*this);
  timers_.cancel(tick_timer_);
  timers_.cancel(lagging_timer_);
}

void NodeServer::serve(Replica& replica) {
  ASSERT(replica_ == nullptr);
  replica_ = &replica;
  tick();
}

Result<Address> NodeServer::listen(const Address& address) {
  ASSERT(replica_ != nullptr);
  return net_.listen(address, *this,
                     {.backlog_bytes_max = options_.client_backlog_bytes_max,
                      .idle_timeout_ms = options_.client_idle_ms,
                      .connections_max = options_.connections_max});
}

void NodeServer::tick() {
  tick_timer_ = timers_.after_ms(tick_ms, [this] { tick(); });
  if (stopped_) return;
  peers_.tick();
  if (clock_.mono_now() < next_status_) return;
  tell_status();
  followers_.serve_all();
}

void NodeServer::send_to_node(NodeId to, std::uint32_t seat, Bytes message) {
  peers_.send(to, seat, std::move(message));
}

void NodeServer::stop(const Error& reason) {
  if (stopped_) return;
  stopped_ = true;
  on_stop_(reason);
}

void NodeServer::on_events(const EventBlock* block) {
  followers_.on_events(block);
  if (followers_.someone_lags()) serve_lagging_soon();
}

// Never from inside the Replica: a snapshot taken there could be of half a log entry.
void NodeServer::serve_lagging_soon() {
  if (lagging_soon_) return;
  lagging_soon_ = true;
  lagging_timer_ = timers_.after_ms(0, [this] {
    lagging_soon_ = false;
    if (!stopped_) followers_.serve_all();
  });
}

void NodeServer::on_status(const ReplicaStatus&) {
  if (replica_ != nullptr) tell_status();
}

std::uint32_t NodeServer::seat_of(NodeId node) const {
  for (const Members::Member& member : replica_->status().members.all) {
    if (member.id == node) return member.seat;
  }
  return 0;
}

Status NodeServer::status_frame() const {
  const ReplicaStatus& status = replica_->status();
  return {status.self, options_.seat,  seat_of(status.leader),
          status.term, status.serving, status.applied};
}

void NodeServer::tell_status() {
  next_status_ = clock_.mono_now() + options_.status_ms * ns_per_ms;
  const auto frame = std::make_shared<const Bytes>(encode_frame(status_frame()));
  for (const auto& [connection, guest] : guests_) {
    if (guest.greeted && guest.role == Role::client) net_.send_shared(connection, frame);
  }
}

void NodeServer::on_open(ConnectionId connection, const Address& peer) {
  guests_[connection].address = peer;
  clients_.set(static_cast<std::int64_t>(guests_.size()));
}

void NodeServer::on_closed(ConnectionId connection, CloseReason) {
  guests_.erase(connection);
  followers_.remove(connection);
  clients_.set(static_cast<std::int64_t>(guests_.size()));
}

void NodeServer::on_drained(ConnectionId connection) {
  if (!stopped_) followers_.on_drained(connection);
}

void NodeServer::on_bytes(ConnectionId connection, ByteView bytes) {
  const auto found = guests_.find(connection);
  if (found == guests_.end() || stopped_) return;
  Guest& guest = found->second;
  const auto fed =
      guest.reader.feed(bytes, [&](const Frame& frame) { return take(connection, guest, frame); });
  if (fed) return;
  refused_.add();
  send(connection,
       Goodbye{fed.error().code, ByteView(fed.error().message).substr(0, goodbye_bytes_max)});
  net_.close(connection);
}

Result<void> NodeServer::take(ConnectionId connection, Guest& guest, const Frame& frame) {
  if (stopped_) return error(Errc::unavailable, "this node has stopped");
  if (!guest.greeted) return greet(connection, guest, frame);
  if (const auto* ping = std::get_if<Ping>(&frame)) {
    send(connection, Pong{ping->token});
    return {};
  }
  if (guest.role == Role::node) return take_from_peer(connection, guest, frame);
  return take_from_client(connection, frame);
}

Result<void> NodeServer::greet(ConnectionId connection, Guest& guest, const Frame& frame) {
  const auto* hello = std::get_if<Hello>(&frame);
  if (hello == nullptr || hello->magic != wire_magic) {
    return error(Errc::invalid, "this is the port of an okiagari node");
  }
  if (hello->version != wire_version) {
    return error(Errc::mismatch, "this node speaks version " + std::to_string(wire_version));
  }
  if (hello->cluster != options_.cluster) {
    return error(Errc::mismatch,
                 "this node belongs to cluster " + std::to_string(options_.cluster));
  }
  if (hello->role == Role::node) {
    if (hello->node.value == 0 || hello->node == options_.self) {
      return error(Errc::mismatch, "another node cannot have this node's id");
    }
    if (hello->to.value != 0 && hello->to != options_.self) {
      return error(Errc::mismatch,
                   "this seat is now held by node " + std::to_string(options_.self.value));
    }
    peers_.heard_from(hello->seat);
  }
  guest.greeted = true;
  guest.role = hello->role;
  guest.node = hello->node;
  Hello answer;
  answer.cluster = options_.cluster;
  answer.role = Role::node;
  answer.node = options_.self;
  answer.seat = options_.seat;
  answer.to = hello->node;
  send(connection, answer);
  if (guest.role == Role::client) send(connection, status_frame());
  return {};
}

Result<void> NodeServer::take_from_peer(ConnectionId, Guest& guest, const Frame& frame) {
  const auto* message = std::get_if<PeerBytes>(&frame);
  if (message == nullptr) return error(Errc::invalid, "a node may not ask that");
  replica_->on_peer_message(guest.node, message->bytes);
  return {};
}

Result<void> NodeServer::take_from_client(ConnectionId connection, const Frame& frame) {
  if (const auto* one = std::get_if<Submit>(&frame)) {
    // Session 0 means "open one" to the Replica, and has its own frame.
    if (one->session.value == 0) return error(Errc::invalid, "a command needs a session");
    submit(connection, *one);
  } else if (const auto* open = std::get_if<OpenSession>(&frame)) {
    open_session(connection, open->request);
  } else if (const auto* follow = std::get_if<Follow>(&frame)) {
    followers_.add(connection, *follow);
  } else if (const auto* read = std::get_if<ReadIndex>(&frame)) {
    read_index(connection, read->request);
  } else if (const auto* asked = std::get_if<Admit>(&frame)) {
    admit(connection, *asked);
  } else if (const auto* wanted = std::get_if<Transfer>(&frame)) {
    const TransferResult result = begin_transfer(wanted->seat);
    send(connection, Transferred{wanted->request, result, seat_of(replica_->status().leader)});
  } else {
    return error(Errc::invalid, "a client may not send that");
  }
  return {};
}

// Only to a voter that is heard: the engine would try in vain, and commands would wait meanwhile.
TransferResult NodeServer::begin_transfer(std::uint32_t seat) {
  const ReplicaStatus& status = replica_->status();
  if (!status.serving) return TransferResult::not_leader;
  if (seat == options_.seat) return TransferResult::leads_already;
  for (const Members::Member& member : status.members.all) {
    if (member.seat != seat || member.learner) continue;
    if (!peers_.up(seat)) return TransferResult::not_connected;
    log_.info("replica", "an operator asks another node to lead", {{"seat", std::uint64_t{seat}}});
    replica_->transfer_leadership(member.id);
    return TransferResult::begun;
  }
  return TransferResult::no_such_voter;
}

void NodeServer::send(ConnectionId connection, const Frame& frame) {
  scratch_.clear();
  append_frame(scratch_, frame);
  net_.send(connection, scratch_);
}

void NodeServer::submit(ConnectionId connection, const Submit& submit) {
  submitted_.add();
  ClientCommand command{submit.session, submit.number, submit.floor, Bytes(submit.body)};
  replica_->submit(std::move(command), [this, connection, session = submit.session,
                                        number = submit.number](const SubmitAnswer& answer) {
    send(connection, Submitted{session, number, answer.result, answer.index, seat_of(answer.leader),
                               answer.reply});
  });
}

void NodeServer::open_session(ConnectionId connection, std::uint64_t request) {
  replica_->submit({}, [this, connection, request](const SubmitAnswer& answer) {
    const bool opened = answer.result == SubmitResult::applied;
    send(connection,
         SessionOpened{request, answer.result, SessionId{opened ? answer.index.value : 0},
                       seat_of(answer.leader)});
  });
}

void NodeServer::read_index(ConnectionId connection, std::uint64_t request) {
  replica_->read_barrier([this, connection, request](SubmitResult result, LogIndex index) {
    send(connection, ReadIndexIs{request, result, index});
  });
}

void NodeServer::admit(ConnectionId connection, const Admit& admit) {
  replica_->admit(
      admit.seat, [this, connection, request = admit.request](const SubmitAnswer& answer) {
        send(connection, Admitted{request, answer.result, seat_of(answer.leader), answer.reply});
      });
}

}  // namespace oki::replica
