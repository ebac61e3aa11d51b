#include "net/http_client.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace oki::net {
namespace {

// Below the idle limit of servers (75 s here and in nginx): a connection that its server is about
// to close must not be given a request whose outcome then nobody knows.
constexpr std::int64_t idle_timeout_ms = 30'000;

constexpr std::int64_t deadline_slack_ms = 1000;

StreamOptions stream_options(const HttpClientOptions& options) {
  StreamOptions stream;
  stream.backlog_bytes_max = options.limits.header_bytes_max + options.limits.body_bytes_max;
  stream.idle_timeout_ms = std::max(idle_timeout_ms, options.deadline_ms + deadline_slack_ms);
  return stream;
}

}  // namespace

class HttpClient::Impl : public StreamHandler {
 public:
  Impl(Net& net, Timers& timers, Address server, const HttpClientOptions& options)
      : net_(net), timers_(timers), server_(std::move(server)), options_(options) {}
  ~Impl() override;

  void request(HttpRequest request, Done done);

  void on_open(ConnectionId id, const Address& peer) override;
  void on_bytes(ConnectionId id, ByteView bytes) override;
  void on_closed(ConnectionId id, CloseReason reason) override;

 private:
  struct Pending {
    HttpRequest request;
    Done done;
    TimerId deadline;
  };
  using Number = std::uint64_t;  // Of a request; older ones have lower numbers.

  struct Connection {
    explicit Connection(const HttpLimits& limits) : parser(limits) {}
    HttpResponseParser parser;
    bool open = false;
    bool closing = false;
    bool served = false;           // Has given an answer.
    std::optional<Number> number;  // The request in flight.
    Pending in_flight;

    bool idle() const { return open && !closing && !number; }
  };

  void assign();
  void send(ConnectionId id, Connection& connection, Number number);
  void expire(Number number);
  void close(ConnectionId id, Connection& connection);
  void complete(ConnectionId id, Connection& connection, HttpResponse response);
  void fail(Pending pending, Errc code, const char* why);
  Pending take_in_flight(Connection& connection);
  void fail_all_waiting(const char* why);

  Net& net_;
  Timers& timers_;
  Address server_;
  HttpClientOptions options_;
  std::map<Number, Pending> waiting_;
  std::map<Number, Pending> refused_;  // Until they are told so, at the next turn.
  std::map<ConnectionId, Connection> connections_;
  Number last_number_ = 0;
};

HttpClient::Impl::~Impl() {
  net_.detach(*this);
  for (const auto& [number, pending] : waiting_) timers_.cancel(pending.deadline);
  for (const auto& [number, pending] : refused_) timers_.cancel(pending.deadline);
  for (const auto& [id, connection] : connections_) {
    if (connection.number) timers_.cancel(connection.in_flight.deadline);
  }
}

void HttpClient::Impl::request(HttpRequest request, Done done) {
  const Number number = ++last_number_;
  if (waiting_.size() >= options_.waiting_max) {
    const TimerId soon = timers_.after_ms(0, [this, number] {
      fail(std::move(refused_.extract(number).mapped()), Errc::full, "too many requests wait");
    });
    refused_.emplace(number, Pending{{}, std::move(done), soon});
    return;
  }
  const TimerId deadline =
      timers_.after_ms(options_.deadline_ms, [this, number] { expire(number); });
  waiting_.emplace(number, Pending{std::move(request), std::move(done), deadline});
  assign();
}

// Gives waiting requests, oldest first, to idle connections, and opens as many more as are needed
// and allowed.
void HttpClient::Impl::assign() {
  std::size_t connecting = 0;
  for (auto& [id, connection] : connections_) {
    if (!connection.open) ++connecting;
    if (connection.idle() && !waiting_.empty()) send(id, connection, waiting_.begin()->first);
  }
  while (waiting_.size() > connecting && connections_.size() < options_.connections_max) {
    const ConnectionId id = net_.connect(server_, *this, stream_options(options_));
    connections_.emplace(id, Connection(options_.limits));
    ++connecting;
  }
}

