// Engine.IO 4 and Socket.IO 4 packets over WebSocket text frames, as functions of text.
//
// Sources: socketio/engine.io-protocol v4, socketio/socket.io-protocol v5, with the values that
// bitbank's server sends. EIO=3 and long polling are not spoken here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::net {

constexpr std::int64_t ping_interval_ms = 25'000;
constexpr std::int64_t ping_timeout_ms = 20'000;
constexpr std::size_t engine_io_payload_max = 1'000'000;

constexpr const char* engine_io_ping = "2";
std::string engine_io_open(ByteView sid);                          // 0{"sid":…}
std::string socket_io_connected(ByteView sid);                     // 40{"sid":…}
std::string socket_io_message(ByteView room, ByteView data_json);  // 42["message",{…}]

struct EngineIoPong {};
struct EngineIoClose {};
struct SocketIoConnect {};     // 40
struct SocketIoDisconnect {};  // 41
struct JoinRoom {
  std::string room;
};
struct LeaveRoom {
  std::string room;
};
struct IgnoredEvent {};  // Well-formed, nothing we know: no answer, as bitbank's server does.

using ClientPacket = std::variant<EngineIoPong, EngineIoClose, SocketIoConnect, SocketIoDisconnect,
                                  JoinRoom, LeaveRoom, IgnoredEvent>;

// Error: a protocol violation; the connection is to be closed.
Result<ClientPacket> parse_client_packet(ByteView text);

}  // namespace oki::net
