#include "net/http_server.h"

#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "net/answer_queue.h"
#include "net/websocket.h"

namespace oki::net {

class Responder::Target {
 public:
  virtual ~Target() = default;
  virtual void answer(std::uint64_t slot, HttpResponse response) = 0;
};

Responder::Responder(std::weak_ptr<Target> target, std::uint64_t slot, ConnectionId connection)
    : target_(std::move(target)), slot_(slot), connection_(connection) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this == &other) return *this;
  abandon();
  target_ = std::move(other.target_);
  slot_ = other.slot_;
  connection_ = other.connection_;
  return *this;
}

Responder::~Responder() { abandon(); }

void Responder::send(HttpResponse response) {
  const auto target = std::exchange(target_, {}).lock();
  if (target) target->answer(slot_, std::move(response));
}

void Responder::abandon() { send(text_response(503, "no answer\n")); }

namespace {

constexpr ByteView continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::uint16_t binary_not_taken = 1003;

Metrics& metrics_or_own(const HttpServerOptions& options, Metrics& own) {
  return options.metrics == nullptr ? own : *options.metrics;
}

}  // namespace

class HttpServer::Impl : public StreamHandler {
 public:
  Impl(Net& net, Timers& timers, const Clock& clock, HttpHandler& handler,
       const HttpServerOptions& options)
      : net_(net), timers_(timers), clock_(clock), handler_(handler), options_(options) {}
  ~Impl() override;

  Result<Address> listen(const Address& address) {
    return net_.listen(address, *this, options_.stream);
  }

  void on_open(ConnectionId id, const Address& peer) override;
  void on_bytes(ConnectionId id, ByteView bytes) override;
  void on_closed(ConnectionId id, CloseReason reason) override;

  void send_frame(SocketId socket, const std::shared_ptr<const Bytes>& frame);
  void close_socket(SocketId socket, std::uint16_t code, ByteView reason);
  std::size_t backlog_bytes(SocketId socket) const {
    return net_.backlog_bytes(ConnectionId{socket.value});
  }
  std::size_t open_connections() const { return connections_.size(); }

 private:
  struct Connection : Responder::Target, std::enable_shared_from_this<Connection> {
    Connection(Impl& owner, ConnectionId connection, const Address& address)
        : server(owner), id(connection), peer(address), parser(owner.options_.limits) {}
    void answer(std::uint64_t slot, HttpResponse response) override {
      answers.answer(slot, std::move(response));
      if (!pumping) server.write_answers(*this);
    }

    Impl& server;
    ConnectionId id;
    Address peer;
    HttpRequestParser parser;
    AnswerQueue answers;
    TimerId request_timer;
    TimerId resume_timer;
    bool pumping = false;
    bool held = false;     // Requests wait unread until answers leave.
    bool deaf = false;     // No further request is read.
    bool closing = false;  // The Net has been told to close.

    std::optional<FrameParser> frames;  // Since the upgrade.
    bool upgrading = false;             // Within on_upgrade(): frames wait for the handshake.
    Bytes early_frames;
  };
  using Shared = std::shared_ptr<Connection>;

  Shared find(ConnectionId id) const;
  void pump(Connection& connection);
  void write_answers(Connection& connection);
  void finish_turn(Connection& connection, Bytes out, bool was_last);
  void resume_soon(Connection& connection);
  void read_requests(Connection& connection, Bytes& out);
  bool read_request(Connection& connection, Bytes& out);
  void take(Connection& connection, HttpRequest request, Bytes& out);
  bool upgrade(Connection& connection, const HttpRequest& request, Bytes& out);
  void refuse(Connection& connection, std::uint16_t status, ByteView why);
  void watch_request(Connection& connection, bool read_any);
  void stop_watching(Connection& connection);
  void stop_timers(Connection& connection);
  void close(Connection& connection);
  void read_frames(Connection& connection);
  void on_frame(Connection& connection, const Message& message);
  void send_control(Connection& connection, FrameKind kind, ByteView payload);
  ByteView date();

  Net& net_;
  Timers& timers_;
  const Clock& clock_;
  HttpHandler& handler_;
  HttpServerOptions options_;
  std::unordered_map<std::uint64_t, Shared> connections_;
  Bytes scratch_;  // Memory for the answers of one pump.
  std::string date_;
  std::int64_t date_second_ = -1;

  Metrics own_metrics_;
  Metrics& metrics_ = metrics_or_own(options_, own_metrics_);
  Counter& requests_ = metrics_.counter("okiagari_http_requests_total", "Whole requests read.");
  Counter& refusals_ = metrics_.counter("okiagari_http_refusals_total",
                                        "Requests refused as malformed or beyond a limit.");
  Counter& timeouts_ =
      metrics_.counter("okiagari_http_timeouts_total", "Requests that took too long to arrive.");
  Gauge& open_ = metrics_.gauge("okiagari_http_connections", "Open connections, sockets included.");
};

