// The commands of a Client from submission to their one answer.
//
// A command waits until there is a session and a way to the leader; then it gets the session's next
// number and is sent. When the way changes, everything unanswered is sent again with its number, in
// order. What makes an outcome unknown is an attempt whose fate nobody told: the connection was
// lost, the node said `unknown`, or another leader was asked meanwhile.
//
// Invariants:
//  (1) A number stands for one command; the floor sent along is the lowest unanswered number.
//  (2) Each command is finished once; finished ones leave the table from the front.
//  (3) A command with `may_be_taken` never ends as not_taken.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net.h"
#include "replica/client.h"
#include "replica/wire.h"

namespace oki::replica {

class ClientCommands {
 public:
  using Done = std::function<void(const Answer&)>;

  ClientCommands(const Clock& clock, Net& net, Metrics& metrics, const ClientOptions& options);

  // False when a limit is reached: `done` was not taken and is to be told so.
  bool submit(Bytes&& command, Done&& done);

  // The connection to the leader; 0: none.
  void set_route(ConnectionId route);
  void on_link_down(ConnectionId connection);
  void on_submitted(ConnectionId from, const Submitted& answer);
  void on_session_opened(ConnectionId from, const SessionOpened& opened);

  // Sends what may be sent.
  void pump();

  // Every few milliseconds: ends what is too late, tries again what was refused for now.
  void tick();

  std::size_t in_flight() const { return in_flight_; }

 private:
  struct Command {
    Bytes body;
    Done done;
    MonoTimeNs submitted;
    bool may_be_taken = false;
  };
  struct Slot {
    Command command;
    ConnectionId sent_on;  // 0: no attempt is waiting for its answer.
    bool finished = false;
  };
  struct Session {
    SessionId id;
    std::uint64_t floor = 1;  // The number of the first slot.
    std::deque<Slot> slots;
  };
  struct Finished {
    Done done;
    Answer answer;
  };

  void open_session();
  void send(Session& session, std::size_t position);
  void send_unsent();
  Session* find(SessionId id);
  void resolve(Session& session, Slot& slot, const Submitted& answer);
  void lose_session();
  void put_back(Command command);
  void finish(Command& command, Outcome outcome, const char* why);
  void finish(Slot& slot, Outcome outcome, const char* why);
  void abandon(Session& session, ConnectionId connection);
  void expire(Session& session, MonoTimeNs now);
  void trim(Session& session);
  void trim_old();
  void tell();

  const Clock& clock_;
  Net& net_;
  const ClientOptions options_;
  Session session_;
  std::list<Session> old_;       // Lost ones whose last attempts are not answered yet.
  std::deque<Command> waiting_;  // Without a number, in order of submission.
  std::deque<Finished> finished_;
  bool telling_ = false;
  ConnectionId route_;
  ConnectionId opening_on_;  // Where the session is being opened; 0: nowhere.
  std::uint64_t open_request_ = 0;
  std::size_t in_flight_ = 0;
  bool has_unsent_ = false;  // A slot of session_ may have no attempt under way.
  Bytes scratch_;
  Counter& answered_;
  Counter& not_taken_;
  Counter& unknown_;
  Counter& retries_;
  Counter& sessions_;
  Histogram& latency_;
};

}  // namespace oki::replica
