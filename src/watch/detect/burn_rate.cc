#include "watch/detect/burn_rate.h"

#include <algorithm>

#include "base/assert.h"
#include "watch/detect/integer_log.h"

namespace oki::watch::detect {
namespace {

constexpr std::int64_t sure_milli = 5'000;  // That it burns now, and that it does no more.
constexpr std::int64_t uncapped_milli = 1'000'000;
constexpr std::int64_t share_ppm_max = micro / 2;
constexpr std::int64_t quiet_part = 4;  // Of the rate: as little as this is quiet.

ErrorTarget burning_now(const Slo& slo, const BurnAlert& alert) {
  __extension__ using Wide = __int128;
  const Wide share = Wide{micro - slo.target_ppm} * alert.times_milli / 1000;
  ErrorTarget target;
  target.bad_ppm = static_cast<std::int64_t>(std::clamp<Wide>(share, quiet_part, share_ppm_max));
  target.usual_ppm = target.bad_ppm / quiet_part;
  target.cap_milli = uncapped_milli;
  target.alarm_milli = target.quiet_milli = sure_milli;
  target.burst_milli = sure_milli - 1;
  return target;
}

}  // namespace

std::vector<BurnAlert> usual_burn_alerts() {
  return {{14'400, 3'600, 300}, {6'000, 21'600, 1'800}, {1'000, 259'200, 21'600}};
}

BurnRate::BurnRate(Slo slo) : slo_(std::move(slo)) {
  ASSERT(slo_.target_ppm > 0 && slo_.target_ppm < micro && slo_.alerts.size() <= burn_alerts_max);
  for (const BurnAlert& alert : slo_.alerts) {
    ASSERT(alert.short_s >= burn_window_s_min && alert.short_s <= alert.long_s);
    ASSERT(alert.long_s <= burn_window_s_max && alert.times_milli > 0);
    burning_now_.emplace_back(burning_now(slo_, alert));
  }
  burnt_over_windows_.resize(slo_.alerts.size());
}

bool BurnRate::add(std::uint32_t requests, std::uint32_t errors, MonoMs now) {
  if (!started_) {
    started_ = true;
    slot_start_ = added_ = now;
  }
  open_.requests += requests;
  open_.errors += std::min(errors, requests);
  for (ErrorCusum& test : burning_now_) test.add(requests, errors, now - added_, now);
  added_ = now;
  pass_slots(now);
  bool bad = false;
  MonoMs quiet_since = 0;
  for (std::size_t i = 0; i < burning_now_.size(); ++i) {
    bad |= burnt_over_windows_[i] && burning_now_[i].bad();
    quiet_since = std::max(quiet_since, burning_now_[i].quiet_since());
  }
  if (bad && !bad_) began_ = now;
  if (!bad && bad_) good_since_ = std::min(quiet_since, now);
  bad_ = bad;
  return bad_;
}

void BurnRate::pass_slots(MonoMs now) {
  // A source that was away for long leaves empty slots, as many as there are at most.
  const std::int64_t over = (now - slot_start_) / (fine_s * 1000);
  const std::int64_t slots = std::min(over, burn_window_s_max / fine_s);
  for (std::int64_t i = 0; i < slots; ++i) close_slot();
  if (over == 0) return;
  slot_start_ += over * fine_s * 1000;
  for (std::size_t i = 0; i < slo_.alerts.size(); ++i) {
    burnt_over_windows_[i] = burns(slo_.alerts[i]);
  }
}

void BurnRate::close_slot() {
  const auto add_to = [](Slot& sum, const Slot& slot) {
    sum.requests += slot.requests;
    sum.errors += slot.errors;
  };
  fine_[slots_ % fine_.size()] = open_;
  add_to(middle_open_, open_);
  add_to(coarse_open_, open_);
  open_ = {};
  ++slots_;
  const std::uint64_t seconds = slots_ * fine_s;
  if (seconds % middle_s == 0) {
    middle_[(seconds / middle_s - 1) % middle_.size()] = middle_open_;
    middle_open_ = {};
  }
  if (seconds % coarse_s == 0) {
    coarse_[(seconds / coarse_s - 1) % coarse_.size()] = coarse_open_;
    coarse_open_ = {};
  }
}

// The last slots that make up the window, of the finest ring that is long enough.
BurnRate::Slot BurnRate::sum(std::int64_t window_s) const {
  Slot total;
  const auto add_last = [&](const auto& ring, std::int64_t slot_s) {
    const std::uint64_t closed = slots_ * fine_s / static_cast<std::uint64_t>(slot_s);
    const auto wanted = static_cast<std::uint64_t>((window_s + slot_s - 1) / slot_s);
    for (std::uint64_t i = 0; i < std::min({wanted, closed, std::uint64_t{ring.size()}}); ++i) {
      const Slot& slot = ring[(closed - 1 - i) % ring.size()];
      total.requests += slot.requests;
      total.errors += slot.errors;
    }
  };
  if (window_s <= 3'600) {
    add_last(fine_, fine_s);
  } else if (window_s <= 21'600) {
    add_last(middle_, middle_s);
  } else {
    add_last(coarse_, coarse_s);
  }
  return total;
}

bool BurnRate::burns_over(std::int64_t window_s, std::int64_t times_milli) const {
  const Slot slot = sum(window_s);
  // A window that is not full yet counts as if it were filled with good requests at the same rate:
  // a young watch must not take its first bad minute for a bad hour.
  const auto known_s = static_cast<std::int64_t>(slots_) * fine_s;
  __extension__ using Wide = __int128;
  const Wide requests = known_s >= window_s
                            ? Wide{slot.requests}
                            : Wide{slot.requests} * window_s / std::max<std::int64_t>(known_s, 1);
  const Wide allowed = requests * (micro - slo_.target_ppm) * times_milli;
  return slot.errors > 0 && Wide{slot.errors} * micro * 1000 >= allowed;
}

bool BurnRate::burns(const BurnAlert& alert) const {
  return burns_over(alert.short_s, alert.times_milli) &&
         burns_over(alert.long_s, alert.times_milli);
}

}  // namespace oki::watch::detect
