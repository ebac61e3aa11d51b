// Notices and calls on their way from the log into this watch's outbox, and what became of them on
// the way back. docs/incidents.md, 16.
//
// Nothing is kept here that a restart would miss: what is to be done is read from the state each
// time, and the outbox knows what it has.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "watch/conductor/errands.h"
#include "watch/conductor/watch_node.h"
#include "watch/conductor/world_hooks.h"

namespace oki::watch {

class Tellers {
 public:
  // All outlive it.
  Tellers(const Clock& clock, Log& log, WatchNode& node, const WorldHooks& hooks)
      : log_(log), node_(node), hooks_(hooks), errands_(clock) {}

  // `leads`: takes what nobody has, and what those have who are gone.
  void look(bool leads);

 private:
  // One thing that is told, whichever kind.
  struct Thing {
    response::Telling what = response::Telling::notice;
    response::IncidentId incident;  // Or the number of planned work.
    std::uint32_t number = 0;
    std::uint32_t taken_by = 0;
    bool in_doubt = false;
    std::string name;  // Of its errands.
  };

  void look_at_notices(bool leads);
  void look_at_plans(bool leads);
  void look_at(response::Telling what, response::IncidentId id, const char* word,
               const std::vector<response::NoticeRecord>& records, bool leads);
  void look_at_calls(bool leads);

  // True when it is this watch's own.
  bool is_mine(const Thing& thing, bool leads);
  void work_on(const Thing& thing, const response::NoticeRecord& record);
  void work_on(const Thing& thing, const response::PageOwed& owed);
  void hand_over(const Thing& thing, const std::function<void(WorldHooks::Done)>& send);
  void record(const Thing& thing, const std::vector<TellingProof>& proofs,
              const std::map<std::string, response::ToldOutcome>& known);
  void forget_old();
  void tell(const Thing& thing, const TellingProof& proof, bool last);
  void submit(const std::string& errand, const response::Command& command);

  Log& log_;
  WatchNode& node_;
  const WorldHooks& hooks_;
  Errands errands_;
  std::set<std::string> handed_over_;
  using Outcomes = std::map<std::string, response::ToldOutcome>;  // By channel.
  std::map<std::string, Outcomes> calls_told_;  // The state keeps those of notices only.
};

// Whether nothing has been heard of a seat for so long.
bool is_gone(const WatchNode& node, std::uint32_t seat, std::int64_t ms);

}  // namespace oki::watch
