#include "drill/flood.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/json.h"
#include "crypto/crypto.h"
#include "host/loop.h"
#include "net/json_reader.h"

namespace oki::drill {
namespace {

constexpr const char* window_ms = "60000";
constexpr std::int64_t sign_again_ms = 20'000;
constexpr std::size_t options_bytes_max = 4u << 20;
constexpr int wait_ms = 100;

std::string signed_order(const DrillAccount& account, const std::string& order,
                         std::int64_t now_ms) {
  const std::string time = std::to_string(now_ms);
  const Bytes signature = crypto::hmac_sha256(account.secret, time + window_ms + order);
  return "POST /v1/user/spot/order HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\n"
         "ACCESS-KEY: " +
         account.key + "\r\nACCESS-REQUEST-TIME: " + time + "\r\nACCESS-TIME-WINDOW: " + window_ms +
         "\r\nACCESS-SIGNATURE: " + crypto::hex(signature) +
         "\r\nContent-Length: " + std::to_string(order.size()) + "\r\n\r\n" + order;
}

sockaddr_in place(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

class Flood {
 public:
  explicit Flood(const FloodOptions& options)
      : options_(options), lines_(options.connections), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  ~Flood() {
    for (const Line& line : lines_) {
      if (line.fd >= 0) close(line.fd);
    }
    if (epoll_ >= 0) close(epoll_);
  }

  FloodResult run() {
    const MonoTimeNs began = clock_.mono_now();
    const MonoTimeNs end = began + options_.length_ms * ns_per_ms;
    for (std::size_t i = 0; i < lines_.size(); ++i) open(i);
    epoll_event events[256];
    while (clock_.mono_now() < end) {
      const int ready = epoll_wait(epoll_, events, 256, by_clock() ? 1 : wait_ms);
      for (int i = 0; i < ready; ++i) serve(events[i].data.u64, events[i].events);
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (lines_[i].fd < 0) open(i);
      }
      if (by_clock()) send_due((clock_.mono_now() - began) / ns_per_ms);
    }
    return result_;
  }

 private:
  struct Line {
    int fd = -1;
    bool connected = false;
    std::size_t outstanding = 0;
    std::size_t matched = 0;  // Of the beginning of a status line.
    std::string unsent;
    std::string request;
    std::int64_t signed_at = 0;
  };

  bool by_clock() const { return options_.profile.has_value(); }

  // What is owed at this time, spread over the connections; owed_ is in thousandths of a request.
  void send_due(std::int64_t now_ms) {
    for (; ticked_ms_ < now_ms; ++ticked_ms_) owed_ += rate_at(*options_.profile, ticked_ms_);
    for (std::size_t full = 0; owed_ >= 1000 && full < lines_.size(); ++turn_) {
      Line& line = lines_[turn_ % lines_.size()];
      const bool room = line.fd >= 0 && line.connected && line.outstanding < options_.pipelined;
      full = room ? 0 : full + 1;
      if (!room) continue;
      add_request(turn_ % lines_.size());
      flush(line);
      owed_ -= 1000;
    }
    result_.given_up += owed_ / 1000;
    owed_ %= 1000;
  }

  void open(std::size_t number) {
    Line& line = lines_[number];
    line = {};
    line.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (line.fd < 0) return;
    const std::string from =
        "127.1." + std::to_string(number / 250 % 250) + "." + std::to_string(number % 250 + 1);
    const sockaddr_in source = place(from, 0);
    const Address& edge = options_.edges[number % options_.edges.size()];
    const sockaddr_in target = place(edge.host, edge.port);
    const bool bound =
        bind(line.fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
    const int code =
        bound ? connect(line.fd, reinterpret_cast<const sockaddr*>(&target), sizeof target) : -1;
    if (!bound || (code != 0 && errno != EINPROGRESS)) return lose(line);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = number;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, line.fd, &event);
  }

  void lose(Line& line) {
    ++result_.connections_lost;
    close(line.fd);
    line.fd = -1;
  }

  void serve(std::uint64_t number, std::uint32_t events) {
    Line& line = lines_[number];
    if (line.fd < 0) return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return lose(line);
    if (!read_all(line)) return lose(line);
    line.connected = true;
    while (!by_clock() && line.outstanding < options_.pipelined) add_request(number);
    flush(line);
  }

  bool read_all(Line& line) {
    char buffer[16384];
    while (true) {
      const ssize_t length = recv(line.fd, buffer, sizeof buffer, 0);
      if (length == 0) return false;
      if (length < 0) return errno == EAGAIN;
      count(line, {buffer, static_cast<std::size_t>(length)});
    }
  }

  // Finds "HTTP/1.1 NNN" wherever it stands; bodies here never hold it.
  void count(Line& line, ByteView bytes) {
    constexpr ByteView beginning = "HTTP/1.1 ";
    for (const char byte : bytes) {
      if (line.matched == beginning.size()) {
        line.matched = 0;
        answered(line, byte);
      } else if (byte == beginning[line.matched]) {
        ++line.matched;
      } else {
        line.matched = byte == beginning[0] ? 1 : 0;
      }
    }
  }

  void answered(Line& line, char first_digit) {
    if (line.outstanding > 0) --line.outstanding;
    ++(first_digit == '2'   ? result_.answers_ok
       : first_digit == '4' ? result_.answers_refused
       : first_digit == '5' ? result_.answers_busy
                            : result_.answers_other);
  }

  void add_request(std::size_t number) {
    Line& line = lines_[number];
    const std::int64_t now_ms = clock_.wall_now().value;
    if (now_ms - line.signed_at > sign_again_ms) {
      line.request = options_.read.empty()
                         ? signed_order(options_.accounts[number % options_.accounts.size()],
                                        options_.order, now_ms)
                         : "GET " + options_.read + " HTTP/1.1\r\nHost: edge\r\n\r\n";
      line.signed_at = now_ms;
    }
    line.unsent += line.request;
    ++line.outstanding;
    ++result_.sent;
  }

  void flush(Line& line) {
    while (!line.unsent.empty()) {
      const ssize_t length = send(line.fd, line.unsent.data(), line.unsent.size(), MSG_NOSIGNAL);
      if (length < 0) return;
      line.unsent.erase(0, static_cast<std::size_t>(length));
    }
  }

  const FloodOptions& options_;
  host::RealClock clock_;
  std::vector<Line> lines_;
  int epoll_;
  FloodResult result_;
  std::int64_t ticked_ms_ = 0;
  std::uint64_t owed_ = 0;
  std::size_t turn_ = 0;
};

const net::Json* member(const net::Json& json, ByteView name) { return json.find(name); }

std::string word(const net::Json& json, ByteView name) {
  const net::Json* value = member(json, name);
  return std::string(value == nullptr ? ByteView{} : value->string().value_or(ByteView{}));
}

std::int64_t number(const net::Json& json, ByteView name) {
  const net::Json* value = member(json, name);
  return value == nullptr ? 0 : value->integer().value_or(0);
}

}  // namespace

Result<FloodResult> run_flood(const FloodOptions& options) {
  const bool something = !options.read.empty() || !options.accounts.empty();
  const bool sound = !options.edges.empty() && something && options.connections >= 1 &&
                     options.connections <= flood_connections_max && options.pipelined >= 1 &&
                     options.pipelined <= 64;
  if (!sound) return error(Errc::invalid, "a flood needs edges, accounts and some connections");
  for (const Address& edge : options.edges) {
    if (!ByteView(edge.host).starts_with("127.")) {
      return error(Errc::invalid, "floods go to the loopback only");
    }
  }
  Flood flood(options);
  return flood.run();
}

std::string to_json(const FloodResult& result) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .field("sent", result.sent)
      .field("given_up", result.given_up)
      .field("answers_ok", result.answers_ok)
      .field("answers_refused", result.answers_refused)
      .field("answers_busy", result.answers_busy)
      .field("answers_other", result.answers_other)
      .field("connections_lost", result.connections_lost)
      .end_object();
  return out;
}

