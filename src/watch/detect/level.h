// Turns "bad now" and "good now" into a level that does not flap.
//
// It rises at once: whoever calls has already done the statistics. It falls when nothing bad was
// seen for clear_after_ms, counted from when it became good as far as the caller can tell. A
// level that rose flaps_max times within flap_window_ms is flapping: it
// then needs flapping_clear_after_ms without anything bad, so that an input which comes and goes is
// one long signal and not a storm. Silence never lowers it: time counts only while somebody says
// that it is good.
#pragma once

#include <cstdint>

namespace oki::watch::detect {

// Monotonic milliseconds of whoever samples; only differences mean anything.
using MonoMs = std::int64_t;

struct LevelSettings {
  std::int64_t clear_after_ms = 10'000;
  std::int64_t flaps_max = 3;
  std::int64_t flap_window_ms = 600'000;
  std::int64_t flapping_clear_after_ms = 120'000;
};

enum class LevelChange : std::uint8_t { none, rose, fell };

class Level {
 public:
  // `good_since`: of the first good word after a bad one, when it really became good.
  LevelChange update(const LevelSettings& settings, bool bad, MonoMs now, MonoMs good_since) {
    if (!firing_ && !bad) return LevelChange::none;
    return change(settings, bad, now, good_since);
  }
  LevelChange update(const LevelSettings& settings, bool bad, MonoMs now) {
    return update(settings, bad, now, now);
  }

  bool firing() const { return firing_; }
  bool flapping() const { return flapping_; }

  // When the last run of good began; the time it ended, as far as one can tell. REQUIRES: fell.
  MonoMs good_since() const { return good_since_; }

 private:
  LevelChange change(const LevelSettings& settings, bool bad, MonoMs now, MonoMs good_since);

  bool firing_ = false;
  bool flapping_ = false;
  bool good_ = false;  // While firing: the last word was good.
  MonoMs good_since_ = 0;
  MonoMs window_start_ = 0;
  std::int64_t rises_ = 0;  // Within the window.
};

}  // namespace oki::watch::detect
