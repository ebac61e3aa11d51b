#include "net/engine_io.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "net/json_reader.h"

namespace oki::net {
namespace {

// Engine.IO packet types, then Socket.IO packet types within a message.
constexpr char engine_close = '1';
constexpr char engine_pong = '3';
constexpr char engine_message = '4';
constexpr char engine_noop = '6';
constexpr char socket_connect = '0';
constexpr char socket_disconnect = '1';
constexpr char socket_event = '2';
constexpr char socket_ack = '3';

Result<ClientPacket> violation(const char* why) { return error(Errc::invalid, why); }

// Cuts "/name," off the front; true when it names another namespace than the main one.
bool take_namespace(ByteView& text) {
  if (!text.starts_with('/')) return false;
  const ByteView space = text.substr(0, text.find(','));
  text.remove_prefix(std::min(space.size() + 1, text.size()));
  return space != "/";
}

void skip_ack_number(ByteView& text) {
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
}

Result<ClientPacket> parse_event(ByteView text) {
  const bool elsewhere = take_namespace(text);
  skip_ack_number(text);
  const auto json = parse_json(text, engine_io_payload_max);
  if (!json) return violation("an event is not JSON");
  const auto* items = json->array();
  if (items == nullptr || items->empty() || !items->front().string()) {
    return violation("an event has no name");
  }
  const ByteView name = *items->front().string();
  if (elsewhere || items->size() < 2 || !(*items)[1].string()) return ClientPacket(IgnoredEvent{});
  std::string room((*items)[1].string().value());
  if (name == "join-room") return ClientPacket(JoinRoom{std::move(room)});
  if (name == "leave-room") return ClientPacket(LeaveRoom{std::move(room)});
  return ClientPacket(IgnoredEvent{});
}

Result<ClientPacket> parse_connect(ByteView text) {
  const bool elsewhere = take_namespace(text);
  if (!text.empty() && !parse_json(text, engine_io_payload_max)) {
    return violation("the payload of a connect is not JSON");
  }
  if (elsewhere) return ClientPacket(IgnoredEvent{});
  return ClientPacket(SocketIoConnect{});
}

Result<ClientPacket> parse_socket_packet(ByteView text) {
  if (text.empty()) return violation("an empty message");
  const char type = text.front();
  text.remove_prefix(1);
  switch (type) {
    case socket_connect:
      return parse_connect(text);
    case socket_disconnect:
      if (take_namespace(text)) return ClientPacket(IgnoredEvent{});
      if (!text.empty()) return violation("a disconnect has a payload");
      return ClientPacket(SocketIoDisconnect{});
    case socket_event:
      return parse_event(text);
    case socket_ack:
      return ClientPacket(IgnoredEvent{});
    default:
      return violation("unknown packet");
  }
}

}  // namespace

std::string engine_io_open(ByteView sid) {
  std::string out = "0";
  JsonWriter json(out);
  json.begin_object().field("sid", sid);
  json.key("upgrades").begin_array().end_array();
  json.field("pingInterval", ping_interval_ms);
  json.field("pingTimeout", ping_timeout_ms);
  json.field("maxPayload", std::uint64_t{engine_io_payload_max}).end_object();
  return out;
}

std::string socket_io_connected(ByteView sid) {
  std::string out = "40";
  JsonWriter(out).begin_object().field("sid", sid).end_object();
  return out;
}

std::string socket_io_message(ByteView room, ByteView data_json) {
  std::string out;
  out.reserve(data_json.size() + room.size() + 64);
  out += "42";
  JsonWriter json(out);
  json.begin_array().string("message").begin_object().field("room_name", room);
  json.key("message").begin_object().key("data").raw(data_json).end_object();
  json.end_object().end_array();
  return out;
}

Result<ClientPacket> parse_client_packet(ByteView text) {
  if (text.size() > engine_io_payload_max) return violation("a packet is too long");
  if (text.empty()) return violation("an empty packet");
  const char type = text.front();
  text.remove_prefix(1);
  switch (type) {
    case engine_close:
      return ClientPacket(EngineIoClose{});
    case engine_pong:
      return ClientPacket(EngineIoPong{});
    case engine_message:
      return parse_socket_packet(text);
    case engine_noop:
      return ClientPacket(IgnoredEvent{});
    default:
      // Also a client's ping: since version 4 of the protocol only servers ping.
      return violation("unknown packet");
  }
}

}  // namespace oki::net
