// Looks again and again until all conditions of a step hold, or its time is over.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "response/runbook/looker.h"

namespace oki::response {

constexpr std::int64_t verify_every_ms = 500;

class Verification {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Looker& looker;
  };

  // Called back once, inside start() or later, with whether all hold and what was seen last; the
  // verification may be destroyed inside. Both parts must outlive it.
  using Done = std::function<void(bool holds, std::string words)>;
  Verification(const Parts& parts, std::vector<Condition> conditions, std::int64_t within_ms,
               Done done);
  ~Verification();
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  void start();

 private:
  void look();
  void take(const Looked& looked);
  void give_up();

  Parts parts_;
  std::vector<Condition> conditions_;
  std::int64_t within_ms_;
  Done done_;
  MonoTimeNs deadline_;
  std::vector<TradeCounts> since_;  // By condition.
  std::size_t next_ = 0;            // Those before it hold as of this look.
  std::uint64_t looks_ = 0;
  std::shared_ptr<Verification*> alive_;
  TimerId timer_;
  TimerId guard_;
};

}  // namespace oki::response
