// A machine with a stepped clock and a log, for tests.
#pragma once

#include <initializer_list>
#include <string>

#include "notify/notice.h"
#include "response/events.h"
#include "response/response_machine.h"

namespace oki::response {

Signal hint(std::string key, Source source, std::string market);
Signal evidence(std::string key, Source source, std::string market);
Signal proof(std::string key, std::string market);  // A test trade that fails.
Signal over(Signal signal);

// People of the house that World::furnish() sets up. All of them know each other.
constexpr PersonId aki{1};    // May do everything.
constexpr PersonId ben{2};    // So may he.
constexpr PersonId chie{3};   // Communications.
constexpr PersonId daiki{4};  // Support.

class World {
 public:
  ResponseMachine machine;
  std::vector<Event> events;  // Of the last command.

  // Every command is a block of its own; invariants are checked after each.
  Reply send(const Command& command) { return send_bytes(encode(command)); }
  Reply send_bytes(ByteView command);

  // With the times set to now.
  Reply observe(Signal signal, const std::string& speaker = "some source");

  void advance(std::int64_t ms) { now_.value += ms; }
  WallTimeMs now() const { return now_; }
  const State& state() const { return machine.state(); }
  const Incident& incident(std::uint32_t id) const { return state().incidents.at({id}); }

  // A second in which every prober succeeds four times and every check is fine.
  void healthy_second(std::initializer_list<const char*> probers = {"prober 1", "prober 2"});

  // Components, people, a schedule "primary" (aki and ben, a day each), an escalation of sev1 and
  // sev2 (primary, then ben, then everybody), the runbook "restart edge" with its three steps.
  void furnish();

  // A confirmed incident of btc_jpy; gives its number.
  IncidentId confirm_one();

  // A notice for the incident that check() takes, promising news in ten minutes unless resolved.
  Bytes notice(IncidentId id, notify::NoticePhase phase) const;

  // Those of the last command.
  template <typename T>
  std::vector<T> told() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* x = std::get_if<T>(&event)) found.push_back(*x);
    }
    return found;
  }

  // An incident of btc_jpy from its first signal to `resolved`.
  void resolve_one();

 private:
  WallTimeMs now_{1'763'737'200'000};
  LogIndex index_;
  std::uint64_t hash_ = 7;
};

}  // namespace oki::response
