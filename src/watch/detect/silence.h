// A source that must speak and does not. Silence is never an all-clear: it is a signal of its own.
//
// The source is silent when nothing came for after_ms; it is back with the first word. Until its
// first word it has after_ms from the time it was expected.
#pragma once

#include <cstdint>

#include "watch/detect/level.h"

namespace oki::watch::detect {

class Silence {
 public:
  Silence(std::int64_t after_ms, MonoMs now) : after_ms_(after_ms), heard_(now) {}

  void heard(MonoMs now) { heard_ = now; }
  bool silent(MonoMs now) const { return now - heard_ >= after_ms_; }
  MonoMs last_heard() const { return heard_; }
  std::int64_t after_ms() const { return after_ms_; }

 private:
  std::int64_t after_ms_;
  MonoMs heard_;
};

}  // namespace oki::watch::detect
