// What a drill sees from outside: the status site's colour over time, and each node's own account
// of itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "drill/oracle_record.h"
#include "net/http_client.h"

namespace oki::drill {

// Asks the status site for /api/v2/summary.json every `period_ms`.
class StatusPoller {
 public:
  struct Change {
    MonoTimeNs at;
    std::string indicator;  // "none" is green; "unreachable" when the site did not answer.
  };

  StatusPoller(const Clock& clock, Net& net, Timers& timers, const Address& site,
               std::int64_t period_ms);
  ~StatusPoller();

  const std::string& indicator() const { return indicator_; }
  bool green() const { return indicator_ == "none"; }

  // The first time at or after `from` at which the site was not green.
  std::optional<MonoTimeNs> first_nongreen(MonoTimeNs from) const;

  // For how long within [from, to] the site was seen green.
  std::int64_t green_ns(MonoTimeNs from, MonoTimeNs to) const;
  std::vector<Span> green_spans(MonoTimeNs from, MonoTimeNs to) const;

 private:
  void ask();
  void take(const Result<net::HttpResponse>& response);

  const Clock& clock_;
  Timers& timers_;
  net::HttpClient http_;
  std::int64_t period_ms_;
  TimerId timer_;
  std::string indicator_ = "unreachable";
  std::vector<Change> changes_;
};

struct NodeState {
  bool reachable = false;
  std::uint32_t seat = 0;
  bool serving = false;
  std::uint32_t leader_seat = 0;
  std::uint64_t term = 0;
  std::uint64_t applied = 0;
  std::string event_hash;
  std::string state_hash;  // Of the whole state right after `applied`; empty when not asked for.
};

// Asks nodes for /state.json.
class NodeStates {
 public:
  NodeStates(Net& net, Timers& timers, const std::vector<Address>& metrics);

  // Calls back once with one row per seat. `with_hash` makes each node hash its whole state.
  void ask(bool with_hash, std::function<void(const std::vector<NodeState>&)> done);

 private:
  std::vector<std::unique_ptr<net::HttpClient>> nodes_;
};

}  // namespace oki::drill
