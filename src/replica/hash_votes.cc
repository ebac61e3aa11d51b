#include "replica/hash_votes.h"

namespace oki::replica {

HashVotes::Round& HashVotes::round_at(LogIndex index) {
  Round& round = rounds_[index.value];
  while (rounds_.size() > rounds_max && rounds_.begin()->first != index.value) {
    rounds_.erase(rounds_.begin());
  }
  return round;
}

void HashVotes::add_own(LogIndex index, std::uint64_t hash) { round_at(index).own = hash; }

bool HashVotes::add_report(const HashReport& report, const Members& members) {
  if (!find_member(members, report.node)) return false;
  if (rounds_.size() >= rounds_max && report.index.value < rounds_.begin()->first) return false;
  Round& round = round_at(report.index);
  round.by_node[report.node.value] = report.hash;
  return outvoted(round, members);
}

bool HashVotes::outvoted(const Round& round, const Members& members) {
  if (!round.own) return false;
  const std::size_t majority = voters(members) / 2 + 1;
  for (const auto& [node, hash] : round.by_node) {
    if (hash == *round.own) continue;
    std::size_t agreeing = 0;
    for (const auto& [other, theirs] : round.by_node) {
      const Members::Member* member = find_member(members, NodeId{other});
      if (theirs == hash && member && !member->learner) ++agreeing;
    }
    if (agreeing >= majority) return true;
  }
  return false;
}

}  // namespace oki::replica
