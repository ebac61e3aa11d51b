#include "replica/reads.h"

#include <utility>

#include "base/assert.h"

namespace oki::replica {

void Reads::add(Done done) {
  ASSERT(has_room());
  ++count_;
  fresh_.push_back(std::move(done));
}

Bytes Reads::next_question() {
  ASSERT(wants_question());
  Question& question = questions_[++last_question_];
  question.reads = std::exchange(fresh_, {});
  question.asked_tick = tick_;
  Bytes context;
  Writer writer(context);
  writer.u64(salt_);
  writer.u64(last_question_);
  return context;
}

void Reads::on_answer(ByteView context, LogIndex index) {
  Reader reader(context);
  const std::uint64_t salt = reader.u64();
  const std::uint64_t number = reader.u64();
  if (!reader.done() || salt != salt_) return;
  const auto found = questions_.find(number);
  if (found != questions_.end() && !found->second.index) found->second.index = index;
}

std::vector<Reads::Finished> Reads::take_applied(LogIndex applied) {
  std::vector<Finished> finished;
  for (auto at = questions_.begin(); at != questions_.end();) {
    Question& question = at->second;
    if (!question.index || *question.index > applied) {
      ++at;
      continue;
    }
    for (Done& done : question.reads) {
      finished.push_back({std::move(done), SubmitResult::applied, *question.index});
    }
    count_ -= question.reads.size();
    at = questions_.erase(at);
  }
  return finished;
}

std::vector<Reads::Finished> Reads::take_expired() {
  ++tick_;
  std::vector<Finished> finished;
  while (!questions_.empty()) {
    const auto oldest = questions_.begin();
    if (tick_ - oldest->second.asked_tick <= patience_ticks_) break;
    for (Done& done : oldest->second.reads) {
      finished.push_back({std::move(done), SubmitResult::unknown, {}});
    }
    count_ -= oldest->second.reads.size();
    questions_.erase(oldest);
  }
  return finished;
}

}  // namespace oki::replica
