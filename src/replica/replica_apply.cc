// What happens to an entry once it is committed, and what the leader does about members and hashes.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/planted.h"
#include "replica/admission.h"
#include "replica/replica_impl.h"

namespace oki::replica {
namespace {

constexpr ByteView room = "replica";

}  // namespace

void Replica::Impl::apply_committed() {
  const std::vector<store::Entry> committed = std::exchange(ready_.committed, {});
  for (const store::Entry& entry : committed) {
    if (stopped_) return;
    apply_entry(entry);
  }
}

void Replica::Impl::apply_entry(const store::Entry& entry) {
  if (entry.type == entry_members) {
    apply_members(entry);
  } else if (entry.data.empty()) {
    state_.skip(entry.index);
  } else if (Result<EntryData> data = decode_entry(entry.data); !data) {
    counters_.entries_malformed.add();
    state_.skip(entry.index);
  } else if (Batch* batch = std::get_if<Batch>(&*data)) {
    apply_batch(entry, *batch);
  } else {
    state_.skip(entry.index);
    on_hash_report(entry, std::get<HashReport>(*data));
  }
  if (stopped_) return;
  applied_term_ = entry.term;
  if (tick_at_ <= entry.index) tick_at_ = {};
  if (ready_.is_leader && entry.term == ready_.term) served_term_ = entry.term;
  const auto bytes = static_cast<std::uint32_t>(entry.data.size() + sizeof(store::Entry));
  entry_bytes_.push_back(bytes);
  bytes_since_snapshot_ += bytes;
  if (entry.index.value % options_.hash_every_entries == 0) compare_hashes();
  maybe_snapshot();
}

void Replica::Impl::apply_batch(const store::Entry& entry, Batch& batch) {
  std::vector<Proposals::Answer> lost;
  std::optional<Proposals::Flying> ours = proposals_.landed(entry.index, entry.term, lost);
  if (PLANTED(entries_reordered_in_batch) && !ours) {
    std::reverse(batch.commands.begin(), batch.commands.end());
  }
  std::vector<SubmitAnswer> answers;
  const EventBlock& block =
      blocks_.add(state_.apply_batch(entry.index, batch, ours ? &answers : nullptr));
  counters_.batches.add();
  counters_.commands.add(batch.commands.size());
  parts_.host.on_events(&block);
  if (ours) {
    ASSERT(answers.size() == ours->answers.size());
    counters_.commit_time.record_ns(parts_.clock.mono_now() - ours->since);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      answers[i].leader = options_.self;
      if (ours->answers[i]) ours->answers[i](answers[i]);
    }
  }
  SubmitAnswer unknown;
  unknown.leader = ready_.leader;
  for (const Proposals::Answer& give : lost) give(unknown);
}

// Planted: the commands in flight are answered as soon as they are proposed.
void Replica::Impl::answer_before_commit() {
  for (Proposals::Flying& flying : proposals_.flying()) {
    for (Proposals::Answer& give : flying.answers) {
      SubmitAnswer answer;
      answer.result = SubmitResult::applied;
      answer.index = flying.index;
      answer.leader = options_.self;
      std::exchange(give, [](const SubmitAnswer&) {})(answer);
    }
  }
}

void Replica::Impl::apply_members(const store::Entry& entry) {
  const Result<MemberChange> change = decode_member_change(entry.data);
  if (!change || !state_.apply_member_change(entry.index, *change)) {
    if (!change) state_.skip(entry.index);
    return;
  }
  input_.apply_member_changes.push_back(*change);
  change_ticks_ = 0;
  parts_.log.info(room, "the members of the cluster changed",
                  {{"node", change->id.value},
                   {"seat", std::uint64_t{change->seat}},
                   {"kind", static_cast<int>(change->kind)}});
  if (change->kind == MemberChange::Kind::remove && change->id == options_.self) {
    return stop({Errc::mismatch,
                 "this node has been removed from the cluster: its seat has been "
                 "given to a new node"});
  }
  if (admission_ && *admission_ == *change) finish_admission(SubmitResult::applied);
}

void Replica::Impl::finish_admission(SubmitResult result) {
  if (!admission_) return;
  SubmitAnswer answer;
  answer.result = result;
  answer.leader = ready_.leader;
  answer.index = state_.index();
  if (result == SubmitResult::applied) {
    Writer writer(answer.reply);
    writer.u64(admission_->id.value);
    writer.blob(encode(state_.members()));
  }
  admission_.reset();
  std::exchange(admission_answer_, nullptr)(answer);
}

// The leader, every tick: the next step of a seat's way back.
void Replica::Impl::drive_members() {
  if (!status_.serving || change_ticks_ > 0 || transfer_ticks_ > 0) return;
  if (!members_in_transition(state_.members())) return;
  const std::optional<MemberChange> change =
      next_member_change(state_.members(), options_.self, last_index_, engine_->peers());
  if (change) propose_change(*change);
}

void Replica::Impl::compare_hashes() {
  if (options_.deep_hashes) state_.verify();
  const std::uint64_t hash = options_.deep_hashes ? state_.hash() : state_.running_hash();
  status_.state_hash_index = state_.index();
  status_.state_hash = hash;
  votes_.add_own(state_.index(), hash);
  own_report_ = HashReport{options_.self, state_.index(), hash, false};
  send_hash_report(*own_report_);
}

void Replica::Impl::send_hash_reports() {
  if (own_report_) send_hash_report(*own_report_);
  if (own_deep_report_) send_hash_report(*own_deep_report_);
}

void Replica::Impl::send_hash_report(const HashReport& report) {
  report_ticks_ = 0;
  const Bytes entry = encode(report);
  if (ready_.is_leader) {
    if (reports_.size() < reports_max) reports_.push_back(entry);
  } else if (ready_.leader.value > 0) {
    PeerMessage message;
    message.kind = PeerKind::hash_report;
    message.bytes = entry;
    send_to(ready_.leader, message);
  }
}

void Replica::Impl::on_hash_report(const store::Entry& entry, const HashReport& report) {
  if (own_report_ && report == *own_report_) own_report_.reset();
  if (own_deep_report_ && report == *own_deep_report_) own_deep_report_.reset();
  if (report.index >= entry.index) return;  // No node can have computed that one.
  HashVotes& votes = report.deep ? deep_votes_ : votes_;
  if (!votes.add_report(report, state_.members())) return;
  stop({Errc::mismatch, "this node's state differs from that of the majority at log index " +
                            std::to_string(report.index.value) +
                            ": its disk, memory or program is wrong; it must not serve"});
}

}  // namespace oki::replica
