#include "edge/streams.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/crypto.h"
#include "edge/public_api.h"
#include "edge/public_json.h"

namespace oki::edge {
namespace {

constexpr std::int64_t sweep_ms = 1'000;
constexpr std::size_t sid_random_bytes = 15;  // 20 characters, as Engine.IO's own.
constexpr std::size_t trades_first_look = 100;
constexpr std::size_t trades_per_message_max = 1'000;

constexpr std::uint16_t close_policy = 1008;
constexpr std::uint16_t close_protocol = 1002;
constexpr std::uint16_t close_normal = 1000;
constexpr std::uint16_t close_going_away = 1001;

// In order of Kind.
constexpr ByteView prefixes[] = {"ticker_", "transactions_", "depth_diff_", "depth_whole_",
                                 "circuit_break_info_"};

bool has_parameter(ByteView query, ByteView name, ByteView value) {
  const auto pairs = net::parse_query(query);
  if (!pairs) return false;
  return std::any_of(pairs->begin(), pairs->end(),
                     [&](const auto& pair) { return pair.first == name && pair.second == value; });
}

std::string new_sid(Random& random) { return crypto::base64_url(random.bytes(sid_random_bytes)); }

core::MarketId market_of(std::size_t room, std::size_t kinds) {
  return {static_cast<std::uint16_t>(room / kinds)};
}

Bytes circuit_break_json(const history::Projection& projection, core::MarketId market,
                         WallTimeMs time) {
  Bytes data;
  JsonWriter json(data);
  write_circuit_break_info(json, projection, market, time);
  return data;
}

// The ticker without its time, to see whether a value changed.
Bytes ticker_values(history::Ticker ticker, const core::MarketSpec& market) {
  ticker.timestamp = {};
  Bytes values;
  JsonWriter json(values);
  write_ticker(json, ticker, market, false);
  return values;
}

}  // namespace

Streams::Streams(const Parts& parts, const StreamsOptions& options)
    : parts_(parts),
      options_(options),
      sockets_gauge_(parts.metrics.gauge("okiagari_edge_sockets", "Open stream connections")),
      frames_(parts.metrics.counter("okiagari_edge_stream_frames_total",
                                    "Frames given to stream connections")),
      slow_(parts.metrics.counter("okiagari_edge_slow_sockets_total",
                                  "Stream connections closed for not reading")) {
  parts_.books.on_diff([this](core::MarketId market, const BookView& before,
                              const BookView& after) { send_diff(market, before, after); });
  sweep();
  send_wholes();
}

Streams::~Streams() {
  parts_.books.on_diff({});
  for (const TimerId timer : {flush_timer_, whole_timer_, sweep_timer_}) {
    parts_.timers.cancel(timer);
  }
}

bool Streams::accepts(const net::HttpRequest& request) {
  return request.path() == "/socket.io/" && has_parameter(request.query(), "EIO", "4") &&
         has_parameter(request.query(), "transport", "websocket");
}

void Streams::on_open(net::SocketId socket) {
  const MonoTimeNs now = parts_.clock.mono_now();
  Session& session = sessions_[socket.value];
  session.ping_at = now + net::ping_interval_ms * ns_per_ms;
  session.deadline = now + options_.connect_within_ms * ns_per_ms;
  session.second_started = now;
  sockets_gauge_.set(static_cast<std::int64_t>(sessions_.size()));
  send(socket, net::engine_io_open(new_sid(parts_.random)));
}

void Streams::on_closed(net::SocketId socket) {
  const auto found = sessions_.find(socket.value);
  if (found == sessions_.end()) return;
  for (const Room room : found->second.rooms) remove_member(socket, room);
  sids_.erase(found->second.sid);
  sessions_.erase(found);
  sockets_gauge_.set(static_cast<std::int64_t>(sessions_.size()));
}

bool Streams::too_many_messages(Session& session) {
  const MonoTimeNs now = parts_.clock.mono_now();
  if (now - session.second_started >= 1000 * ns_per_ms) {
    session.second_started = now;
    session.messages_in_second = 0;
  }
  return ++session.messages_in_second > options_.messages_per_second_max;
}

void Streams::on_message(net::SocketId socket, ByteView text) {
  const auto found = sessions_.find(socket.value);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  if (too_many_messages(session)) {
    return drop(socket, close_policy, "too many messages");
  }
  const auto packet = net::parse_client_packet(text);
  if (!packet) return drop(socket, close_protocol, "protocol error");
  if (std::holds_alternative<net::EngineIoPong>(*packet)) {
    if (session.connected) session.deadline.reset();
  } else if (std::holds_alternative<net::SocketIoConnect>(*packet)) {
    connect(socket, session);
  } else if (const auto* wanted = std::get_if<net::JoinRoom>(&*packet)) {
    if (session.connected) join(socket, session, wanted->room);
  } else if (const auto* unwanted = std::get_if<net::LeaveRoom>(&*packet)) {
    leave(socket, session, unwanted->room);
  } else if (!std::holds_alternative<net::IgnoredEvent>(*packet)) {
    drop(socket, close_normal, "bye");
  }
}

void Streams::connect(net::SocketId socket, Session& session) {
  if (session.connected) return;
  session.connected = true;
  session.deadline.reset();
  session.sid = new_sid(parts_.random);
  sids_.insert_or_assign(session.sid, socket.value);
  send(socket, net::socket_io_connected(session.sid));
}

std::optional<std::uint64_t> Streams::connection_of(ByteView sid) const {
  const auto found = sids_.find(std::string(sid));
  if (found == sids_.end()) return std::nullopt;
  return found->second;
}

Streams::Room Streams::room_of(core::MarketId market, Kind kind) {
  return std::size_t{market.value} * kinds + static_cast<std::size_t>(kind);
}

std::optional<Streams::Room> Streams::find_room(ByteView name) const {
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (!name.starts_with(prefixes[kind])) continue;
    const auto market = listed_market(parts_.projection, name.substr(prefixes[kind].size()));
    if (market) return room_of(*market, static_cast<Kind>(kind));
  }
  return std::nullopt;
}

