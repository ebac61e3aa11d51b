// Acts on what the incident machine has decided: the leading watch tells people and the public,
// runs steps and writes drafts; every watch shows the board of notices.
//
// It keeps no list of what is to be done: it looks at the replicated state whenever that has
// changed, and a few times a second, and does what is not done yet. Every act begins with a command
// that the log gives to one watch only, so two that both believe to lead do nothing twice, and a
// new leader finds in the state where the last one stopped. docs/incidents.md, 11 and 16.
#pragma once

#include "base/log.h"
#include "watch/conductor/errands.h"
#include "watch/conductor/tellers.h"
#include "watch/conductor/watch_node.h"
#include "watch/conductor/world_hooks.h"

namespace oki::watch {

class Conductor {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Log& log;
    WatchNode& node;
  };

  // All outlive it; nothing may call back once it is gone. Takes WatchNode::on_change().
  Conductor(const Parts& parts, WorldHooks hooks);
  ~Conductor();

 private:
  void look();
  void lead(response::IncidentId id, const response::Incident& incident);
  void propose(response::IncidentId id, const response::Incident& incident);
  void propose(response::IncidentId id, const std::string& errand, notify::NoticePhase phase);
  void request_steps(response::IncidentId id);
  void run_steps(response::IncidentId id, const response::Incident& incident);
  void draft(response::IncidentId id, const response::Incident& incident);
  void show_board();
  void submit(const std::string& errand, const response::Command& command);

  Parts parts_;
  const WorldHooks hooks_;
  Errands errands_;
  Tellers tellers_;
  bool led_ = false;
  std::uint64_t board_shown_ = 0;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  TimerId timer_;
};

}  // namespace oki::watch
