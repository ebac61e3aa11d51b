// How much each asker and all of them together may send in a stretch of time. A flood costs a few
// hundred bytes per asker, up to a limit, and nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/strong.h"

namespace oki::watch::inquiries {

struct AskerOptions {
  std::uint32_t per_asker_max = 10;  // In asker_ms.
  std::int64_t asker_ms = 3'600'000;
  std::uint32_t per_minute_max = 3'000;  // Of all.
  std::size_t askers_max = 10'000;
};

enum class Admission : std::uint8_t { yes, asker_limit, house_limit };

class AskerLimits {
 public:
  explicit AskerLimits(const AskerOptions& options) : options_(options) {}

  // Counts one when it says yes.
  Admission admit(const std::string& asker, WallTimeMs now);

 private:
  struct Count {
    WallTimeMs since;
    std::uint32_t count = 0;
  };
  static void refresh(Count& count, std::int64_t window_ms, WallTimeMs now);

  AskerOptions options_;
  std::map<std::string, Count> askers_;
  Count all_;
};

}  // namespace oki::watch::inquiries
