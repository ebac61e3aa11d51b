#include "host/tcp.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/assert.h"
#include "host/sockets.h"

namespace oki::host {
namespace {

constexpr std::size_t receive_bytes_max = 256u << 10;  // At once; the rest comes next turn.
constexpr std::size_t accepts_per_turn_max = 64;
constexpr std::int64_t connect_timeout_ms = 3000;
constexpr std::int64_t closing_timeout_ms = 5000;  // For the peer to take the last bytes.
constexpr std::int64_t lingering_timeout_ms = 1000;

// Takes the place of a handler that is gone.
class Nobody : public StreamHandler {
  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId, ByteView) override {}
  void on_closed(ConnectionId, CloseReason) override {}
} nobody;

}  // namespace

class TcpNet::Listener : public Pollable {
 public:
  Listener(TcpNet& net, int socket, StreamHandler& owner, const StreamOptions& limits)
      : net_(net), fd(socket), handler(&owner), options(limits) {}
  ~Listener() override { ::close(fd); }
  void on_ready(std::uint32_t) override { net_.accept(*this); }

 private:
  TcpNet& net_;

 public:
  const int fd;
  StreamHandler* handler;
  const StreamOptions options;
  std::size_t connections = 0;
};

class TcpNet::Connection : public Pollable {
 public:
  Connection(TcpNet& net, ConnectionId name, int socket, StreamHandler& owner,
             const StreamOptions& limits)
      : net_(net), id(name), fd(socket), handler(&owner), options(limits) {}
  ~Connection() override {
    if (fd >= 0) ::close(fd);
  }
  void on_ready(std::uint32_t events) override { net_.ready(*this, events); }

 private:
  TcpNet& net_;

 public:
  const ConnectionId id;
  int fd;
  StreamHandler* handler;
  const StreamOptions options;
  Address peer;
  Listener* listener = nullptr;
  Stage stage = Stage::connecting;
  bool close_wanted = false;
  bool unwritten = false;  // In unwritten_.
  bool watches_write = false;
  bool drain_due = false;  // Something was sent since the last on_drained.
  CloseReason reason = CloseReason::by_us;
  SendQueue queue;
  TimerId timer;
  MonoTimeNs last_traffic;
};

TcpNet::TcpNet(Poller& poller, const Clock& clock, Timers& timers)
    : poller_(poller),
      clock_(clock),
      timers_(timers),
      receive_buffer_(receive_bytes_max, '\0'),
      spare_fd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

