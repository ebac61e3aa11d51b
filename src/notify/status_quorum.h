// What several watches say together: each has its own key, its own leases and its own timeline.
//
// A part's state is the one that a majority holds to be at least so good: the middle one when the
// states of all seats are put in order, where a seat whose lease is not valid here counts as
// unknown, the worst. So with three watches one that is dead, cut off or wrong changes nothing,
// neither way; two that are dead end green when the second lease expires.
//
// Invariants: (1) `overall` is operational only while a majority of the seats has, in this process,
// an unexpired green lease (each by the rules of status_truth.h), and no valid lease says that
// balances are not explained: that is a proof, and one is enough. (2) With one key everything is
// exactly as StatusTruth says. (3) The board is the one of the highest sequence that any seat
// signed; it changes no state.
//
// The timeline is that of the lowest seat with a valid lease that agrees with `overall`, else of
// the lowest with a valid lease, else the newest. An incident is listed when a majority was not
// green during it, give or take agreement_slack_ms, or when its reason is a ledger.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "notify/status_truth.h"

namespace oki::notify {

// Two watches notice the same thing so far apart at most.
constexpr std::int64_t agreement_slack_ms = lease_duration_ms_max;
constexpr std::size_t watches_max = 5;

class StatusQuorum {
 public:
  // REQUIRES: an odd number of keys, at most watches_max; `clock` outlives this.
  StatusQuorum(const Clock& clock, const std::vector<Bytes>& public_keys);

  struct Taken {
    Acceptance acceptance = Acceptance::malformed;
    std::optional<std::size_t> seat;  // Whose signature it is; nothing: nobody's.
  };
  Taken accept(ByteView envelope);

  // Pointers in it live until the next call of accept(), view() or restore().
  StatusView view();

  std::size_t size() const { return truths_.size(); }
  const StatusTruth& truth(std::size_t seat) const { return truths_[seat]; }
  Result<void> restore(std::size_t seat, ByteView saved) { return truths_[seat].restore(saved); }

  // How many seats have a valid lease, as of the last view().
  std::size_t live() const { return live_; }

 private:
  std::vector<StatusTruth> truths_;
  std::vector<UnknownPeriod> unknown_;  // Of the majority, as of the last view().
  std::size_t live_ = 0;
};

}  // namespace oki::notify
