#include "replica/proposals.h"

#include <iterator>
#include <utility>

#include "base/assert.h"

namespace oki::replica {

bool Proposals::has_room_for(const ClientCommand& command) const {
  return waiting_.size() < limits_.commands_max &&
         waiting_bytes_ + BatchWriter::size_of(command) <= limits_.bytes_max;
}

void Proposals::add(ClientCommand command, Answer answer) {
  ASSERT(has_room_for(command));
  waiting_bytes_ += BatchWriter::size_of(command);
  waiting_.push_back({std::move(command), std::move(answer)});
}

Bytes Proposals::next_batch(WallTimeMs time) {
  ASSERT(wants_batch());
  BatchWriter batch(time);
  std::vector<Answer>& answers = offered_.emplace_back();
  bool opens = false;
  while (!waiting_.empty() && batch.count() < limits_.batch_commands_max) {
    Waiting& next = waiting_.front();
    const std::size_t bytes = BatchWriter::size_of(next.command);
    if (batch.count() > 0 && batch.size() + bytes > limits_.batch_bytes_max) break;
    // A session is named after its entry, so an entry opens one at most.
    if (next.command.session.value == 0 && std::exchange(opens, true)) break;
    batch.add(next.command);
    answers.push_back(std::move(next.answer));
    waiting_bytes_ -= bytes;
    waiting_.pop_front();
  }
  return batch.take();
}

std::vector<Proposals::Answer> Proposals::offered_result(std::size_t accepted, LogIndex first,
                                                         Term term, MonoTimeNs now) {
  ASSERT(accepted <= offered_.size());
  std::vector<Answer> refused;
  for (std::size_t i = 0; i < offered_.size(); ++i) {
    if (i < accepted) {
      flying_.push_back({{first.value + i}, term, now, std::move(offered_[i])});
    } else {
      std::move(offered_[i].begin(), offered_[i].end(), std::back_inserter(refused));
    }
  }
  offered_.clear();
  return refused;
}

std::optional<Proposals::Flying> Proposals::landed(LogIndex index, Term term,
                                                   std::vector<Answer>& lost) {
  while (!flying_.empty() && flying_.front().index <= index) {
    Flying first = std::move(flying_.front());
    flying_.pop_front();
    if (first.index == index && first.term == term) return first;
    std::move(first.answers.begin(), first.answers.end(), std::back_inserter(lost));
  }
  return std::nullopt;
}

std::vector<Proposals::Answer> Proposals::take_flying() {
  std::vector<Answer> answers;
  for (Flying& batch : flying_) {
    std::move(batch.answers.begin(), batch.answers.end(), std::back_inserter(answers));
  }
  flying_.clear();
  return answers;
}

std::vector<Proposals::Answer> Proposals::take_waiting() {
  std::vector<Answer> answers;
  for (Waiting& waiting : waiting_) answers.push_back(std::move(waiting.answer));
  waiting_.clear();
  waiting_bytes_ = 0;
  return answers;
}

}  // namespace oki::replica
