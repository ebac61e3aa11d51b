#include "sim/oracle.h"

#include <fmt/format.h>

#include <utility>

#include "base/hash64.h"
#include "sim/money.h"
#include "sim/workload.h"

namespace oki::sim {

constexpr std::size_t violations_max = 20;

void Oracle::violate(std::string what) {
  if (violations_.size() < violations_max) violations_.push_back(std::move(what));
}

void Oracle::on_block(std::uint32_t seat, const replica::EventBlock& block,
                      std::vector<AppliedCommand> commands) {
  if (const auto last = applied_.find(seat); last != applied_.end()) {
    if (block.index <= last->second) {
      violate(fmt::format("Node {} applied entry {} after entry {}.", seat, block.index.value,
                          last->second.value));
    }
  }
  applied_[seat] = block.index;
  const auto [found, added] = log_.try_emplace(block.index);
  Block& known = found->second;
  if (added) {
    for (const AppliedCommand& applied : commands) {
      if (applied.command == tick_bytes()) continue;  // All of them are alike.
      const auto [place, first] = placed_.try_emplace(applied.command, block.index);
      if (first) continue;
      violate(fmt::format("A command of entry {} is applied again in entry {}.",
                          place->second.value, block.index.value));
    }
    known = {block.time, block.hash_before, block.hash, block.events, std::move(commands)};
    return;
  }
  bool same = known.time == block.time && known.hash_before == block.hash_before &&
              known.hash == block.hash && known.commands.size() == commands.size();
  for (std::size_t i = 0; same && i < commands.size(); ++i) {
    same = known.commands[i].command == commands[i].command &&
           known.commands[i].reply_hash == commands[i].reply_hash;
  }
  if (!same) {
    violate(fmt::format("Node {} applied entry {} otherwise than another node did.", seat,
                        block.index.value));
  }
}

void Oracle::on_state_replaced(std::uint32_t seat) { applied_.erase(seat); }

void Oracle::on_leader(std::uint32_t seat, NodeId node, Term term) {
  const auto [leader, added] = leaders_.try_emplace(term, node);
  if (added || leader->second == node) return;
  violate(fmt::format("Node {} (id {}) leads term {}, which id {} leads.", seat, node.value,
                      term.value, leader->second.value));
}

Oracle::Ticket Oracle::begin() { return answered_max_.value; }

void Oracle::on_answer(ByteView command, Ticket begun, LogIndex index, ByteView reply) {
  const Answer answer{index, hash64(reply)};
  const auto [found, added] = answers_.try_emplace(Bytes(command), answer);
  if (!added) {
    if (found->second.index != index || found->second.reply_hash != answer.reply_hash) {
      violate(fmt::format("A retry got another answer: entry {} after entry {}.", index.value,
                          found->second.index.value));
    }
    return;
  }
  answered_order_.emplace_back(command);
  if (index.value <= begun) {
    violate(fmt::format("A command begun after the answer of entry {} is in entry {}.", begun,
                        index.value));
  }
  if (index > answered_max_) answered_max_ = index;
}

void Oracle::on_surely_not_taken(ByteView command) { not_taken_.emplace_back(command); }

void Oracle::on_read(Ticket begun, LogIndex index) {
  if (index.value < begun) {
    violate(fmt::format("A read at index {} misses entry {}, which was answered before it.",
                        index.value, begun));
  }
}

LogIndex Oracle::last_block() const { return log_.empty() ? LogIndex{} : log_.rbegin()->first; }

std::uint64_t Oracle::applied_once(ByteView command) const { return placed_.count(Bytes(command)); }

void Oracle::check_end(ByteView final_state) {
  check_chain();
  check_answers();
  replay(final_state);
}

void Oracle::check_chain() {
  std::uint64_t before = log_.empty() ? 0 : log_.begin()->second.hash_before;
  for (const auto& [index, block] : log_) {
    if (block.hash_before != before) {
      violate(fmt::format("The chain of events is broken before entry {}.", index.value));
    }
    const std::uint64_t hash =
        replica::event_hash(block.hash_before, index, block.time, block.events);
    if (hash != block.hash) violate(fmt::format("Entry {} has a wrong hash.", index.value));
    before = block.hash;
  }
}

void Oracle::check_answers() {
  for (const Bytes& command : answered_order_) {
    const Answer& answer = answers_.at(command);
    const auto place = placed_.find(command);
    if (place == placed_.end()) {
      violate(fmt::format("The command answered with entry {} is lost.", answer.index.value));
      continue;
    }
    if (place->second != answer.index) {
      violate(fmt::format("The command answered with entry {} is in entry {}.", answer.index.value,
                          place->second.value));
      continue;
    }
    for (const AppliedCommand& applied : log_.at(place->second).commands) {
      if (applied.command != command || applied.reply_hash == answer.reply_hash) continue;
      violate(fmt::format("The client of entry {} was given another reply.", answer.index.value));
    }
  }
  for (const Bytes& command : not_taken_) {
    const auto place = placed_.find(command);
    if (place == placed_.end()) continue;
    violate(fmt::format("A command said to be not taken is in entry {}.", place->second.value));
  }
}

void Oracle::replay(ByteView final_state) {
  core::Core model{core_limits()};
  Money money;
  for (const auto& [index, block] : log_) {
    Bytes events;
    for (const AppliedCommand& applied : block.commands) {
      Bytes reply;
      model.apply(block.time, applied.command, reply, events);
      if (hash64(reply) != applied.reply_hash) {
        violate(fmt::format("Replaying entry {} gives another reply.", index.value));
      }
    }
    if (events != block.events) {
      violate(fmt::format("Replaying entry {} gives other events.", index.value));
    }
    if (!money.add(block.events)) {
      violate(fmt::format("The money does not add up after entry {}.", index.value));
      return;
    }
  }
  model.verify();
  if (model.snapshot() != final_state) violate("Replaying the whole log gives another state.");
}

}  // namespace oki::sim