std::string Streams::room_name(Room room) const {
  const core::MarketId market = market_of(room, kinds);
  return std::string(prefixes[room % kinds]) + parts_.projection.markets()[market.value].name;
}

std::vector<net::SocketId>& Streams::members(Room room) {
  if (room >= members_.size()) members_.resize(room + 1);
  return members_[room];
}

Streams::MarketState& Streams::state(core::MarketId market) {
  if (market.value >= markets_.size()) markets_.resize(std::size_t{market.value} + 1);
  return markets_[market.value];
}

void Streams::join(net::SocketId socket, Session& session, ByteView name) {
  const auto room = find_room(name);
  if (!room) return;
  const bool member =
      std::find(session.rooms.begin(), session.rooms.end(), *room) != session.rooms.end();
  if (member || session.rooms.size() >= options_.rooms_per_socket_max) return;
  // A room that was empty has told nobody of the trades before; only new ones are news.
  const core::MarketId market = market_of(*room, kinds);
  const Kind kind = static_cast<Kind>(*room % kinds);
  if (kind == Kind::transactions && members(*room).empty()) {
    const auto newest = parts_.projection.newest_trades(market, 1);
    if (!newest.empty()) state(market).last_trade = newest.front().id;
  }
  // What is published is told to the old members before the new one is shown the result. That may
  // close whoever is too slow, this one included.
  if (kind == Kind::depth_diff || kind == Kind::depth_whole) {
    parts_.books.refresh(market);
    if (!sessions_.contains(socket.value)) return;
  }
  session.rooms.push_back(*room);
  members(*room).push_back(socket);
  if (kind == Kind::depth_whole) {
    send(socket, net::socket_io_message(room_name(*room), parts_.books.depth(market)));
  }
  if (kind == Kind::circuit_break_info) {
    const WallTimeMs now = parts_.clock.wall_now();
    const Bytes info = circuit_break_json(parts_.projection, market, now);
    if (members(*room).size() == 1) {  // Whoever comes later finds what was sent last.
      state(market).circuit_break_info = circuit_break_json(parts_.projection, market, {});
    }
    send(socket, net::socket_io_message(room_name(*room), info));
  }
}

void Streams::leave(net::SocketId socket, Session& session, ByteView name) {
  const auto room = find_room(name);
  if (!room || std::erase(session.rooms, *room) == 0) return;
  remove_member(socket, *room);
}

void Streams::remove_member(net::SocketId socket, Room room) {
  std::vector<net::SocketId>& all = members(room);
  const auto found = std::find(all.begin(), all.end(), socket);
  if (found == all.end()) return;
  *found = all.back();
  all.pop_back();
}

// The first change after a quiet time goes out at once, those that follow it soon wait together.
void Streams::on_change() {
  if (flush_timer_.value != 0 || sessions_.empty()) return;
  const MonoTimeNs now = parts_.clock.mono_now();
  const std::int64_t quiet_ns = flushed_at_ ? now - *flushed_at_ : options_.coalesce_ms * ns_per_ms;
  const std::int64_t wait_ns = options_.coalesce_ms * ns_per_ms - quiet_ns;
  if (wait_ns <= 0) return flush();
  flush_timer_ = parts_.timers.after_ms((wait_ns + ns_per_ms - 1) / ns_per_ms, [this] {
    flush_timer_ = {};
    flush();
  });
}

void Streams::on_restart() {
  flush();
  send_wholes();
}

void Streams::flush() {
  flushed_at_ = parts_.clock.mono_now();
  for (std::size_t market = 0; market < parts_.projection.markets().size(); ++market) {
    if (!parts_.projection.markets()[market].listed) continue;
    flush_market({static_cast<std::uint16_t>(market)});
  }
}

void Streams::flush_market(core::MarketId market) {
  const bool followed = !members(room_of(market, Kind::depth_diff)).empty();
  if (followed) parts_.books.refresh(market);
  if (!members(room_of(market, Kind::transactions)).empty()) send_transactions(market);
  if (!members(room_of(market, Kind::ticker)).empty()) send_ticker(market);
  if (!members(room_of(market, Kind::circuit_break_info)).empty()) {
    send_circuit_break_info(market);
  }
}

