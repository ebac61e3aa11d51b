// How a watch finds out whom an incident hit: it follows the exchange's log beside everything else,
// and asks the edges for what they remember.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "app/process.h"
#include "replica/client.h"
#include "response/scope_reader.h"
#include "response/state.h"

namespace oki::app {

class WatchScope {
 public:
  struct Options {
    std::vector<Address> edges;  // Their --metrics.
    std::vector<core::AccountId> house_accounts;
  };

  // Follows with `exchange`, which must have nobody else to follow for. The loop must not run any
  // more when this is destroyed.
  WatchScope(Process& process, replica::Client& exchange, Disk& lists, const Options& options);
  ~WatchScope();

  // Of the incident as it stands now; the list of its accounts goes to `lists`, as inc12.accounts.
  using Done = std::function<void(Result<response::ScopeReport>)>;
  void read(const response::State& state, response::IncidentId id, Done done);

 private:
  // A snapshot of a large exchange takes seconds to read: not on the loop.
  void aside(std::function<void()> work, std::function<void()> then);

  host::Loop& loop_;
  Disk& lists_;
  std::thread loader_;
  response::ScopeLog log_;
  response::ScopeReader reader_;
};

}  // namespace oki::app
