#include "replica/replica.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/hash64.h"
#include "base/planted.h"
#include "replica/admission.h"
#include "replica/replica_impl.h"

namespace oki::replica {
namespace {

constexpr ByteView room = "replica";

// Two nodes or two lives of one node must not ask the same question.
std::uint64_t question_salt(const Clock& clock, NodeId self) {
  Hash64 hash(self.value);
  hash.add(static_cast<std::uint64_t>(clock.wall_now().value));
  hash.add(static_cast<std::uint64_t>(clock.mono_now().value));
  return hash.value();
}

ProposalLimits proposal_limits(const ReplicaOptions& options) {
  return {options.batch_bytes_max, options.batch_commands_max, options.batches_in_flight_max,
          options.pending_commands_max, options.pending_bytes_max};
}

}  // namespace

const char* name(SubmitResult result) {
  switch (result) {
    case SubmitResult::applied:
      return "applied";
    case SubmitResult::not_leader:
      return "not_leader";
    case SubmitResult::busy:
      return "busy";
    case SubmitResult::too_large:
      return "too_large";
    case SubmitResult::session_unknown:
      return "session_unknown";
    case SubmitResult::too_old:
      return "too_old";
    case SubmitResult::window_full:
      return "window_full";
    case SubmitResult::unknown:
      return "unknown";
  }
  return "invalid";
}

Replica::Impl::Impl(const ReplicaParts& parts, const ReplicaOptions& options)
    : parts_(parts),
      options_(options),
      snapshot_disk_(parts.snapshot_disk ? *parts.snapshot_disk : parts.disk),
      snapshots_(snapshot_disk_),
      inline_maker_(snapshot_disk_),
      maker_(parts.snapshot_maker ? *parts.snapshot_maker : inline_maker_),
      state_(parts.machine,
             {options.sessions_max, options.session_window_max, options.session_reply_bytes_max}),
      proposals_(proposal_limits(options)),
      reads_(question_salt(parts.clock, options.self), options.pending_reads_max,
             2 * options.election_ticks),
      blocks_(options.event_blocks_bytes_max),
      ticks_left_(options.ticks_in_a_row_max),
      receiver_(snapshot_disk_, store::arriving_name, options.snapshot_bytes_max,
                [this](const Error& error) {
                  stop({error.code, "the leader's snapshot cannot be written: " + error.message});
                }),
      counters_(make_counters(parts.metrics)) {
  status_.self = options.self;
}

Replica::Impl::~Impl() {
  parts_.timers.cancel(timer_);
  parts_.timers.cancel(machine_timer_);
}

Replica::Impl::Counters Replica::Impl::make_counters(Metrics& metrics) {
  return {metrics.counter("okiagari_replica_commands_total", "Commands applied"),
          metrics.counter("okiagari_replica_batches_total", "Batches applied"),
          metrics.counter("okiagari_replica_peer_messages_refused_total",
                          "Malformed or misdirected messages of peers"),
          metrics.counter("okiagari_replica_inbox_dropped_total",
                          "Messages of peers dropped because the disk was too slow"),
          metrics.counter("okiagari_replica_engine_refused_total",
                          "Messages of peers that the engine refused"),
          metrics.counter("okiagari_replica_entries_malformed_total",
                          "Log entries without effect because they break the format"),
          metrics.counter("okiagari_replica_ticks_total", "Ticks proposed for due timers"),
          metrics.counter("okiagari_replica_snapshots_taken_total", "Own snapshots made durable"),
          metrics.counter("okiagari_replica_snapshots_failed_total",
                          "Own snapshots that came to nothing"),
          metrics.histogram("okiagari_replica_snapshot_pause_seconds",
                            "How long a beginning snapshot stopped everything else"),
          metrics.histogram("okiagari_replica_snapshot_seconds",
                            "From the beginning of a snapshot until it was durable"),
          metrics.counter("okiagari_replica_snapshots_installed_total",
                          "Snapshots taken over from a leader"),
          metrics.gauge("okiagari_replica_term", "Raft term"),
          metrics.gauge("okiagari_replica_leader", "1 when this node leads"),
          metrics.gauge("okiagari_replica_applied_index", "Last applied log index"),
          metrics.gauge("okiagari_replica_commit_index", "Last log index known to be committed"),
          metrics.gauge("okiagari_replica_waiting_commands", "Commands that wait for a batch"),
          metrics.gauge("okiagari_replica_flying_batches", "Batches proposed and not committed"),
          metrics.histogram("okiagari_replica_commit_seconds", "From proposal to application"),
          metrics.counter("okiagari_replica_fsyncs_begun_total",
                          "Appends to the journal, with the one that is not durable yet"),
          metrics.histogram("okiagari_replica_fsync_seconds", "Appends to the journal")};
}

// The host does not know the replica yet: nothing is called back inside start().
void Replica::Impl::begin_soon() {
  timer_ = parts_.timers.after_ms(0, [this] { begin(); });
}

void Replica::Impl::begin() {
  // A sole voter has nobody to wait for.
  const Members& members = state_.members();
  const Members::Member* self = find_member(members, options_.self);
  input_.campaign = self && !self->learner && voters(members) == 1;
  timer_ = parts_.timers.after_ms(options_.tick_ms, [this] { on_tick(); });
  check_status();
  pump();
}

void Replica::Impl::submit(ClientCommand command, Proposals::Answer answer) {
  if (stopped_) return;
  SubmitAnswer now;
  now.leader = status_.leader;
  if (const auto refused = refuse_at_once(command, now)) {
    now.result = *refused;
    return answer(now);
  }
  proposals_.add(std::move(command), std::move(answer));
  pump_soon();
}

// A retry whose answer is known gets it here; what the log would surely refuse does not enter it.
std::optional<SubmitResult> Replica::Impl::refuse_at_once(const ClientCommand& command,
                                                          SubmitAnswer& answer) {
  if (!ready_leads_) return SubmitResult::not_leader;
  if (command.session == tick_session) return SubmitResult::session_unknown;
  if (!proposals_.has_room_for(command)) return SubmitResult::busy;
  if (command.body.size() > options_.command_bytes_max) return SubmitResult::too_large;
  if (command.session.value == 0 || !status_.serving) return std::nullopt;
  const SessionTable::Verdict verdict =
      state_.sessions().check(command.session, command.number, command.floor);
  if (verdict.reply) {
    answer.index = verdict.reply->index;
    answer.reply = verdict.reply->bytes;
    return SubmitResult::applied;
  }
  if (verdict.result == SubmitResult::window_full) return verdict.result;
  return std::nullopt;
}

void Replica::Impl::read_barrier(Reads::Done done) {
  if (stopped_) return;
  if (!reads_.has_room()) return done(SubmitResult::busy, {});
  reads_.add(std::move(done));
  pump_soon();
}

void Replica::Impl::admit(std::uint32_t seat, Proposals::Answer answer) {
  if (stopped_) return;
  SubmitAnswer refused;
  refused.leader = status_.leader;
  refused.result = SubmitResult::busy;
  if (!ready_leads_) refused.result = SubmitResult::not_leader;
  if (!status_.serving || admission_ || change_ticks_ > 0 || seat == 0 || seat == options_.seat) {
    return answer(refused);
  }
  const NodeId id{state_.members().id_max.value + 1};
  admission_ = MemberChange{MemberChange::Kind::add_learner, id, seat};
  admission_answer_ = std::move(answer);
  propose_change(*admission_);
  parts_.log.info(room, "a seat with an empty disk is admitted",
                  {{"seat", std::uint64_t{seat}}, {"node", id.value}});
  pump_soon();
}

void Replica::Impl::propose_change(const MemberChange& change) {
  input_.member_change = change;
  change_ticks_ = 2 * options_.election_ticks;
}

void Replica::Impl::transfer_leadership(NodeId to) {
  if (stopped_ || !ready_leads_ || to == options_.self) return;
  const Members::Member* member = find_member(state_.members(), to);
  if (!member || member->learner) return;
  input_.transfer_to = transfer_to_ = to;
  transfer_ticks_ = options_.election_ticks;
  pump_soon();
}

void Replica::Impl::flush() { pump(); }

void Replica::Impl::pump_soon() {
  if (!options_.flushed_by_host) pump();
}

void Replica::Impl::pump() {
  if (pumping_) return;
  pumping_ = true;
  while (!stopped_ && !outstanding_ && has_work()) turn();
  pumping_ = false;
}

bool Replica::Impl::has_work() const {
  return input_.advance || input_.ticks > 0 || input_.campaign || !input_.messages.empty() ||
         input_.member_change || input_.transfer_to.value > 0 || !input_.unreachable.empty() ||
         !input_.snapshots_sent.empty() || reads_.wants_question() || wants_proposals();
}

bool Replica::Impl::wants_proposals() const {
  if (!ready_leads_ || transfer_ticks_ > 0) return false;
  return proposals_.wants_batch() || !reports_.empty() || tick_due_;
}

WallTimeMs Replica::Impl::next_batch_time() {
  last_batch_time_ = std::max({last_batch_time_, state_.time(), parts_.clock.wall_now()});
  return last_batch_time_;
}

void Replica::Impl::gather_proposals() {
  if (!wants_proposals()) return;
  while (proposals_.wants_batch()) {
    input_.proposals.push_back(proposals_.next_batch(next_batch_time()));
  }
  if (tick_due_) propose_tick();
  for (Bytes& report : reports_) input_.proposals.push_back(std::move(report));
  reports_.clear();
}

void Replica::Impl::turn() {
  gather_proposals();
  if (reads_.wants_question()) input_.read_requests.push_back(reads_.next_question());
  EngineInput input = std::exchange(input_, {});
  input_bytes_ = 0;
  Result<Ready> ready = engine_->turn(input);
  if (!ready) return stop(ready.error());
  ready_ = std::move(*ready);
  outstanding_ = true;
  counters_.engine_refused.add(ready_.messages_refused);
  if (ready_.member_change_dropped) change_ticks_ = 0;
  take_offered(input.proposals.size());
  if (ready_.hard_state) hard_state_ = *ready_.hard_state;
  if (offered_ && !ready_.snapshot) offered_.reset();  // The engine had no use for it.
  if (!ready_.any) {
    outstanding_ = false;
    note_leadership();
    return;
  }
  write_ready();
}

void Replica::Impl::take_offered(std::size_t proposals) {
  const std::size_t batches = proposals_.offered();
  const std::size_t accepted = proposals - ready_.proposals_dropped;
  ASSERT(accepted <= ready_.entries.size());
  const LogIndex first =
      accepted == 0 ? LogIndex{} : ready_.entries[ready_.entries.size() - accepted].index;
  if (std::exchange(tick_offered_, false) && accepted > batches) {
    tick_at_ = {first.value + batches};
    counters_.ticks.add();
  }
  const std::vector<Proposals::Answer> refused = proposals_.offered_result(
      std::min(accepted, batches), first, ready_.term, parts_.clock.mono_now());
  SubmitAnswer answer;
  answer.result = SubmitResult::not_leader;
  answer.leader = ready_.is_leader ? NodeId{} : ready_.leader;
  for (const Proposals::Answer& give : refused) give(answer);
}

// Entries, and with them the hard state, go to the journal. A new commit index alone does not: it
// is learned again after a restart.
void Replica::Impl::write_ready() {
  send_engine_messages(true);
  if (PLANTED(apply_before_durable)) apply_committed();
  if (PLANTED(reply_before_commit)) answer_before_commit();
  if (ready_.snapshot) return install_snapshot();
  append_ready();
}

void Replica::Impl::append_ready() {
  const bool vote = hard_state_.term != saved_.term || hard_state_.vote != saved_.vote;
  if (!ready_.entries.empty()) last_index_ = ready_.entries.back().index;
  if (ready_.entries.empty() && !vote) return finish_ready();
  std::optional<store::HardState> hard_state;
  if (!(hard_state_ == saved_)) hard_state = saved_ = hard_state_;
  if (PLANTED(hard_state_dropped)) hard_state.reset();
  const MonoTimeNs begun = parts_.clock.mono_now();
  counters_.fsyncs_begun.add();
  auto done = after_disk("the journal cannot be written", [begun](Impl& self) {
    self.counters_.fsync_time.record_ns(self.parts_.clock.mono_now() - begun);
    if (PLANTED(advance_before_fsync)) return;
    self.finish_ready();
    self.pump();
  });
  const std::vector<store::Entry> entries = std::move(ready_.entries);
  journal_->append(hard_state, entries, std::move(done));
  if (PLANTED(advance_before_fsync)) finish_ready();
}

void Replica::Impl::finish_ready() {
  if (stopped_) return;
  send_engine_messages(false);
  for (const ReadState& read : ready_.read_states) reads_.on_answer(read.context, read.index);
  apply_committed();
  if (stopped_) return;
  outstanding_ = false;
  input_.advance = true;
  note_leadership();
  for (Reads::Finished& read : reads_.take_applied(state_.index())) {
    read.done(read.result, read.index);
  }
  look_at_timers();
  if (snapshot_wanted_) maybe_snapshot();
}

// The leader makes what is due happen when no command does. A timer that comes due before the next
// tick of the engine gets one of the loop's; others are looked at again then: clocks jump.
void Replica::Impl::look_at_timers() {
  if (!status_.serving || tick_due_ || tick_at_.value > 0 || proposals_.in_flight() > 0) return;
  const std::optional<WallTimeMs> due = parts_.machine.next_timer();
  if (!due) return;
  const WallTimeMs now = std::max({last_batch_time_, state_.time(), parts_.clock.wall_now()});
  const std::int64_t wait_ms = due->value - now.value;
  if (wait_ms <= 0) {
    if (ticks_left_ == 0) return;  // The rest of a long burst, after the next tick of the engine.
    --ticks_left_;
    tick_due_ = true;
  } else if (wait_ms < options_.tick_ms) {
    parts_.timers.cancel(machine_timer_);
    machine_timer_ = parts_.timers.after_ms(wait_ms, [this] {
      look_at_timers();
      pump();
    });
  }
}

// A batch of clients does what a tick would do.
void Replica::Impl::propose_tick() {
  tick_due_ = false;
  if (!input_.proposals.empty()) return;
  BatchWriter batch(next_batch_time());
  batch.add({tick_session, 0, 0, parts_.machine.tick_command()});
  input_.proposals.push_back(batch.take());
  tick_offered_ = true;
}

// After the commits of the Ready: a command may have been committed with the news of the loss.
void Replica::Impl::note_leadership() {
  ready_leads_ = ready_.is_leader;
  if (!ready_leads_) fail_lost_commands();
  check_status();
}

void Replica::Impl::fail_lost_commands() {
  const NodeId next =
      ready_.leader.value == 0 && transfer_ticks_ > 0 ? transfer_to_ : ready_.leader;
  transfer_ticks_ = 0;
  change_ticks_ = 0;
  tick_at_ = {};
  tick_due_ = false;
  reports_.clear();
  forget_senders();
  finish_admission(SubmitResult::unknown);
  SubmitAnswer answer;
  answer.leader = next;
  answer.result = SubmitResult::unknown;
  for (const Proposals::Answer& give : proposals_.take_flying()) give(answer);
  answer.result = SubmitResult::not_leader;
  for (const Proposals::Answer& give : proposals_.take_waiting()) give(answer);
}

void Replica::Impl::on_tick() {
  if (stopped_) return;
  timer_ = parts_.timers.after_ms(options_.tick_ms, [this] { on_tick(); });
  // Ticks that pass while the disk works are not made up for: a node that could not listen must
  // not conclude that nobody spoke.
  input_.ticks = 1;
  if (transfer_ticks_ > 0) --transfer_ticks_;
  if (change_ticks_ > 0 && --change_ticks_ == 0) finish_admission(SubmitResult::unknown);
  for (Reads::Finished& read : reads_.take_expired()) read.done(read.result, read.index);
  tick_snapshots();
  ticks_left_ = options_.ticks_in_a_row_max;
  look_at_timers();
  drive_members();
  const bool reports_open = own_report_ || own_deep_report_;
  if (reports_open && ++report_ticks_ >= options_.election_ticks) send_hash_reports();
  if (snapshot_retry_ticks_ > 0 && --snapshot_retry_ticks_ == 0) snapshot_wanted_ = true;
  pump();
}

void Replica::Impl::check_status() {
  const ReplicaStatus before = status_;
  status_.leader = ready_.leader;
  status_.term = ready_.term;
  status_.is_leader = ready_leads_;
  if (!ready_leads_ || before.term != status_.term) status_.serving = false;
  if (ready_leads_ && served_term_ == status_.term) status_.serving = true;
  status_.commit = hard_state_.commit;
  status_.applied = state_.index();
  status_.event_hash = state_.event_hash();
  const bool members_changed = !(status_.members == state_.members());
  if (members_changed) status_.members = state_.members();
  counters_.applied.set(static_cast<std::int64_t>(status_.applied.value));
  counters_.commit.set(static_cast<std::int64_t>(status_.commit.value));
  counters_.waiting.set(static_cast<std::int64_t>(proposals_.waiting()));
  counters_.flying.set(static_cast<std::int64_t>(proposals_.in_flight()));
  if (before.leader == status_.leader && before.term == status_.term &&
      before.serving == status_.serving && before.is_leader == status_.is_leader &&
      !members_changed) {
    return;
  }
  counters_.term.set(static_cast<std::int64_t>(status_.term.value));
  counters_.leader.set(status_.is_leader ? 1 : 0);
  parts_.host.on_status(status_);
}

void Replica::Impl::stop(Error reason) {
  if (stopped_) return;
  stopped_ = true;
  parts_.timers.cancel(timer_);
  parts_.timers.cancel(machine_timer_);
  parts_.log.error(room, reason.message, {{"error", name(reason.code)}});
  parts_.host.stop(reason);
}

void Replica::Impl::verify() const {
  state_.verify();
  ASSERT(compacted_ <= state_.index());
  ASSERT(entry_bytes_.size() == state_.index().value - compacted_.value);
  ASSERT(proposals_.in_flight() == 0 || ready_leads_ || outstanding_);
}

}  // namespace oki::replica
