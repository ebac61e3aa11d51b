// Compares the nodes' state hashes as they come through the log.
//
// A node that finds itself outvoted by a majority of the voters has computed something else than
// they did and must stop; without a majority nobody can say who is right, and nobody stops.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "replica/batch.h"
#include "replica/engine.h"

namespace oki::replica {

class HashVotes {
 public:
  // What this node computed after `index`.
  void add_own(LogIndex index, std::uint64_t hash);

  // A report came through the log. True: a majority of the voters agrees on another hash than ours.
  bool add_report(const HashReport& report, const Members& members);

  // Our own hashes are not those of this state any more (it was replaced by a snapshot).
  void clear() { rounds_.clear(); }

 private:
  struct Round {
    std::optional<std::uint64_t> own;
    std::map<std::uint64_t, std::uint64_t> by_node;
  };
  static bool outvoted(const Round& round, const Members& members);
  Round& round_at(LogIndex index);

  static constexpr std::size_t rounds_max = 8;
  std::map<std::uint64_t, Round> rounds_;  // By log index; the oldest gives way.
};

}  // namespace oki::replica
