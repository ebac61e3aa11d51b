// A whole request in, a whole answer out, now or later: routes, signatures, limits, handlers. Knows
// no socket, so that tests and the fuzzer run exactly this.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "edge/account_api.h"
#include "edge/answers.h"
#include "edge/applied.h"
#include "edge/auth.h"
#include "edge/books.h"
#include "edge/cluster.h"
#include "edge/control.h"
#include "edge/history_desk.h"
#include "edge/options.h"
#include "edge/order_desk.h"
#include "edge/public_api.h"
#include "edge/rate_limit.h"
#include "edge/refusals.h"
#include "edge/sessions.h"

namespace oki::edge {

class Gateway {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Metrics& metrics;
    Cluster& cluster;
    const history::Projection& projection;
    Books& books;
    const Control* control = nullptr;  // Without: the settings are the defaults for ever.
  };

  // All must outlive this.
  Gateway(const Parts& parts, const EdgeOptions& options);

  // `respond` is called exactly once, inside this call or later. `connection` is the one the
  // request came on, by a number that no other ever has; 0: none that would ever be closed().
  // `peer`: who sent it, unless nobody knows.
  void handle(const net::HttpRequest& request, Respond respond, std::uint64_t connection = 0,
              const Address* peer = nullptr);

  // Orders tied to the connection are cancelled. Any connection, of requests or of a stream.
  void closed(std::uint64_t connection) {
    sessions_.closed(connection);
    order_desk_.closed(connection);
  }

  // Requests that fail are remembered there. It must outlive this.
  void remember_in(Records& records) {
    records_ = &records;
    order_desk_.remember_in(records);
  }

  // Gives the connection of the open stream that was told this sid; nothing when there is none.
  using FindStream = std::function<std::optional<std::uint64_t>(ByteView sid)>;
  void find_streams_by(FindStream find) { find_stream_ = std::move(find); }

  // What memory has forgotten is answered from there. It must outlive this.
  void ask_of_old(HistoryDesk& history) { history_ = &history; }

  // The projection holds every event up to this index now. REQUIRES: it never goes back.
  void reached(LogIndex index);

  // The projection holds nothing any more: only health is answered until reached() is called.
  void lost() { ready_ = false; }

  // The highest index that was ever reached.
  LogIndex index() const { return applied_.index(); }

 private:
  void handle_signed(const Route& route, const net::HttpRequest& request, Respond respond,
                     std::uint64_t connection, const Address* peer);
  void refuse_unnamed(const net::HttpRequest& request, const Address* peer);

  // Counts the refusals that only the answer tells of; those of queries for their rate are not.
  Respond counting(const Route& route, core::AccountId account, Respond respond);
  Checked<core::SessionId> find_session(ByteView sid, std::uint64_t connection);
  void read(Endpoint endpoint, core::AccountId account, Params params, Respond respond);
  void answer_query(Endpoint endpoint, core::AccountId account, const Params& params,
                    Respond respond);
  net::HttpResponse health() const;

  const Settings& settings() const;
  bool draining() const { return parts_.control != nullptr && parts_.control->draining(); }
  void answer_public(const Match& match, const Respond& respond);

  // What this edge alone grants while its limits are tightened; the house's tests are not counted.
  bool within_tightened(core::AccountId account, const Respond& respond);
  void remember_throttled(core::AccountId account);

  std::uint32_t share_of(std::uint32_t per_second) const;

  // Wraps `respond` so that the answer carries the limits, or answers 429 and gives nothing.
  std::optional<Respond> within_limits(const Route& route, core::AccountId account,
                                       Respond respond);

  Parts parts_;
  const EdgeOptions& options_;
  AppliedQueue applied_;
  Authenticator authenticator_;
  RateLimits rate_limits_;
  RateLimits update_limits_;   // Of this edge, beside the core's.
  RateLimits throttles_told_;  // So that a flood does not push other records out.
  RateLimits public_limit_{1};
  PublicApi public_api_;
  AccountApi account_api_;
  Sessions sessions_;
  OrderDesk order_desk_;
  std::shared_ptr<Refusals> refusals_;  // Answers that come later hold it too.
  FindStream find_stream_;
  HistoryDesk* history_ = nullptr;
  Records* records_ = nullptr;
  bool ready_ = false;
  MonoTimeNs reached_at_;
  Counter& public_requests_;
  Counter& queries_;
  Counter& updates_;
  Counter& refused_;
  Counter& throttled_;
  Counter& unserved_;
};

}  // namespace oki::edge
