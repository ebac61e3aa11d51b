#include "watch/host/loop_lag.h"

#include <algorithm>
#include <utility>

namespace oki::watch {

LoopLag::LoopLag(const Clock& clock, Timers& timers) : clock_(clock), timers_(timers) { wait(); }

LoopLag::~LoopLag() { timers_.cancel(timer_); }

void LoopLag::wait() {
  due_ = clock_.mono_now() + loop_lag_every_ms * ns_per_ms;
  timer_ = timers_.after_ms(loop_lag_every_ms, [this] { on_due(); });
}

void LoopLag::on_due() {
  const std::int64_t late_ns = std::max<std::int64_t>(clock_.mono_now() - due_, 0);
  longest_ns_ = std::max(longest_ns_, late_ns);
  all_.record_ns(late_ns);
  wait();
}

std::int64_t LoopLag::take_longest_ns() { return std::exchange(longest_ns_, 0); }

}  // namespace oki::watch