HttpServer::Impl::~Impl() {
  net_.detach(*this);
  for (const auto& [id, connection] : connections_) stop_timers(*connection);
}

HttpServer::Impl::Shared HttpServer::Impl::find(ConnectionId id) const {
  const auto found = connections_.find(id.value);
  return found == connections_.end() ? nullptr : found->second;
}

void HttpServer::Impl::on_open(ConnectionId id, const Address& peer) {
  connections_.emplace(id.value, std::make_shared<Connection>(*this, id, peer));
  open_.add(1);
}

void HttpServer::Impl::on_bytes(ConnectionId id, ByteView bytes) {
  const Shared connection = find(id);
  if (!connection || connection->closing) return;
  if (connection->frames) {
    connection->frames->feed(bytes);
    read_frames(*connection);
  } else if (!connection->deaf) {
    connection->parser.feed(bytes);
    pump(*connection);
  }
}

void HttpServer::Impl::on_closed(ConnectionId id, CloseReason) {
  const Shared connection = find(id);
  if (!connection) return;
  connections_.erase(id.value);
  open_.add(-1);
  stop_timers(*connection);
  connection->closing = true;
  if (connection->frames) handler_.on_socket_closed(SocketId{id.value});
  handler_.on_connection_closed(id);
}

// Reads requests and writes answers until neither is possible. Answers given inside on_request()
// find the pump running and leave with it, in one send.
void HttpServer::Impl::pump(Connection& connection) {
  if (connection.pumping || connection.closing || connection.frames) return;
  connection.pumping = true;
  Bytes out = std::move(scratch_);
  AnswerQueue::Written written;
  do {
    read_requests(connection, out);
    written = connection.answers.write_ready(out, date());
  } while (written.answers > 0 && !connection.deaf);
  connection.pumping = false;
  finish_turn(connection, std::move(out), written.last);
  if (connection.frames) read_frames(connection);
}

// For answers that come later. The handler is not called from inside its own call of
// Responder::send(): it may be walking over its Responders. So requests that waited for room are
// read in a turn of their own.
void HttpServer::Impl::write_answers(Connection& connection) {
  if (connection.closing || connection.frames) return;
  Bytes out = std::move(scratch_);
  const AnswerQueue::Written written = connection.answers.write_ready(out, date());
  finish_turn(connection, std::move(out), written.last);
  if (written.answers > 0 && connection.held && !connection.closing) resume_soon(connection);
}

void HttpServer::Impl::resume_soon(Connection& connection) {
  if (connection.resume_timer.value != 0) return;
  connection.resume_timer = timers_.after_ms(0, [this, &connection] {
    connection.resume_timer = {};
    pump(connection);
  });
}

void HttpServer::Impl::finish_turn(Connection& connection, Bytes out, bool was_last) {
  if (!connection.deaf && connection.answers.empty() && connection.parser.take_continue_wanted()) {
    out += continue_line;
  }
  if (!out.empty()) net_.send(connection.id, out);
  out.clear();
  scratch_ = std::move(out);
  if (was_last) close(connection);
}

void HttpServer::Impl::read_requests(Connection& connection, Bytes& out) {
  const HttpLimits& limits = options_.limits;
  bool read_any = false;
  while (!connection.deaf && connection.answers.size() < limits.pipelined_max &&
         read_request(connection, out)) {
    read_any = true;
  }
  if (connection.deaf) return stop_watching(connection);
  connection.held = connection.answers.size() >= limits.pipelined_max;
  if (connection.parser.buffered_bytes() > limits.header_bytes_max + limits.body_bytes_max) {
    return refuse(connection, 503, "too many requests at once");
  }
  watch_request(connection, read_any);
}

// False when there is none.
bool HttpServer::Impl::read_request(Connection& connection, Bytes& out) {
  auto request = connection.parser.next();
  if (!request) {
    refuse(connection, connection.parser.refusal_status(), request.error().message);
    return false;
  }
  if (!*request) return false;
  requests_.add();
  take(connection, std::move(**request), out);
  return true;
}

void HttpServer::Impl::take(Connection& connection, HttpRequest request, Bytes& out) {
  if (is_websocket_upgrade(request)) {
    // Behind unanswered requests it would have to wait for them; no client sends that.
    connection.answers.write_ready(out, date());
    if (connection.answers.empty() && upgrade(connection, request, out)) return;
  }
  connection.deaf = !request.keep_alive;
  const std::uint64_t slot = connection.answers.open(request.method == "HEAD", connection.deaf);
  handler_.on_request(connection.peer, std::move(request),
                      Responder(connection.weak_from_this(), slot, connection.id));
}

bool HttpServer::Impl::upgrade(Connection& connection, const HttpRequest& request, Bytes& out) {
  connection.upgrading = true;
  const bool taken = handler_.on_upgrade(SocketId{connection.id.value}, connection.peer, request);
  connection.upgrading = false;
  const Bytes early = std::exchange(connection.early_frames, {});
  if (!taken) return false;
  append_response(out, websocket_handshake(request), {.date = date()});
  out += early;
  connection.deaf = true;
  connection.frames.emplace(options_.socket_message_bytes_max, true);
  connection.frames->feed(connection.parser.take_rest());
  return true;
}

