// Orders and cancels: from a request to a command in the log to an answer.
//
// The answer waits until this edge has read the log up to the command, so that the client's next
// read here sees it; when that takes longer than applied_wait_ms, the answer goes out alone (it is
// committed and complete in itself) and the account's reads wait instead: see lagging().
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "base/metrics.h"
#include "core/commands.h"
#include "edge/answers.h"
#include "edge/applied.h"
#include "edge/auth.h"
#include "edge/cluster.h"
#include "edge/options.h"
#include "edge/order_params.h"
#include "edge/records.h"
#include "edge/sessions.h"
#include "edge/settings.h"

namespace oki::edge {

class OrderDesk {
 public:
  struct Parts {
    const Clock& clock;
    Cluster& cluster;
    AppliedQueue& applied;
    const history::Projection& projection;
    Metrics& metrics;
    Sessions& sessions;
    const Settings* settings = nullptr;  // Without: as the options say.
  };

  // All must outlive this. Answers that come after its end are dropped.
  OrderDesk(const Parts& parts, const EdgeOptions& options);

  // REQUIRES: the endpoint is an update. `connection`: see closed().
  void take(Endpoint endpoint, const Caller& caller, const Params& params,
            const FindSession& find_session, Respond respond, std::uint64_t connection = 0);

  // What fails from now on is remembered there. It must outlive this.
  void remember_in(Records& records) { records_ = &records; }

  // Whoever asked on this connection will not see the answer.
  void closed(std::uint64_t connection);

  // The index that the account's reads must wait for; 0 nearly always.
  LogIndex lagging(core::AccountId account);

  std::size_t in_flight() const { return in_flight_; }

 private:
  // A command on its way.
  struct Pending {
    Asked asked;
    MonoTimeNs started;
    Respond respond;
    std::uint64_t connection = 0;
  };
  struct Gone {
    MonoTimeNs at;
    std::uint64_t connection = 0;
  };

  std::size_t in_flight_max() const;
  void submit(const core::Command& command, Pending pending);
  void answered(Pending& pending, const replica::Answer& answer);
  void release(core::AccountId account);
  void respond(const Pending& pending, net::HttpResponse response);
  void remember(const Pending& pending, Ending ending);

  Parts parts_;
  const EdgeOptions& options_;
  std::unordered_set<std::uint64_t> house_;
  std::size_t in_flight_ = 0;
  std::unordered_map<std::uint64_t, std::size_t> in_flight_of_;  // By account; never 0.
  std::unordered_map<std::uint64_t, LogIndex> lagging_;          // By account.
  Records* records_ = nullptr;
  std::deque<Gone> gone_order_;             // Connections closed lately, oldest first,
  std::unordered_set<std::uint64_t> gone_;  // and by number.
  std::shared_ptr<OrderDesk*> alive_;       // Empties the callbacks of a desk that is gone.
  Counter& not_taken_;
  Counter& unknown_;
  Counter& lagged_;
  Histogram& duration_;
};

}  // namespace oki::edge
