// The public stream: Socket.IO over Engine.IO 4 over WebSocket, in rooms, as bitbank speaks it.
//
//   ticker_{pair}        when a value of the ticker changed
//   transactions_{pair}  new trades, newest first
//   depth_diff_{pair}    changes of the published book (edge/books.h), coalesced
//   depth_whole_{pair}   the published book, on joining and every few seconds
//   circuit_break_info_{pair}  on joining, and when a value of it changed
//
// A room that does not exist, or of a market that is not listed, is joined in silence and says
// nothing, as at bitbank. A broadcast is encoded once and sent as the same bytes to every member.
// Everything comes from the projection: after a restart from a snapshot the rooms go on from there,
// differences included, and every whole room gets its book at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "edge/books.h"
#include "edge/options.h"
#include "net/engine_io.h"
#include "net/http_server.h"

namespace oki::edge {

// Where frames go: the HTTP server, or a test.
class SocketSink {
 public:
  virtual ~SocketSink() = default;
  virtual void send_frame(net::SocketId socket, std::shared_ptr<const Bytes> frame) = 0;
  virtual void close_socket(net::SocketId socket, std::uint16_t code, ByteView reason) = 0;
  virtual std::size_t backlog_bytes(net::SocketId socket) const = 0;
};

class Streams {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Random& random;
    Metrics& metrics;
    const history::Projection& projection;
    Books& books;
    SocketSink& sink;
  };

  // All must outlive this.
  Streams(const Parts& parts, const StreamsOptions& options);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // Whether the handshake is one of ours: the path and query of Socket.IO over websocket, EIO=4.
  static bool accepts(const net::HttpRequest& request);

  void on_open(net::SocketId socket);
  void on_message(net::SocketId socket, ByteView text);
  void on_closed(net::SocketId socket);

  // The projection has read another block.
  void on_change();

  // The projection was replaced.
  void on_restart();

  // Their owners are told why and come back through another edge.
  void close_all(ByteView reason);

  // The connection of the socket that Socket.IO told this sid; nothing when there is none (more).
  std::optional<std::uint64_t> connection_of(ByteView sid) const;

  std::size_t sockets() const { return sessions_.size(); }

 private:
  enum class Kind : std::uint8_t {
    ticker,
    transactions,
    depth_diff,
    depth_whole,
    circuit_break_info
  };
  static constexpr std::size_t kinds = 5;
  using Room = std::size_t;  // market * kinds + kind
  struct Session {
    bool connected = false;
    std::string sid;  // Of Socket.IO; empty before it is connected.
    std::vector<Room> rooms;
    MonoTimeNs ping_at;
    std::optional<MonoTimeNs> deadline;  // Of Socket.IO's connect, then of the next pong.
    MonoTimeNs second_started;
    std::uint32_t messages_in_second = 0;
  };
  struct MarketState {
    Bytes ticker;              // As last sent, without its time.
    Bytes circuit_break_info;  // As last sent, without its time.
    core::TradeId last_trade;  // As last sent.
  };

  static Room room_of(core::MarketId market, Kind kind);
  std::optional<Room> find_room(ByteView name) const;
  std::string room_name(Room room) const;
  std::vector<net::SocketId>& members(Room room);
  MarketState& state(core::MarketId market);

  bool too_many_messages(Session& session);
  void connect(net::SocketId socket, Session& session);
  void join(net::SocketId socket, Session& session, ByteView name);
  void leave(net::SocketId socket, Session& session, ByteView name);
  void remove_member(net::SocketId socket, Room room);

  void flush();
  void flush_market(core::MarketId market);
  void send_ticker(core::MarketId market);
  void send_transactions(core::MarketId market);
  void send_circuit_break_info(core::MarketId market);
  void send_diff(core::MarketId market, const BookView& before, const BookView& after);
  void send_wholes();
  void broadcast(Room room, ByteView data_json);
  void send(net::SocketId socket, ByteView text);
  void drop(net::SocketId socket, std::uint16_t code, ByteView reason);
  void sweep();

  Parts parts_;
  const StreamsOptions& options_;
  std::unordered_map<std::uint64_t, Session> sessions_;  // By SocketId.
  std::unordered_map<std::string, std::uint64_t> sids_;  // SocketId by sid.
  std::vector<std::vector<net::SocketId>> members_;      // By Room.
  std::vector<MarketState> markets_;                     // By MarketId.
  std::optional<MonoTimeNs> flushed_at_;
  TimerId flush_timer_;
  TimerId whole_timer_;
  TimerId sweep_timer_;
  Gauge& sockets_gauge_;
  Counter& frames_;
  Counter& slow_;
};

}  // namespace oki::edge
