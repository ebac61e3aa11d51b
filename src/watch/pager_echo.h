// Tells PagerDuty what became of a call: that somebody has the incident, and that it is over. Else
// its alerts would stay open, and it would call people who need not come.
//
// Looks at the replicated state once a second, on the watch that leads. Each is told once under the
// incident's name; should another watch tell it again, PagerDuty changes nothing.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "notify/pager.h"
#include "response/state.h"

namespace oki::watch {

class PagerEcho {
 public:
  // All outlive it.
  struct Parts {
    Timers& timers;
    notify::Pager& pager;
    std::function<const response::State&()> state;
    std::function<bool()> leads;
  };

  explicit PagerEcho(const Parts& parts);
  ~PagerEcho();
  PagerEcho(const PagerEcho&) = delete;
  PagerEcho& operator=(const PagerEcho&) = delete;

 private:
  void look_later();
  void look();
  void tell(const notify::Page& page);

  Parts parts_;
  std::set<std::string> told_;  // Names of postings; bounded by what the machine keeps.
  TimerId timer_;
};

// What is to be told of an incident as it stands; nothing while nobody has it and it is not over,
// and nothing of one that was closed more than an hour ago.
std::optional<notify::Page> echo_of(response::IncidentId id, const response::Incident& incident,
                                    WallTimeMs now);

}  // namespace oki::watch
