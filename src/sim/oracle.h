// What must hold in every simulated world, checked as it happens and once more at the end.
//
// Invariants:
//   (1) Every node applies the same commands with the same answers and events at the same index, in
//       rising order, on the same chain of hashes.
//   (2) One leader per term.
//   (3) An answered command is in the log exactly once, at the index and with the reply that the
//       client was given, whichever node is asked and however often.
//   (4) A command that was surely not taken is not in the log; no command is there twice.
//   (5) A command begun after another was answered comes after it in the log; a read begun after it
//       sees it.
//   (6) Replaying the log on a fresh core gives the same replies and, at the end, the same state;
//       deposits equal balances per asset, counted from the events alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"
#include "replica/state_machine.h"

namespace oki::sim {

struct AppliedCommand {
  Bytes command;
  std::uint64_t reply_hash = 0;
};

class Oracle {
 public:
  // --- What the nodes do.
  void on_block(std::uint32_t seat, const replica::EventBlock& block,
                std::vector<AppliedCommand> commands);
  // The node's state was replaced (restart, snapshot): its next block may be an old one.
  void on_state_replaced(std::uint32_t seat);
  void on_leader(std::uint32_t seat, NodeId node, Term term);

  // --- What the clients see. A command's bytes are its own in the whole world.
  using Ticket = std::uint64_t;
  Ticket begin();  // The position that an operation begun now must come after.
  void on_answer(ByteView command, Ticket begun, LogIndex index, ByteView reply);
  void on_surely_not_taken(ByteView command);
  void on_read(Ticket begun, LogIndex index);

  // --- At the end, over the longest log. `final_state` is a node's snapshot of the machine.
  void check_end(ByteView final_state);

  void violate(std::string what);
  const std::vector<std::string>& violations() const { return violations_; }

  std::uint64_t acknowledged() const { return answers_.size(); }
  std::uint64_t leader_changes() const { return leaders_.empty() ? 0 : leaders_.size() - 1; }
  LogIndex last_block() const;
  std::uint64_t applied_once(ByteView command) const;  // How often the log holds it.

 private:
  struct Block {
    WallTimeMs time;
    std::uint64_t hash_before = 0;
    std::uint64_t hash = 0;
    Bytes events;
    std::vector<AppliedCommand> commands;
  };
  struct Answer {
    LogIndex index;
    std::uint64_t reply_hash = 0;
  };

  void check_answers();
  void replay(ByteView final_state);
  void check_chain();

  std::map<LogIndex, Block> log_;
  std::map<std::uint32_t, LogIndex> applied_;  // By seat.
  std::map<Term, NodeId> leaders_;
  std::unordered_map<Bytes, Answer> answers_;   // By command. Only looked up, and counted.
  std::unordered_map<Bytes, LogIndex> placed_;  // Where the log holds each command.
  std::vector<Bytes> answered_order_;
  std::vector<Bytes> not_taken_;
  LogIndex answered_max_;
  std::vector<std::string> violations_;
};

}  // namespace oki::sim