void HttpClient::Impl::send(ConnectionId id, Connection& connection, Number number) {
  connection.number = number;
  connection.in_flight = std::move(waiting_.extract(number).mapped());
  const HttpRequest& request = connection.in_flight.request;
  if (request.method == "HEAD") connection.parser.expect_head();
  net_.send(id, write_request(request, options_.host.empty() ? to_string(server_) : options_.host));
}

void HttpClient::Impl::expire(Number number) {
  if (waiting_.contains(number)) {
    fail(std::move(waiting_.extract(number).mapped()), Errc::unavailable,
         "no connection was free in time");
    return;
  }
  for (auto& [id, connection] : connections_) {
    if (connection.number != number) continue;
    Pending pending = take_in_flight(connection);
    close(id, connection);
    return fail(std::move(pending), Errc::io, "no answer in time");
  }
  ASSERT(false);  // A deadline is cancelled when its request leaves.
}

void HttpClient::Impl::close(ConnectionId id, Connection& connection) {
  connection.closing = true;
  net_.close(id);
}

HttpClient::Impl::Pending HttpClient::Impl::take_in_flight(Connection& connection) {
  connection.number.reset();
  return std::exchange(connection.in_flight, {});
}

// Calls the owner last: it may ask for more at once.
void HttpClient::Impl::fail(Pending pending, Errc code, const char* why) {
  timers_.cancel(pending.deadline);
  pending.done(error(code, to_string(server_) + ": " + why));
}

void HttpClient::Impl::on_open(ConnectionId id, const Address&) {
  connections_.at(id).open = true;
  assign();
}

void HttpClient::Impl::on_bytes(ConnectionId id, ByteView bytes) {
  Connection& connection = connections_.at(id);
  if (connection.closing) return;
  if (!connection.number) return close(id, connection);  // Nobody asked.
  connection.parser.feed(bytes);
  auto response = connection.parser.next();
  if (!response) {
    Pending pending = take_in_flight(connection);
    close(id, connection);
    return fail(std::move(pending), Errc::io, "malformed answer");
  }
  if (*response) complete(id, connection, std::move(**response));
}

void HttpClient::Impl::complete(ConnectionId id, Connection& connection, HttpResponse response) {
  connection.served = true;
  Pending pending = take_in_flight(connection);
  timers_.cancel(pending.deadline);
  const bool again = connection.parser.keep_alive() && pending.request.keep_alive;
  if (!again || response.status == 101) close(id, connection);
  pending.done(std::move(response));
  assign();
}

void HttpClient::Impl::on_closed(ConnectionId id, CloseReason reason) {
  Connection connection = std::move(connections_.extract(id).mapped());
  if (connection.number) {
    Pending pending = take_in_flight(connection);
    auto response = connection.parser.finish();
    if (reason == CloseReason::by_peer && response && *response) {
      timers_.cancel(pending.deadline);
      pending.done(std::move(**response));
    } else {
      fail(std::move(pending), Errc::io, "the connection ended before the answer");
    }
  }
  const bool gave_nothing = !connection.served && !connection.closing;
  const bool none_open = std::none_of(connections_.begin(), connections_.end(),
                                      [](const auto& one) { return one.second.open; });
  if (gave_nothing && none_open) return fail_all_waiting("cannot connect");
  assign();
}

// A server that refuses or drops connections is not asked again and again until the deadline:
// whoever waits is told at once and may go elsewhere.
void HttpClient::Impl::fail_all_waiting(const char* why) {
  std::map<Number, Pending> failed = std::move(waiting_);
  waiting_.clear();
  for (auto& [number, pending] : failed) timers_.cancel(pending.deadline);
  for (auto& [number, pending] : failed) fail(std::move(pending), Errc::unavailable, why);
}

HttpClient::HttpClient(Net& net, Timers& timers, Address server, const HttpClientOptions& options)
    : impl_(std::make_unique<Impl>(net, timers, std::move(server), options)) {}
HttpClient::~HttpClient() = default;

void HttpClient::request(HttpRequest request, Done done) {
  impl_->request(std::move(request), std::move(done));
}

}  // namespace oki::net
