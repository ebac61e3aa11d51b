#include "watch/detect/level.h"

#include <algorithm>

namespace oki::watch::detect {

LevelChange Level::change(const LevelSettings& settings, bool bad, MonoMs now, MonoMs good_since) {
  if (bad) {
    good_ = false;
    if (firing_) return LevelChange::none;
    firing_ = true;
    if (rises_ == 0 || now - window_start_ > settings.flap_window_ms) {
      window_start_ = now;
      rises_ = 0;
    }
    ++rises_;
    flapping_ = rises_ >= settings.flaps_max;
    return LevelChange::rose;
  }
  if (!good_) {
    good_ = true;
    good_since_ = std::min(good_since, now);
  }
  const std::int64_t needed =
      flapping_ ? settings.flapping_clear_after_ms : settings.clear_after_ms;
  if (now - good_since_ < needed) return LevelChange::none;
  firing_ = false;
  return LevelChange::fell;
}

}  // namespace oki::watch::detect
