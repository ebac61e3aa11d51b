// The commands on their way into the log: waiting for a batch, then in flight with one.
//
// Natural batching: while as many batches are in flight as allowed, commands wait; whatever waited
// is the next batch. A batch in flight is known by its place in the log: when another entry is
// committed there, or leadership is lost, the outcome of its commands is unknown.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "replica/batch.h"
#include "replica/replica.h"

namespace oki::replica {

struct ProposalLimits {
  std::size_t batch_bytes_max = 1u << 20;
  std::size_t batch_commands_max = 8192;
  std::size_t batches_in_flight_max = 2;
  std::size_t commands_max = 65536;
  std::size_t bytes_max = 16u << 20;
};

class Proposals {
 public:
  using Answer = std::function<void(const SubmitAnswer&)>;

  explicit Proposals(const ProposalLimits& limits) : limits_(limits) {}

  bool has_room_for(const ClientCommand& command) const;

  // REQUIRES: has_room_for(command).
  void add(ClientCommand command, Answer answer);

  bool wants_batch() const {
    return !waiting_.empty() && in_flight() < limits_.batches_in_flight_max;
  }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t offered() const { return offered_.size(); }
  std::size_t in_flight() const { return flying_.size() + offered_.size(); }

  // The next batch, offered to the engine. REQUIRES: wants_batch().
  Bytes next_batch(WallTimeMs time);

  // The engine took the first `accepted` of the offered batches into the log from `first` on; the
  // others are surely not in any log. Gives the answers owed for those.
  std::vector<Answer> offered_result(std::size_t accepted, LogIndex first, Term term,
                                     MonoTimeNs now);

  struct Flying {
    LogIndex index;
    Term term;
    MonoTimeNs since;
    std::vector<Answer> answers;  // In the order of the batch's commands.
  };

  // The entry at `index` of `term` is about to be applied: its batch, when it is ours. Batches that
  // turn out to be overtaken by it are appended to `lost`.
  std::optional<Flying> landed(LogIndex index, Term term, std::vector<Answer>& lost);

  std::deque<Flying>& flying() { return flying_; }

  // Leadership is lost.
  std::vector<Answer> take_flying();
  std::vector<Answer> take_waiting();

 private:
  struct Waiting {
    ClientCommand command;
    Answer answer;
  };

  ProposalLimits limits_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<std::vector<Answer>> offered_;
  std::deque<Flying> flying_;
};

}  // namespace oki::replica
