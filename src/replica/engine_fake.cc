// An engine of one voter that commits at once, without the consensus library.
//
// It keeps the rules of engine.h that a caller can break: one Ready outstanding, entries and their
// commit in one Ready, changes of members applied by the caller. It has no peers.
#include <deque>
#include <utility>

#include "base/assert.h"
#include "replica/engine.h"

namespace oki::replica {
namespace {

class FakeEngine : public Engine {
 public:
  FakeEngine(const EngineOptions& options, const EngineStart& start)
      : options_(options),
        hard_state_(start.log.hard_state),
        handed_out_(start.log.hard_state),
        last_(start.log.compacted) {
    terms_.emplace_back(start.log.compacted, start.log.compacted_term);
    for (const store::Entry& entry : start.log.entries) {
      last_ = entry.index;
      terms_.emplace_back(entry.index, entry.term);
      if (entry.index > start.applied) waiting_.push_back(entry);
    }
  }

  Result<Ready> turn(const EngineInput& input) override {
    ASSERT(input.advance == outstanding_);
    outstanding_ = false;
    Ready ready;
    ready.messages_refused = count_of(input.messages.size());
    ticks_ += input.ticks;
    const bool campaigns = input.campaign || ticks_ >= options_.election_ticks;
    if (campaigns && !leads_ && last_.value > 0) lead(ready);
    if (leads_) {
      take_proposals(input, ready);
    } else {
      ready.proposals_dropped = count_of(input.proposals.size());
      ready.member_change_dropped = input.member_change.has_value();
    }
    commit(ready);
    finish(ready);
    return ready;
  }

  Result<Term> compact(LogIndex, Term, const Members&, LogIndex keep) override {
    while (!terms_.empty() && terms_.front().first < keep) terms_.pop_front();
    if (!terms_.empty() && terms_.front().first == keep) return terms_.front().second;
    return error(Errc::not_found, "the log has no entry to compact up to");
  }

  std::vector<Peer> peers() override { return {}; }

 private:
  static std::uint32_t count_of(std::size_t size) { return static_cast<std::uint32_t>(size); }

  void lead(Ready& ready) {
    leads_ = true;
    hard_state_.term.value += 1;
    hard_state_.vote = options_.self;
    append(ready, entry_normal, {});
  }

  void take_proposals(const EngineInput& input, Ready& ready) {
    if (input.member_change) append(ready, entry_members, encode(*input.member_change));
    for (const Bytes& proposal : input.proposals) append(ready, entry_normal, proposal);
    for (const Bytes& context : input.read_requests) ready.read_states.push_back({last_, context});
  }

  void append(Ready& ready, std::uint8_t type, Bytes data) {
    last_.value += 1;
    store::Entry entry{last_, hard_state_.term, type, std::move(data)};
    terms_.emplace_back(entry.index, entry.term);
    waiting_.push_back(entry);
    ready.entries.push_back(std::move(entry));
  }

  // A sole voter's log is committed once it leads; until then only what was known to be.
  void commit(Ready& ready) {
    if (leads_) hard_state_.commit = last_;
    while (!waiting_.empty() && waiting_.front().index <= hard_state_.commit) {
      ready.committed.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }

  void finish(Ready& ready) {
    if (!(hard_state_ == handed_out_)) ready.hard_state = handed_out_ = hard_state_;
    ready.any = ready.hard_state.has_value() || !ready.entries.empty() ||
                !ready.committed.empty() || !ready.read_states.empty();
    ready.is_leader = leads_;
    ready.leader = leads_ ? options_.self : NodeId{};
    ready.term = hard_state_.term;
    outstanding_ = ready.any;
  }

  EngineOptions options_;
  store::HardState hard_state_;
  store::HardState handed_out_;
  LogIndex last_;
  std::deque<store::Entry> waiting_;  // In the log, not yet given out as committed.
  std::deque<std::pair<LogIndex, Term>> terms_;
  std::uint32_t ticks_ = 0;
  bool leads_ = false;
  bool outstanding_ = false;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_fake_engine(const EngineOptions& options,
                                                 const EngineStart& start) {
  return Result<std::unique_ptr<Engine>>(std::make_unique<FakeEngine>(options, start));
}

}  // namespace oki::replica
