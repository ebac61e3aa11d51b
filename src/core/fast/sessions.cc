#include "core/fast/sessions.h"

#include <algorithm>

#include "core/core.h"
#include "core/fast/admission.h"
#include "core/fast/handlers.h"
#include "core/fast/timers.h"
#include "core/fast/trade.h"

namespace oki::core::fast {
namespace {

Row find_session(const State& state, SessionId id) {
  return state.session_ids.find(id.value, [&](Slot row) { return state.sessions[row].id.value; });
}

Row find_edge(const State& state, std::uint32_t edge) {
  return state.edge_ids.find(edge, [&](Slot row) { return state.edges[row].edge; });
}

void set_due(State& state, Row row, WallTimeMs due) {
  Edge& edge = state.edges.change(row);
  set_timer(state, TimerKind::edge_silence, edge.edge, edge.due, due);
  edge.due = due;
}

Row watch_edge(State& state, std::uint32_t number) {
  if (const Row known = find_edge(state, number)) return known;
  const Row row = state.edges.create();
  state.edges.change(row).edge = number;
  state.edge_ids.reserve_for(state.edge_ids.size() + 1);
  state.edge_ids.insert(number, row);
  set_due(state, row, WallTimeMs{state.time.value + state.limits().edge_silence_ms});
  return row;
}

Row open_session(State& state, SessionId id) {
  if (const Row known = find_session(state, id)) return known;
  const Row edge_row = watch_edge(state, static_cast<std::uint32_t>(id.value >> 32));
  const Row row = state.sessions.create();
  Session& session = state.sessions.change(row);
  session.id = id;
  session.edge = edge_row;
  Edge& edge = state.edges.change(edge_row);
  session.next = edge.first_session;
  if (session.next != 0) state.sessions.change(session.next).previous = row;
  edge.first_session = row;
  state.session_ids.reserve_for(state.session_ids.size() + 1);
  state.session_ids.insert(id.value, row);
  return row;
}

void forget_session(State& state, Row row) {
  const Session& session = state.sessions[row];
  Edge& edge = state.edges.change(session.edge);
  if (session.previous != 0) {
    state.sessions.change(session.previous).next = session.next;
  } else {
    edge.first_session = session.next;
  }
  if (session.next != 0) state.sessions.change(session.next).previous = session.previous;
  state.session_ids.erase(session.id.value, row);
  state.sessions.drop(row);
  if (edge.first_session != 0) return;
  set_due(state, session.edge, WallTimeMs{});
  state.edge_ids.erase(edge.edge, session.edge);
  state.edges.drop(session.edge);
}

void collect(const State& state, Row session, std::vector<Row>& rows) {
  for (Row row = state.sessions[session].first_order; row != 0;
       row = state.extras[state.orders[row].extra].next) {
    rows.push_back(row);
  }
}

void cancel_by_id(State& state, std::vector<Row>& rows, Reason reason) {
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return state.orders[a].id < state.orders[b].id; });
  for (const Row row : rows) cancel(state, row, reason);
}

}  // namespace

void join_session(State& state, Row row) {
  const Row extra_row = state.orders[row].extra;
  Extra& extra = state.extras.change(extra_row);
  extra.session_row = open_session(state, extra.session);
  Session& session = state.sessions.change(extra.session_row);
  extra.next = session.first_order;
  if (extra.next != 0) {
    state.extras.change(state.orders[extra.next].extra).previous = row;
  }
  session.first_order = row;
}

void leave_session(State& state, Row row) {
  Extra& extra = state.extras.change(state.orders[row].extra);
  const Row session = extra.session_row;
  if (extra.previous != 0) {
    state.extras.change(state.orders[extra.previous].extra).next = extra.next;
  } else {
    state.sessions.change(session).first_order = extra.next;
  }
  if (extra.next != 0) {
    state.extras.change(state.orders[extra.next].extra).previous = extra.previous;
  }
  extra.session_row = extra.next = extra.previous = 0;
  if (state.sessions[session].first_order == 0) forget_session(state, session);
}

Refusal handle(State& state, const CloseSession& x) {
  if (x.session.value == 0) return Refusal::malformed;
  const Row session = find_session(state, x.session);
  if (session == 0) return Refusal::ok;
  std::vector<Row> rows;
  collect(state, session, rows);
  cancel_by_id(state, rows, Reason::session_closed);
  return Refusal::ok;
}

Refusal handle(State& state, const EdgeAlive& x) {
  if (const Row row = find_edge(state, x.edge)) {
    set_due(state, row, WallTimeMs{state.time.value + state.limits().edge_silence_ms});
  }
  return Refusal::ok;
}

void run_edge_silence(State& state, std::uint32_t edge) {
  const Row row = find_edge(state, edge);
  if (row == 0) return;
  std::vector<Row> rows;
  for (Row session = state.edges[row].first_session; session != 0;
       session = state.sessions[session].next) {
    collect(state, session, rows);
  }
  cancel_by_id(state, rows, Reason::session_closed);
}

bool edge_fits(const State& state, SessionId session) {
  return state.edge_ids.size() < state.limits().edges_max ||
         find_edge(state, static_cast<std::uint32_t>(session.value >> 32)) != 0;
}

bool set_edge_due(State& state, std::uint32_t edge, WallTimeMs due) {
  const Row row = find_edge(state, edge);
  if (row != 0) set_due(state, row, due);
  return row != 0;
}

void forget_silence(State& state, std::uint32_t edge) {
  if (const Row row = find_edge(state, edge)) state.edges.change(row).due = WallTimeMs{};
}

Refusal handle(State& state, const CancelAllAfter& x) {
  Row account = 0;
  const Refusal refusal = admit(state, x.account, x.auth, nullptr, account);
  if (refusal != Refusal::ok) return refusal;
  if (x.timeout_ms > dead_man_ms_max) return Refusal::invalid_time;
  WallTimeMs due;
  if (x.timeout_ms != 0) due = WallTimeMs{state.time.value + x.timeout_ms};
  WallTimeMs& kept = state.accounts.change(account).dead_man_at;
  set_timer(state, TimerKind::dead_man, x.account.value, kept, due);
  kept = due;
  state.tell(DeadManSet{x.account, due});
  return Refusal::ok;
}

void run_dead_man(State& state, AccountId account) {
  std::vector<Row> rows = orders_of_account(state, state.account(account));
  cancel_by_id(state, rows, Reason::dead_man);
  state.tell(DeadManSet{account, {}});
}

}  // namespace oki::core::fast
