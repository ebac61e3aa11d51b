#include "response/response_machine.h"

#include <algorithm>

#include "base/assert.h"
#include "response/judge.h"
#include "response/operators.h"
#include "response/paging.h"
#include "response/signals.h"
#include "response/state_fields.h"
#include "response/telling.h"

namespace oki::response {
namespace {

constexpr ByteView magic = "OKIRESP1";

Reply run(Turn& turn, const Command& command) {
  struct Visitor {
    Turn& turn;
    Reply operator()(const Tick&) const { return {}; }
    Reply operator()(const Observe& x) const { return observe(turn, x); }
    Reply operator()(const Prove& x) const { return prove(turn, x); }
    Reply operator()(const Check& x) const { return check(turn, x); }
    Reply operator()(const Alive& x) const { return alive(turn, x); }
    Reply operator()(const RecordChange& x) const { return record_change(turn, x); }
    Reply operator()(const Configure& x) const { return configure(turn, x); }
    Reply operator()(const DecideWish& x) const { return decide(turn, x); }
    Reply operator()(const Declare& x) const { return declare(turn, x); }
    Reply operator()(const Acknowledge& x) const { return acknowledge(turn, x); }
    Reply operator()(const TakeRole& x) const { return take_role(turn, x); }
    Reply operator()(const HandOver& x) const { return hand_over(turn, x); }
    Reply operator()(const SetSeverity& x) const { return set_severity(turn, x); }
    Reply operator()(const SetPhase& x) const { return set_phase(turn, x); }
    Reply operator()(const AddNote& x) const { return add_note(turn, x); }
    Reply operator()(const Merge& x) const { return merge(turn, x); }
    Reply operator()(const RequestResolve& x) const { return request_resolve(turn, x); }
    Reply operator()(const Close& x) const { return close(turn, x); }
    Reply operator()(const Dismiss& x) const { return dismiss(turn, x); }
    Reply operator()(const ProposeNotice& x) const { return propose_notice(turn, x); }
    Reply operator()(const DecideNotice& x) const { return decide_notice(turn, x); }
    Reply operator()(const Promise& x) const { return promise(turn, x); }
    Reply operator()(const RequestStep& x) const { return request_step(turn, x); }
    Reply operator()(const DecideStep& x) const { return decide_step(turn, x); }
    Reply operator()(const RecordStep& x) const { return record_step(turn, x); }
    Reply operator()(const AddItem& x) const { return add_item(turn, x); }
    Reply operator()(const AssignItem& x) const { return assign_item(turn, x); }
    Reply operator()(const FinishItem& x) const { return finish_item(turn, x); }
    Reply operator()(const SubmitPostmortem& x) const { return submit_postmortem(turn, x); }
    Reply operator()(const DecidePostmortem& x) const { return decide_postmortem(turn, x); }
    Reply operator()(const Take& x) const { return take(turn, x); }
    Reply operator()(const RecordTold& x) const { return record_told(turn, x); }
    Reply operator()(const RecordDraft& x) const { return record_draft(turn, x); }
  };
  return std::visit(Visitor{turn}, command);
}

}  // namespace

// What is due by time comes before the command, and judgement after it, so that a command and a
// tick at the same time give the same state in either order of arrival.
void ResponseMachine::apply(WallTimeMs time, ByteView command, Bytes& reply, Bytes& events) {
  state_.now = std::clamp(time, state_.now, notify::time_max);
  ++state_.applied;
  Turn turn{state_, events, state_.now};
  age_signals(turn);
  page_due(turn);
  const auto decoded = decode_command(command);
  const Reply answer = decoded ? run(turn, *decoded) : Reply{Refusal::malformed};
  judge_all(turn);
  const std::size_t reply_begin = reply.size();
  append(reply, answer);
  Hash64 chain(state_.chain);
  chain.add(static_cast<std::uint64_t>(state_.now.value));
  chain.add(command);
  chain.add(ByteView(reply).substr(reply_begin));
  state_.chain = chain.value();
}

void ResponseMachine::end_block(const replica::EventBlock& block) {
  for (auto& [id, incident] : state_.incidents) {
    for (auto row = incident.rows.rbegin(); row != incident.rows.rend() && row->index.value == 0;
         ++row) {
      row->index = block.index;
      row->hash = block.hash;
    }
  }
}

std::optional<WallTimeMs> ResponseMachine::next_timer() const {
  const WallTimeMs next = std::min({next_age(state_), next_judgement(state_), next_page(state_)});
  if (next == notify::time_max) return std::nullopt;
  return next;
}

Bytes ResponseMachine::tick_command() const { return encode(Tick{}); }

Bytes ResponseMachine::snapshot() const {
  Bytes out(magic);
  append_fields(out, state_);
  return out;
}

Result<void> ResponseMachine::restore(ByteView snapshot) {
  if (!snapshot.starts_with(magic)) {
    return error(Errc::invalid, "The snapshot is not one of incidents.");
  }
  auto state = read_fields<State>(snapshot.substr(magic.size()));
  if (!state) return error(Errc::invalid, "The snapshot of incidents is malformed.");
  if (const char* what = fault(*state)) return error(Errc::invalid, what);
  state_ = std::move(*state);
  return {};
}

std::uint64_t ResponseMachine::hash() const { return hash64(snapshot()); }

void ResponseMachine::verify() const { ASSERT(fault(state_) == nullptr); }

}  // namespace oki::response