TcpNet::~TcpNet() {
  for (const auto& [id, connection] : connections_) timers_.cancel(connection->timer);
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

TcpNet::Connection* TcpNet::find(ConnectionId id) const {
  const auto found = connections_.find(id.value);
  return found == connections_.end() ? nullptr : found->second.get();
}

Result<Address> TcpNet::listen(const Address& address, StreamHandler& handler,
                               const StreamOptions& options) {
  const auto opened = open_listener(address);
  if (!opened) return tl::unexpected(opened.error());
  auto listener = std::make_unique<Listener>(*this, opened->fd, handler, options);
  if (auto added = poller_.add(opened->fd, EPOLLIN, *listener); !added) {
    return tl::unexpected(added.error());
  }
  listeners_.push_back(std::move(listener));
  return opened->address;
}

TcpNet::Connection& TcpNet::make(int fd, StreamHandler& handler, const StreamOptions& options) {
  const ConnectionId id{++last_id_};
  auto made = std::make_unique<Connection>(*this, id, fd, handler, options);
  made->last_traffic = clock_.mono_now();
  return *connections_.emplace(id.value, std::move(made)).first->second;
}

ConnectionId TcpNet::connect(const Address& address, StreamHandler& handler,
                             const StreamOptions& options) {
  const auto fd = open_connection(address);
  Connection& connection = make(fd ? *fd : -1, handler, options);
  connection.peer = address;
  if (!fd || !poller_.add(*fd, EPOLLOUT, connection)) {
    end(connection, CloseReason::refused);
    return connection.id;
  }
  arm(connection, connect_timeout_ms);
  return connection.id;
}

void TcpNet::accept(Listener& listener) {
  for (std::size_t i = 0; i < accepts_per_turn_max; ++i) {
    Accepted accepted = accept_one(listener.fd);
    if (accepted.fd < 0) {
      const int code = accepted.error_number;
      if (code == EMFILE || code == ENFILE) refuse_for_lack_of_descriptors(listener.fd);
      if (code == ECONNABORTED || code == EINTR) continue;
      return;
    }
    if (listener.connections >= listener.options.connections_max) {
      ::close(accepted.fd);
      continue;
    }
    Connection& connection = make(accepted.fd, *listener.handler, listener.options);
    connection.peer = std::move(accepted.peer);
    connection.listener = &listener;
    connection.stage = Stage::open;
    ++listener.connections;
    const bool watched = poller_.add(connection.fd, EPOLLIN, connection).has_value();
    if (connection.options.idle_timeout_ms > 0) arm(connection, connection.options.idle_timeout_ms);
    listener.handler->on_open(connection.id, connection.peer);
    if (!watched) end(connection, CloseReason::reset);
  }
}

// A connection that cannot be accepted would keep the listener ready for ever.
void TcpNet::refuse_for_lack_of_descriptors(int listener_fd) {
  if (spare_fd_ >= 0) ::close(spare_fd_);
  const Accepted accepted = accept_one(listener_fd);
  if (accepted.fd >= 0) ::close(accepted.fd);
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void TcpNet::ready(Connection& connection, std::uint32_t events) {
  if (connection.stage == Stage::ended) return;
  if (connection.stage == Stage::connecting) return connected(connection);
  if ((events & EPOLLOUT) != 0) queued(connection);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(connection);
}

void TcpNet::connected(Connection& connection) {
  int fault = 0;
  socklen_t length = sizeof fault;
  if (getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &fault, &length) != 0 || fault != 0) {
    return end(connection, CloseReason::refused);
  }
  connection.stage = Stage::open;
  connection.last_traffic = clock_.mono_now();
  timers_.cancel(connection.timer);
  poller_.modify(connection.fd, EPOLLIN, connection);
  if (connection.close_wanted) {
    arm(connection, closing_timeout_ms);
  } else {
    if (connection.options.idle_timeout_ms > 0) arm(connection, connection.options.idle_timeout_ms);
    connection.handler->on_open(connection.id, connection.peer);
  }
  queued(connection);
}

void TcpNet::receive(Connection& connection) {
  const ssize_t count = recv(connection.fd, receive_buffer_.data(), receive_buffer_.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (connection.stage == Stage::lingering) {
    if (count <= 0) remove(connection);
    return;
  }
  if (count < 0) return end(connection, CloseReason::reset);
  if (count == 0) return end(connection, CloseReason::by_peer);
  if (connection.close_wanted) return;
  connection.last_traffic = clock_.mono_now();
  connection.handler->on_bytes(
      connection.id, ByteView(receive_buffer_).substr(0, static_cast<std::size_t>(count)));
}

void TcpNet::send(ConnectionId id, ByteView bytes) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->close_wanted) return;
  if (connection->stage != Stage::open && connection->stage != Stage::connecting) return;
  connection->queue.add(bytes);
  connection->drain_due = true;
  queued(*connection);
}

void TcpNet::send_shared(ConnectionId id, std::shared_ptr<const Bytes> bytes) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->close_wanted) return;
  if (connection->stage != Stage::open && connection->stage != Stage::connecting) return;
  connection->queue.add_shared(std::move(bytes));
  connection->drain_due = true;
  queued(*connection);
}

void TcpNet::queued(Connection& connection) {
  const std::size_t limit = connection.options.backlog_bytes_max;
  if (connection.queue.bytes() > limit) {
    // What one turn sends may be more than the limit, as long as the peer takes it.
    if (connection.stage == Stage::open) connection.queue.write_to(connection.fd);
    if (connection.queue.bytes() > limit) return end(connection, CloseReason::backlog);
  }
  if (connection.stage == Stage::connecting || connection.unwritten) return;
  connection.unwritten = true;
  unwritten_.push_back(connection.id);
}

void TcpNet::close(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->close_wanted) return;
  if (connection->stage == Stage::ended || connection->stage == Stage::lingering) return;
  connection->close_wanted = true;
  if (connection->stage == Stage::connecting) {
    if (connection->queue.empty()) end(*connection, CloseReason::by_us);
    return;
  }
  timers_.cancel(connection->timer);
  arm(*connection, closing_timeout_ms);
  queued(*connection);
}

std::size_t TcpNet::backlog_bytes(ConnectionId id) const {
  const Connection* connection = find(id);
  return connection == nullptr ? 0 : connection->queue.bytes();
}