void HttpServer::Impl::refuse(Connection& connection, std::uint16_t status, ByteView why) {
  refusals_.add();
  connection.deaf = true;
  stop_watching(connection);
  const std::uint64_t slot = connection.answers.open(false, true);
  connection.answers.answer(slot, text_response(status, std::string(why) + "\n"));
}

// The timer runs while a request has begun and the server waits for the rest of it, not while
// requests wait for the server.
void HttpServer::Impl::watch_request(Connection& connection, bool read_any) {
  const bool waits = connection.parser.within_request() && !connection.held;
  if (!waits || read_any) stop_watching(connection);
  if (!waits || connection.request_timer.value != 0) return;
  connection.request_timer = timers_.after_ms(options_.header_timeout_ms, [this, &connection] {
    connection.request_timer = {};
    timeouts_.add();
    refuse(connection, 408, "the request took too long");
    pump(connection);
  });
}

void HttpServer::Impl::stop_watching(Connection& connection) {
  if (connection.request_timer.value != 0) timers_.cancel(connection.request_timer);
  connection.request_timer = {};
}

void HttpServer::Impl::stop_timers(Connection& connection) {
  stop_watching(connection);
  if (connection.resume_timer.value != 0) timers_.cancel(connection.resume_timer);
  connection.resume_timer = {};
}

void HttpServer::Impl::close(Connection& connection) {
  connection.closing = true;
  stop_timers(connection);
  net_.close(connection.id);
}

void HttpServer::Impl::read_frames(Connection& connection) {
  while (!connection.closing) {
    const auto message = connection.frames->next();
    if (!message) {
      const SocketId socket{connection.id.value};
      return close_socket(socket, connection.frames->close_code(), message.error().message);
    }
    if (!*message) return;
    on_frame(connection, **message);
  }
}

void HttpServer::Impl::on_frame(Connection& connection, const Message& message) {
  const SocketId socket{connection.id.value};
  switch (message.kind) {
    case FrameKind::text:
      return handler_.on_message(socket, message.payload);
    case FrameKind::binary:
      return close_socket(socket, binary_not_taken, "text only");
    case FrameKind::ping:
      return send_control(connection, FrameKind::pong, message.payload);
    case FrameKind::pong:
      return;
    case FrameKind::close:
      send_control(connection, FrameKind::close, ByteView(message.payload).substr(0, 2));
      return close(connection);
  }
}

void HttpServer::Impl::send_control(Connection& connection, FrameKind kind, ByteView payload) {
  Bytes frame;
  append_frame(frame, kind, payload);
  net_.send(connection.id, frame);
}

void HttpServer::Impl::send_frame(SocketId socket, const std::shared_ptr<const Bytes>& frame) {
  const Shared connection = find(ConnectionId{socket.value});
  if (!connection || connection->closing) return;
  if (connection->upgrading) {
    connection->early_frames += *frame;
  } else if (connection->frames) {
    net_.send_shared(connection->id, frame);
  }
}

void HttpServer::Impl::close_socket(SocketId socket, std::uint16_t code, ByteView reason) {
  const Shared connection = find(ConnectionId{socket.value});
  if (!connection || connection->closing || !connection->frames) return;
  send_control(*connection, FrameKind::close, close_payload(code, reason));
  close(*connection);
}

ByteView HttpServer::Impl::date() {
  const WallTimeMs now = clock_.wall_now();
  if (now.value / 1000 != date_second_) {
    date_second_ = now.value / 1000;
    date_ = http_date(now);
  }
  return date_;
}

HttpServer::HttpServer(Net& net, Timers& timers, const Clock& clock, HttpHandler& handler,
                       const HttpServerOptions& options)
    : impl_(std::make_unique<Impl>(net, timers, clock, handler, options)) {}
HttpServer::~HttpServer() = default;

Result<Address> HttpServer::listen(const Address& address) { return impl_->listen(address); }
void HttpServer::send_frame(SocketId socket, std::shared_ptr<const Bytes> frame) {
  impl_->send_frame(socket, frame);
}
void HttpServer::close_socket(SocketId socket, std::uint16_t code, ByteView reason) {
  impl_->close_socket(socket, code, reason);
}
std::size_t HttpServer::backlog_bytes(SocketId socket) const {
  return impl_->backlog_bytes(socket);
}
std::size_t HttpServer::open_connections() const { return impl_->open_connections(); }

std::shared_ptr<const Bytes> encode_text_frame(ByteView text) {
  auto frame = std::make_shared<Bytes>();
  frame->reserve(text.size() + 10);
  append_frame(*frame, FrameKind::text, text);
  return frame;
}

}  // namespace oki::net
