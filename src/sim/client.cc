#include "sim/client.h"

#include <fmt/format.h>

#include <utility>

namespace oki::sim {
namespace {

using replica::SubmitAnswer;
using replica::SubmitResult;

constexpr std::int64_t retry_min_us = 10'000;
constexpr std::int64_t retry_max_us = 60'000;
constexpr std::int64_t refused_us = 200;  // Until a client learns that nobody listens.
constexpr std::size_t done_kept_max = 64;

bool surely_not_taken(SubmitResult result) {
  return result == SubmitResult::not_leader || result == SubmitResult::busy ||
         result == SubmitResult::window_full;
}

// No limit that these name is reached in these worlds.
bool never_expected(SubmitResult result) {
  return result == SubmitResult::session_unknown || result == SubmitResult::too_old ||
         result == SubmitResult::too_large;
}

}  // namespace

Client::Client(const Parts& parts, const ClientOptions& options, std::uint64_t seed, Source source,
               OnReply on_reply)
    : parts_(parts),
      options_(options),
      prng_(seed),
      source_(std::move(source)),
      on_reply_(std::move(on_reply)) {}

void Client::start() { step(); }

void Client::step() {
  if (session_.value == 0) {
    attempt(0, leader_seat_);
    leader_seat_ = any_seat();
  } else if (!finishing_) {
    if (prng_.chance(options_.read_permille, 1000)) read();
    if (commands_.size() < options_.window) begin_command();
  }
  parts_.scheduler.after_us(prng_.between(options_.think_min_us, options_.think_max_us),
                            [this] { step(); });
}

void Client::begin_command() {
  std::optional<Bytes> body = source_();
  if (!body) return;
  const std::uint64_t number = ++last_number_;
  Command& command = commands_[number];
  command.body = std::move(*body);
  command.begun = parts_.oracle.begin();
  command.deadline = parts_.scheduler.now() + options_.deadline_us * ns_per_us;
  if (prng_.chance(options_.doubled_permille, 1000)) attempt(number, any_seat());
  attempt(number, leader_seat_);
}

void Client::read() {
  const std::uint32_t seat = any_seat();
  const Oracle::Ticket begun = parts_.oracle.begin();
  parts_.network.send(options_.endpoint, seat, 0, [this, seat, begun] {
    SimNode* node = parts_.node(seat);
    if (node == nullptr) return;
    node->read([this, begun](SubmitResult result, LogIndex index) {
      if (result == SubmitResult::applied) parts_.oracle.on_read(begun, index);
    });
  });
}

std::uint32_t Client::any_seat() {
  return static_cast<std::uint32_t>(1 + prng_.below(options_.nodes));
}

void Client::attempt(std::uint64_t number, std::uint32_t seat) {
  parts_.trace.add(parts_.scheduler.now(), What::command_asked, seat, options_.endpoint, number);
  replica::ClientCommand asked;
  std::uint64_t attempt = 0;
  if (number != 0) {
    Command& command = commands_.at(number);
    attempt = ++command.attempts;
    asked = {session_, number, commands_.begin()->first, command.body};
    repeat(number, attempt, options_.attempt_us);
  }
  ask(seat, std::move(asked),
      [this, number, attempt, session = session_](const SubmitAnswer& answer) {
        if (session == session_) on_answer(number, attempt, answer);
      });
}

// There and back over the links; `answered` is never called when anything is lost.
void Client::ask(std::uint32_t seat, replica::ClientCommand command,
                 std::function<void(const SubmitAnswer&)> answered) {
  auto back = [this, seat, number = command.number,
               answered = std::move(answered)](const SubmitAnswer& answer) {
    parts_.network.send(seat, options_.endpoint, number, [answered, answer] { answered(answer); });
    SimNode* node = parts_.node(seat);
    if (node != nullptr && answer.result == SubmitResult::applied) node->sprung(Trap::after_answer);
  };
  parts_.network.send(options_.endpoint, seat, command.number,
                      [this, seat, command = std::move(command), back = std::move(back)] {
                        SimNode* node = parts_.node(seat);
                        if (node != nullptr && node->submit(command, back)) return;
                        parts_.scheduler.after_us(
                            refused_us, [back] { back({SubmitResult::not_leader, {}, {}, {}}); });
                      });
}

void Client::on_answer(std::uint64_t number, std::uint64_t attempt, const SubmitAnswer& answer) {
  parts_.trace.add(parts_.scheduler.now(), What::command_answered, 0,
                   static_cast<std::uint64_t>(answer.result) << 32 | options_.endpoint,
                   answer.index.value);
  if (number == 0) {
    if (answer.result == SubmitResult::applied) session_ = {answer.index.value};
    return;
  }
  if (answer.result == SubmitResult::applied) return on_applied(number, answer);
  const auto found = commands_.find(number);
  if (found == commands_.end()) return;
  if (never_expected(answer.result)) {
    parts_.oracle.violate(fmt::format("Command {} of session {} was refused as {}.", number,
                                      session_.value, name(answer.result)));
    return give_up(number);
  }
  if (surely_not_taken(answer.result)) found->second.refused += 1;
  const bool hinted = answer.leader.value >= 1 && answer.leader.value <= options_.nodes;
  leader_seat_ = hinted ? static_cast<std::uint32_t>(answer.leader.value) : any_seat();
  repeat(number, attempt, prng_.between(retry_min_us, retry_max_us));
}

void Client::on_applied(std::uint64_t number, const SubmitAnswer& answer) {
  if (const auto late = done_.find(number); late != done_.end()) {
    parts_.oracle.on_answer(late->second.body, late->second.begun, answer.index, answer.reply);
    return;
  }
  const auto found = commands_.find(number);
  if (found == commands_.end()) return;
  parts_.oracle.on_answer(found->second.body, found->second.begun, answer.index, answer.reply);
  answered_ += 1;
  last_answer_ = parts_.scheduler.now();
  on_reply_(found->second.body, answer.reply);
  done_.insert(commands_.extract(found));
  if (done_.size() > done_kept_max) done_.erase(done_.begin());
}

// Asks again after the delay, unless that has been done since or is not needed any more.
void Client::repeat(std::uint64_t number, std::uint64_t attempt, std::int64_t delay_us) {
  parts_.scheduler.after_us(delay_us, [this, number, attempt, delay_us] {
    const auto found = commands_.find(number);
    if (found == commands_.end() || found->second.attempts != attempt) return;
    if (parts_.scheduler.now() >= found->second.deadline) return give_up(number);
    if (delay_us == options_.attempt_us) leader_seat_ = any_seat();
    this->attempt(number, leader_seat_);
  });
}

void Client::give_up(std::uint64_t number) {
  const Command& command = commands_.at(number);
  parts_.trace.add(parts_.scheduler.now(), What::command_given_up, 0, options_.endpoint, number);
  if (command.refused == command.attempts) parts_.oracle.on_surely_not_taken(command.body);
  given_up_ += 1;
  commands_.erase(number);
}

}  // namespace oki::sim
