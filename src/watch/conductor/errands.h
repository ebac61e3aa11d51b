// What is under way, by name, so that a state that is looked at again and again starts nothing
// twice. An errand that failed waits before it may begin again.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"

namespace oki::watch {

class Errands {
 public:
  explicit Errands(const Clock& clock) : clock_(clock) {}

  // True once: until end() or fail() nobody else begins it.
  bool begin(const std::string& name) {
    const auto [errand, is_new] = errands_.try_emplace(name);
    if (!is_new && (!errand->second.waits || clock_.mono_now() < errand->second.again))
      return false;
    errand->second.waits = false;
    return true;
  }

  void end(const std::string& name) { errands_.erase(name); }

  void fail(const std::string& name, std::int64_t again_ms) {
    errands_[name] = {true, clock_.mono_now() + again_ms * ns_per_ms};
  }

 private:
  struct Errand {
    bool waits = false;
    MonoTimeNs again;
  };

  const Clock& clock_;
  std::map<std::string, Errand> errands_;
};

}  // namespace oki::watch
