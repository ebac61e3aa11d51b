#include "watch/conductor/machine_link.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "response/signal.h"
#include "watch/conductor/watch_machine.h"

namespace oki::watch {
namespace {

using response::Alive;
using response::Check;
using response::Command;
using response::Observe;
using response::RecordChange;
using response::Trust;

constexpr std::int64_t pause_ms = 100;  // After an answer that nobody leads.

// Whether `newer` makes `older` superfluous while both wait.
bool supersedes(const Command& newer, const Command& older) {
  if (newer.index() != older.index()) return false;
  if (const auto* alive = std::get_if<Alive>(&newer)) {
    return alive->speaker == std::get<Alive>(older).speaker;
  }
  if (const auto* check = std::get_if<Check>(&newer)) {
    const Check& other = std::get<Check>(older);
    return check->speaker == other.speaker && check->kind == other.kind &&
           check->fine == other.fine;
  }
  if (const auto* observe = std::get_if<Observe>(&newer)) {
    const Observe& other = std::get<Observe>(older);
    return observe->speaker == other.speaker && observe->signal.source == other.signal.source &&
           observe->signal.key == other.signal.key && observe->signal.firing == other.signal.firing;
  }
  return false;
}

bool is_hint(const Command& command) {
  const auto* observe = std::get_if<Observe>(&command);
  return observe != nullptr && observe->signal.trust == Trust::hint;
}

bool may_be_repeated(const Command& command) {
  return !std::holds_alternative<RecordChange>(command);
}

}  // namespace

MachineLink::MachineLink(const Clock& clock, Timers& timers, Metrics& metrics, Submit submit,
                         const MachineLinkOptions& options)
    : clock_(clock),
      timers_(timers),
      metrics_(metrics),
      submit_(std::move(submit)),
      options_(options) {}

MachineLink::~MachineLink() { timers_.cancel(again_); }

void MachineLink::tell(Command command) {
  add({std::move(command), clock_.mono_now(), ++last_number_});
  send_some();
}

// The newest of the same key alone counts: behind an end, the beginning before it stays.
bool MachineLink::replace(const Command& command) {
  for (auto at = waiting_.rbegin(); at != waiting_.rend(); ++at) {
    if (supersedes(command, at->command)) {
      at->command = command;
      at->since = clock_.mono_now();
      return true;
    }
    const auto* newer = std::get_if<Observe>(&command);
    const auto* other = std::get_if<Observe>(&at->command);
    if (newer != nullptr && other != nullptr && newer->signal.key == other->signal.key) break;
    const auto* check = std::get_if<Check>(&command);
    const auto* past = std::get_if<Check>(&at->command);
    if (check != nullptr && past != nullptr && check->kind == past->kind &&
        check->speaker == past->speaker) {
      break;
    }
  }
  return false;
}

void MachineLink::make_room() {
  auto loser = std::ranges::find_if(waiting_, [](const Told& x) { return is_hint(x.command); });
  if (loser == waiting_.end()) {
    loser =
        std::ranges::find_if(waiting_, [](const Told& x) { return may_be_repeated(x.command); });
  }
  if (loser == waiting_.end()) loser = waiting_.begin();
  waiting_.erase(loser);
  ++dropped_;
  count("dropped");
}

void MachineLink::add(Told told) {
  if (replace(told.command)) return;
  if (waiting_.size() >= options_.waiting_max) make_room();
  waiting_.push_back(std::move(told));
}

// In its old place, unless something newer has been said meanwhile.
void MachineLink::take_back(const Told& told) {
  if (std::ranges::any_of(waiting_,
                          [&told](const Told& x) { return supersedes(x.command, told.command); })) {
    return;
  }
  if (waiting_.size() >= options_.waiting_max) make_room();
  const auto place = std::ranges::upper_bound(waiting_, told.number, {}, &Told::number);
  waiting_.insert(place, told);
}

void MachineLink::send_some() {
  while (!pausing_ && in_flight_ < options_.in_flight_max && !waiting_.empty()) {
    Told told = std::move(waiting_.front());
    waiting_.pop_front();
    ++in_flight_;
    Bytes bytes = to_part(Part::incidents, response::encode(told.command));
    submit_(std::move(bytes), [this, told = std::move(told)](const replica::Answer& answer) {
      --in_flight_;
      on_answer(told, answer);
      send_some();
    });
  }
}

void MachineLink::on_answer(const Told& told, const replica::Answer& answer) {
  if (answer.outcome == replica::Outcome::answered) {
    const auto reply = response::decode_reply(answer.reply);
    return count(reply ? response::name(reply->refusal) : "malformed");
  }
  const bool taken_perhaps = answer.outcome == replica::Outcome::unknown;
  const bool too_old =
      clock_.mono_now() - told.since > options_.give_up_ms * std::int64_t{1'000'000};
  if (too_old || (taken_perhaps && !may_be_repeated(told.command))) return count("given_up");
  take_back(told);
  if (pausing_) return;
  pausing_ = true;
  again_ = timers_.after_ms(pause_ms, [this] {
    pausing_ = false;
    send_some();
  });
}

void MachineLink::count(const char* outcome) {
  metrics_
      .counter("okiagari_watch_told_total", "What was told to the incident machine, by outcome.",
               std::string("outcome=\"") + outcome + '"')
      .add();
}

}  // namespace oki::watch
