#include "replica/client_commands.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::replica {
namespace {

// Below the session window of every node, so that a slow answer makes the next commands wait here
// and not be refused there.
constexpr std::size_t numbers_ahead_max = 16'000;
constexpr std::size_t unsent_bytes_max = 8u << 20;  // In the connection, before we wait with more.
constexpr std::size_t old_sessions_max = 16;

constexpr ConnectionId none{};

}  // namespace

ClientCommands::ClientCommands(const Clock& clock, Net& net, Metrics& metrics,
                               const ClientOptions& options)
    : clock_(clock),
      net_(net),
      options_(options),
      answered_(metrics.counter("okiagari_replica_client_commands_total", "Commands by outcome",
                                "outcome=\"answered\"")),
      not_taken_(metrics.counter("okiagari_replica_client_commands_total", "Commands by outcome",
                                 "outcome=\"not_taken\"")),
      unknown_(metrics.counter("okiagari_replica_client_commands_total", "Commands by outcome",
                               "outcome=\"unknown\"")),
      retries_(metrics.counter("okiagari_replica_client_retries_total",
                               "Commands sent again with the same number")),
      sessions_(metrics.counter("okiagari_replica_client_sessions_total", "Sessions opened")),
      latency_(metrics.histogram("okiagari_replica_client_answer_seconds",
                                 "From submission to the answer")) {}

bool ClientCommands::submit(Bytes&& command, Done&& done) {
  if (in_flight_ >= options_.in_flight_max) {
    not_taken_.add();
    return false;
  }
  ++in_flight_;
  waiting_.push_back({std::move(command), std::move(done), clock_.mono_now(), false});
  pump();
  return true;
}

void ClientCommands::set_route(ConnectionId route) {
  if (route == route_) return;
  route_ = route;
  opening_on_ = none;
  if (route == none) return;
  for (std::size_t i = 0; i < session_.slots.size(); ++i) {
    Slot& slot = session_.slots[i];
    if (slot.finished || slot.sent_on == route) continue;
    if (slot.sent_on != none) slot.command.may_be_taken = true;
    slot.sent_on = none;
    has_unsent_ = true;
  }
  send_unsent();
  pump();
}

void ClientCommands::on_link_down(ConnectionId connection) {
  if (route_ == connection) route_ = none;
  if (opening_on_ == connection) opening_on_ = none;
  for (Slot& slot : session_.slots) {
    if (slot.finished || slot.sent_on != connection) continue;
    slot.sent_on = none;
    slot.command.may_be_taken = true;
    has_unsent_ = true;
  }
  for (Session& session : old_) abandon(session, connection);
  trim_old();
  tell();
}

// The attempts of a lost session on this connection will not be answered any more.
void ClientCommands::abandon(Session& session, ConnectionId connection) {
  for (Slot& slot : session.slots) {
    if (slot.finished || slot.sent_on != connection) continue;
    finish(slot, Outcome::unknown, "the session and the connection were lost");
  }
}

void ClientCommands::open_session() {
  if (route_ == none || session_.id.value != 0 || opening_on_ == route_) return;
  opening_on_ = route_;
  net_.send(route_, encode_frame(OpenSession{++open_request_}));
}

void ClientCommands::on_session_opened(ConnectionId from, const SessionOpened& opened) {
  if (from != opening_on_ || opened.request != open_request_) return;
  opening_on_ = none;
  if (opened.result != SubmitResult::applied || opened.session.value == 0) return;
  ASSERT(session_.id.value == 0 && session_.slots.empty());
  session_.id = opened.session;
  session_.floor = 1;
  sessions_.add();
  pump();
}

void ClientCommands::pump() {
  if (route_ == none) return;
  if (session_.id.value == 0) return open_session();
  while (!waiting_.empty() && session_.slots.size() < numbers_ahead_max &&
         net_.backlog_bytes(route_) < unsent_bytes_max) {
    session_.slots.push_back({std::move(waiting_.front()), none, false});
    waiting_.pop_front();
    send(session_, session_.slots.size() - 1);
  }
}

void ClientCommands::send(Session& session, std::size_t position) {
  Slot& slot = session.slots[position];
  slot.sent_on = route_;
  scratch_.clear();
  append_frame(scratch_,
               Submit{session.id, session.floor + position, session.floor, slot.command.body});
  net_.send(route_, scratch_);
}

void ClientCommands::send_unsent() {
  if (!has_unsent_ || route_ == none || session_.id.value == 0) return;
  has_unsent_ = false;
  for (std::size_t i = 0; i < session_.slots.size(); ++i) {
    Slot& slot = session_.slots[i];
    if (slot.finished || slot.sent_on != none) continue;
    if (net_.backlog_bytes(route_) >= unsent_bytes_max) {
      has_unsent_ = true;
      return;
    }
    retries_.add();
    send(session_, i);
  }
}

ClientCommands::Session* ClientCommands::find(SessionId id) {
  if (id.value == 0) return nullptr;
  if (session_.id == id) return &session_;
  const auto found =
      std::find_if(old_.begin(), old_.end(), [&](const Session& one) { return one.id == id; });
  return found == old_.end() ? nullptr : &*found;
}