Bytes encode(const FloodOptions& options) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object().field("order", options.order).field("read", options.read);
  if (options.profile) {
    const RateProfile& profile = *options.profile;
    json.field("usual_per_second", profile.usual_per_second);
    json.field("high_per_second", profile.high_per_second);
    json.field("usual_ms", profile.usual_ms).field("rise_ms", profile.rise_ms);
    json.field("high_ms", profile.high_ms).field("fall_ms", profile.fall_ms);
  }
  json.field("connections", std::uint64_t{options.connections});
  json.field("pipelined", std::uint64_t{options.pipelined});
  json.field("length_ms", options.length_ms).key("edges").begin_array();
  for (const Address& edge : options.edges) json.string(to_string(edge));
  json.end_array().key("accounts").begin_array();
  for (const DrillAccount& account : options.accounts) {
    json.begin_object().field("key", account.key).field("secret", account.secret).end_object();
  }
  json.end_array().end_object();
  return out;
}

Result<FloodOptions> decode_flood(ByteView text) {
  const auto json = net::parse_json(text, options_bytes_max);
  if (!json) return tl::unexpected(json.error());
  FloodOptions options;
  options.order = word(*json, "order");
  options.read = word(*json, "read");
  if (member(*json, "high_per_second") != nullptr) {
    RateProfile profile;
    profile.usual_per_second = static_cast<std::uint64_t>(number(*json, "usual_per_second"));
    profile.high_per_second = static_cast<std::uint64_t>(number(*json, "high_per_second"));
    profile.usual_ms = number(*json, "usual_ms");
    profile.rise_ms = number(*json, "rise_ms");
    profile.high_ms = number(*json, "high_ms");
    profile.fall_ms = number(*json, "fall_ms");
    options.profile = profile;
  }
  options.connections = static_cast<std::size_t>(number(*json, "connections"));
  options.pipelined = static_cast<std::size_t>(number(*json, "pipelined"));
  options.length_ms = number(*json, "length_ms");
  const net::Json* edges = member(*json, "edges");
  const net::Json* accounts = member(*json, "accounts");
  if (edges == nullptr || accounts == nullptr || edges->array() == nullptr ||
      accounts->array() == nullptr) {
    return error(Errc::invalid, "a flood names edges and accounts");
  }
  for (const net::Json& edge : *edges->array()) {
    const auto address = parse_address(edge.string().value_or(ByteView{}));
    if (!address) return tl::unexpected(address.error());
    options.edges.push_back(*address);
  }
  for (const net::Json& account : *accounts->array()) {
    options.accounts.push_back({{}, word(account, "key"), word(account, "secret")});
  }
  return options;
}

}  // namespace oki::drill
