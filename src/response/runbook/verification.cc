#include "response/runbook/verification.h"

#include <utility>

namespace oki::response {
namespace {

constexpr std::int64_t answer_ms_max = 30'000;  // Of one look, beyond the deadline.

}  // namespace

Verification::Verification(const Parts& parts, std::vector<Condition> conditions,
                           std::int64_t within_ms, Done done)
    : parts_(parts),
      conditions_(std::move(conditions)),
      within_ms_(within_ms),
      done_(std::move(done)),
      alive_(std::make_shared<Verification*>(this)) {}

Verification::~Verification() {
  parts_.timers.cancel(timer_);
  parts_.timers.cancel(guard_);
}

void Verification::start() {
  deadline_ = parts_.clock.mono_now() + within_ms_ * ns_per_ms;
  guard_ = parts_.timers.after_ms(within_ms_ + answer_ms_max, [this] { give_up(); });
  since_.assign(conditions_.size(), parts_.looker.counts());
  look();
}

// Whoever looks has not answered at all.
void Verification::give_up() {
  ++looks_;
  const Done done = std::move(done_);
  done(false, "no answer came");
}

// The answer to an older question must not count for a newer one.
void Verification::look() {
  const std::uint64_t number = ++looks_;
  parts_.looker.look(conditions_[next_], since_[next_],
                     [alive = std::weak_ptr(alive_), number](const Looked& looked) {
                       const auto self = alive.lock();
                       if (self && (*self)->looks_ == number) (*self)->take(looked);
                     });
}

// All must hold in one round: what held a minute ago may not hold any more.
void Verification::take(const Looked& looked) {
  ++looks_;
  if (looked.holds && ++next_ < conditions_.size()) return look();
  const bool over = parts_.clock.mono_now() >= deadline_;
  if (looked.holds || over) {
    parts_.timers.cancel(guard_);
    const Done done = std::move(done_);
    return done(looked.holds, looked.words);
  }
  next_ = 0;
  timer_ = parts_.timers.after_ms(verify_every_ms, [this] { look(); });
}

}  // namespace oki::response