void ClientCommands::on_submitted(ConnectionId from, const Submitted& answer) {
  Session* session = find(answer.session);
  if (session == nullptr || answer.number < session->floor) return;
  if (answer.number - session->floor >= session->slots.size()) return;
  Slot& slot = session->slots[answer.number - session->floor];
  if (slot.finished) return;
  if (answer.result == SubmitResult::applied) {
    answered_.add();
    latency_.record_ns(clock_.mono_now() - slot.command.submitted);
    slot.finished = true;
    --in_flight_;
    finished_.push_back(
        {std::move(slot.command.done), {Outcome::answered, answer.index, Bytes(answer.reply), {}}});
  } else if (slot.sent_on == from) {
    // Anything but an answer counts only from the latest attempt: of an earlier one we already
    // hold that its fate is unknown.
    slot.sent_on = none;
    resolve(*session, slot, answer);
  }
  trim(session_);
  trim_old();
  tell();
  pump();
}

void ClientCommands::resolve(Session& session, Slot& slot, const Submitted& answer) {
  const bool lost_session = &session != &session_;
  switch (answer.result) {
    case SubmitResult::applied:
    case SubmitResult::not_leader:
    case SubmitResult::window_full:  // Until answers under way let the floor rise.
      break;
    case SubmitResult::busy:
      if (slot.command.may_be_taken) break;
      return finish(slot, Outcome::not_taken, "the node is at its limit");
    case SubmitResult::too_large:
      if (slot.command.may_be_taken) return finish(slot, Outcome::unknown, "too large");
      return finish(slot, Outcome::not_taken, "the command is too large");
    case SubmitResult::too_old:
      return finish(slot, Outcome::unknown, "the number was given up before");
    case SubmitResult::session_unknown:
      if (!lost_session) return lose_session();
      break;
    case SubmitResult::unknown:
      slot.command.may_be_taken = true;
      break;
  }
  if (!lost_session) {
    has_unsent_ = true;  // The next tick tries again, or a new leader at once.
  } else if (slot.command.may_be_taken) {
    finish(slot, Outcome::unknown, "the session was lost");
  } else {
    slot.finished = true;
    put_back(std::move(slot.command));
  }
}

// The node dropped the session (it was evicted, or never was): commands that surely had no effect
// go into the next session, the others cannot be told any more.
void ClientCommands::lose_session() {
  Session lost = std::move(session_);
  session_ = {};
  has_unsent_ = false;
  for (Slot& slot : lost.slots) {
    if (slot.finished || slot.sent_on != none) continue;
    if (slot.command.may_be_taken) {
      finish(slot, Outcome::unknown, "the session was lost");
    } else {
      slot.finished = true;
      put_back(std::move(slot.command));
    }
  }
  old_.push_back(std::move(lost));
  if (old_.size() <= old_sessions_max) return;
  for (Slot& slot : old_.front().slots) {
    if (!slot.finished) finish(slot, Outcome::unknown, "the session was lost");
  }
}

void ClientCommands::put_back(Command command) {
  const auto later = std::upper_bound(
      waiting_.begin(), waiting_.end(), command.submitted,
      [](MonoTimeNs time, const Command& other) { return time < other.submitted; });
  waiting_.insert(later, std::move(command));
}

void ClientCommands::finish(Command& command, Outcome outcome, const char* why) {
  ASSERT(outcome != Outcome::not_taken || !command.may_be_taken);
  (outcome == Outcome::unknown ? unknown_ : not_taken_).add();
  --in_flight_;
  finished_.push_back({std::move(command.done), {outcome, {}, {}, why}});
}

void ClientCommands::finish(Slot& slot, Outcome outcome, const char* why) {
  slot.finished = true;
  finish(slot.command, outcome, why);
}

void ClientCommands::tick() {
  const MonoTimeNs now = clock_.mono_now();
  expire(session_, now);
  for (Session& session : old_) expire(session, now);
  while (!waiting_.empty() &&
         now - waiting_.front().submitted >= options_.deadline_ms * ns_per_ms) {
    Command command = std::move(waiting_.front());
    waiting_.pop_front();
    finish(command, command.may_be_taken ? Outcome::unknown : Outcome::not_taken,
           "no leader took the command in time");
  }
  trim(session_);
  trim_old();
  tell();
  send_unsent();
  pump();
}

void ClientCommands::expire(Session& session, MonoTimeNs now) {
  for (Slot& slot : session.slots) {
    if (slot.finished) continue;
    // In order of submission: the first that is in time ends the search.
    if (now - slot.command.submitted < options_.deadline_ms * ns_per_ms) return;
    const bool may_be_taken = slot.command.may_be_taken || slot.sent_on != none;
    finish(slot, may_be_taken ? Outcome::unknown : Outcome::not_taken,
           "the command was not answered in time");
  }
}

void ClientCommands::trim(Session& session) {
  while (!session.slots.empty() && session.slots.front().finished) {
    session.slots.pop_front();
    ++session.floor;
  }
}

void ClientCommands::trim_old() {
  for (Session& session : old_) trim(session);
  old_.remove_if([](const Session& session) { return session.slots.empty(); });
}

// Last in every call: an answer's receiver may submit the next command from inside.
void ClientCommands::tell() {
  if (telling_) return;
  telling_ = true;
  while (!finished_.empty()) {
    const Finished finished = std::move(finished_.front());
    finished_.pop_front();
    finished.done(finished.answer);
  }
  telling_ = false;
}

}  // namespace oki::replica
