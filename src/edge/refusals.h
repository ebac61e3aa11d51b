// Who is refused at this edge, and how often, as a few numbers on its page of metrics: what a watch
// needs to see that somebody tries keys, signatures or numbers of orders (watch/access.h). An edge
// writes no log line for a refused request, since strangers make them; it counts.
//
// Counted within stretches of refusals_window_ms; each number is the higher one of this stretch and
// the one before, so that nothing is missed between two looks and everything is over soon:
//   most{by="address"}   refusals of one address before anyone was known to send them
//   most{by="account"}   refusals of one account: wrong signatures, wrong times, too many requests
//   many{by="address"}   addresses with refused_each_min or more of the first kind
//   many{by="account"}   accounts with refused_each_min or more wrong signatures or times
//   unknown_ids_most     answers "no such order of yours" to one account
//
// Memory: refused_tracked_max names of each kind in one stretch; more are not counted and say so in
// a counter. No address and no account leaves this.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/metrics.h"
#include "core/types.h"

namespace oki::edge {

constexpr std::int64_t refusals_window_ms = 30'000;
constexpr std::uint32_t refused_each_min = 5;
constexpr std::size_t refused_tracked_max = 10'000;
constexpr std::size_t asker_bytes_max = 45;  // An IPv6 address.

// How often each of some names came up, in two stretches of time.
template <typename Name>
class Tally {
 public:
  // False when there is no room for one more name.
  bool add(const Name& name) {
    if (counts_.size() >= refused_tracked_max && !counts_.contains(name)) return false;
    const std::uint32_t count = ++counts_[name];
    most_ = std::max(most_, count);
    many_ += count == refused_each_min ? 1 : 0;
    return true;
  }
  void next_window() {
    counts_.clear();
    most_before_ = std::exchange(most_, 0);
    many_before_ = std::exchange(many_, 0);
  }
  std::int64_t most() const { return std::max(most_, most_before_); }
  std::int64_t many() const { return std::max(many_, many_before_); }

 private:
  std::map<Name, std::uint32_t, std::less<>> counts_;
  std::uint32_t most_ = 0, most_before_ = 0;
  std::uint32_t many_ = 0, many_before_ = 0;
};

class Refusals {
 public:
  // Both must outlive it.
  Refusals(Timers& timers, Metrics& metrics);
  ~Refusals();
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;

  // Nobody is known to have sent it. `asker`: an address; whatever else a header says is one name.
  void add_unnamed(ByteView asker);

  // A request with this account's key whose signature or time is wrong; also one of add_unnamed().
  void add_wrong(core::AccountId account);

  void add_throttled(core::AccountId account);
  void add_unknown_id(core::AccountId account);

 private:
  void next_window();
  void show();
  void count(bool counted);

  Timers& timers_;
  Tally<std::string> addresses_;
  Tally<std::uint64_t> accounts_, wrong_, unknown_ids_;
  Gauge &most_address_, &most_account_, &many_addresses_, &many_accounts_, &most_ids_;
  Counter& untracked_;
  TimerId timer_;
};

}  // namespace oki::edge