void TcpNet::detach(StreamHandler& handler) {
  for (const auto& [id, connection] : connections_) {
    if (connection->handler != &handler) continue;
    connection->handler = &nobody;
    close(connection->id);
  }
  for (auto& listener : listeners_) {
    if (listener->handler != &handler) continue;
    for (const auto& [id, connection] : connections_) {
      if (connection->listener == listener.get()) connection->listener = nullptr;
    }
    listener->handler = &nobody;
    poller_.remove(listener->fd);
    removed_listeners_.push_back(std::move(listener));
  }
  std::erase(listeners_, nullptr);
}

void TcpNet::finish_turn() {
  std::vector<ConnectionId> unwritten;
  unwritten.swap(unwritten_);
  for (const ConnectionId id : unwritten) {
    if (Connection* connection = find(id); connection != nullptr) write(*connection);
  }
  std::vector<ConnectionId> ended;
  ended.swap(ended_);
  for (const ConnectionId id : ended) tell_end(*find(id));
  removed_.clear();
  removed_listeners_.clear();
}

void TcpNet::write(Connection& connection) {
  connection.unwritten = false;
  if (connection.stage != Stage::open) return;
  const std::size_t before = connection.queue.bytes();
  const SendQueue::Written written = connection.queue.write_to(connection.fd);
  if (written == SendQueue::Written::failed) return end(connection, CloseReason::reset);
  if (connection.queue.bytes() != before) connection.last_traffic = clock_.mono_now();
  const bool blocked = written == SendQueue::Written::blocked;
  if (blocked != connection.watches_write) {
    connection.watches_write = blocked;
    poller_.modify(connection.fd, EPOLLIN | (blocked ? EPOLLOUT : 0u), connection);
  }
  if (blocked) return;
  if (connection.close_wanted) return end(connection, CloseReason::by_us);
  if (!connection.drain_due) return;
  connection.drain_due = false;
  connection.handler->on_drained(connection.id);
}

void TcpNet::end(Connection& connection, CloseReason reason) {
  if (connection.stage == Stage::ended) return;
  connection.stage = Stage::ended;
  connection.reason = connection.close_wanted ? CloseReason::by_us : reason;
  timers_.cancel(connection.timer);
  if (connection.fd >= 0) poller_.remove(connection.fd);
  ended_.push_back(connection.id);
}

void TcpNet::tell_end(Connection& connection) {
  if (connection.fd >= 0 && connection.reason == CloseReason::by_peer) {
    // The peer may only have finished its own half: let it have what was answered this turn.
    connection.queue.write_to(connection.fd);
  }
  StreamHandler* const handler = connection.handler;
  const ConnectionId id = connection.id;
  const CloseReason reason = connection.reason;
  const bool all_sent = connection.queue.empty();
  connection.queue.clear();
  if (reason == CloseReason::by_us && connection.fd >= 0 && all_sent) {
    linger(connection);
  } else {
    remove(connection);
  }
  handler->on_closed(id, reason);
}

void TcpNet::linger(Connection& connection) {
  connection.stage = Stage::lingering;
  if (shutdown(connection.fd, SHUT_WR) != 0 || !poller_.add(connection.fd, EPOLLIN, connection)) {
    return remove(connection);
  }
  arm(connection, lingering_timeout_ms);
}

void TcpNet::remove(Connection& connection) {
  connection.stage = Stage::ended;
  timers_.cancel(connection.timer);
  if (connection.listener != nullptr) --connection.listener->connections;
  if (connection.fd >= 0) {
    poller_.remove(connection.fd);
    ::close(connection.fd);
    connection.fd = -1;
  }
  const auto found = connections_.find(connection.id.value);
  removed_.push_back(std::move(found->second));
  connections_.erase(found);
}

void TcpNet::arm(Connection& connection, std::int64_t delay_ms) {
  connection.timer = timers_.after_ms(delay_ms, [this, id = connection.id] { timed_out(id); });
}

void TcpNet::timed_out(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->stage == Stage::ended) return;
  if (connection->stage == Stage::lingering) return remove(*connection);
  if (connection->stage == Stage::connecting) return end(*connection, CloseReason::refused);
  if (connection->close_wanted) return end(*connection, CloseReason::by_us);
  const std::int64_t limit_ns = connection->options.idle_timeout_ms * ns_per_ms;
  const std::int64_t idle_ns = clock_.mono_now() - connection->last_traffic;
  if (idle_ns >= limit_ns) return end(*connection, CloseReason::idle);
  arm(*connection, (limit_ns - idle_ns) / ns_per_ms + 1);
}

}  // namespace oki::host