void Streams::send_ticker(core::MarketId market) {
  const core::MarketSpec& spec = parts_.projection.markets()[market.value];
  const history::Ticker ticker = parts_.projection.ticker(market, parts_.clock.wall_now());
  Bytes values = ticker_values(ticker, spec);
  if (values == state(market).ticker) return;
  state(market).ticker = std::move(values);
  Bytes data;
  JsonWriter json(data);
  write_ticker(json, ticker, spec, false);
  broadcast(room_of(market, Kind::ticker), data);
}

void Streams::send_transactions(core::MarketId market) {
  const core::TradeId last = state(market).last_trade;
  auto trades = parts_.projection.newest_trades(market, trades_first_look);
  if (trades.size() == trades_first_look && trades.back().id > last) {
    trades = parts_.projection.newest_trades(market, trades_per_message_max);
  }
  std::erase_if(trades, [last](const history::PublicTrade& trade) { return trade.id <= last; });
  if (trades.empty()) return;
  state(market).last_trade = trades.front().id;
  Bytes data;
  JsonWriter json(data);
  json.begin_object().key("transactions").begin_array();
  for (const history::PublicTrade& trade : trades) {
    write_transaction(json, trade, parts_.projection.markets()[market.value]);
  }
  json.end_array().end_object();
  broadcast(room_of(market, Kind::transactions), data);
}

void Streams::send_circuit_break_info(core::MarketId market) {
  Bytes values = circuit_break_json(parts_.projection, market, {});
  if (values == state(market).circuit_break_info) return;
  state(market).circuit_break_info = std::move(values);
  broadcast(room_of(market, Kind::circuit_break_info),
            circuit_break_json(parts_.projection, market, parts_.clock.wall_now()));
}

void Streams::send_diff(core::MarketId market, const BookView& before, const BookView& after) {
  const Room room = room_of(market, Kind::depth_diff);
  const core::MarketSpec& spec = parts_.projection.markets()[market.value];
  if (spec.listed && !members(room).empty()) broadcast(room, diff_json(before, after, spec));
}

void Streams::send_wholes() {
  parts_.timers.cancel(whole_timer_);
  for (std::size_t market = 0; market < parts_.projection.markets().size(); ++market) {
    const core::MarketId id{static_cast<std::uint16_t>(market)};
    const Room whole = room_of(id, Kind::depth_whole);
    if (!members(whole).empty()) broadcast(whole, parts_.books.depth(id));
  }
  whole_timer_ = parts_.timers.after_ms(options_.whole_every_ms, [this] { send_wholes(); });
}

// Dropping changes the rooms: first everyone is served.
void Streams::broadcast(Room room, ByteView data_json) {
  const auto frame = net::encode_text_frame(net::socket_io_message(room_name(room), data_json));
  std::vector<net::SocketId> slow;
  for (const net::SocketId socket : members(room)) {
    if (parts_.sink.backlog_bytes(socket) > options_.backlog_bytes_max) {
      slow.push_back(socket);
      continue;
    }
    parts_.sink.send_frame(socket, frame);
    frames_.add();
  }
  for (const net::SocketId socket : slow) {
    slow_.add();
    drop(socket, close_policy, "too slow");
  }
}

void Streams::send(net::SocketId socket, ByteView text) {
  if (parts_.sink.backlog_bytes(socket) > options_.backlog_bytes_max) {
    slow_.add();
    return drop(socket, close_policy, "too slow");
  }
  parts_.sink.send_frame(socket, net::encode_text_frame(text));
  frames_.add();
}

// What is queued may take long to leave; the socket is none of ours from here on.
void Streams::drop(net::SocketId socket, std::uint16_t code, ByteView reason) {
  on_closed(socket);
  parts_.sink.close_socket(socket, code, reason);
}

void Streams::close_all(ByteView reason) {
  std::vector<net::SocketId> all;
  for (const auto& [id, session] : sessions_) all.push_back({id});
  for (const net::SocketId socket : all) drop(socket, close_going_away, reason);
}

// Pings whom it is time to ping and closes who has not answered in time.
void Streams::sweep() {
  const MonoTimeNs now = parts_.clock.mono_now();
  std::vector<net::SocketId> silent;
  std::vector<net::SocketId> pinged;
  for (auto& [id, session] : sessions_) {
    if (session.deadline && *session.deadline <= now) {
      silent.push_back({id});
      continue;
    }
    if (!session.connected || session.ping_at > now) continue;
    session.ping_at = now + net::ping_interval_ms * ns_per_ms;
    session.deadline = now + net::ping_timeout_ms * ns_per_ms;
    pinged.push_back({id});
  }
  const auto ping = net::encode_text_frame(net::engine_io_ping);
  for (const net::SocketId socket : pinged) parts_.sink.send_frame(socket, ping);
  for (const net::SocketId socket : silent) drop(socket, close_policy, "ping timeout");
  sweep_timer_ = parts_.timers.after_ms(sweep_ms, [this] { sweep(); });
}

}  // namespace oki::edge
