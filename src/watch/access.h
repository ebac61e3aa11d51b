// Abnormal access, as an edge's own page tells of it (edge/refusals.h): one address or account that
// is refused again and again, many accounts at which somebody fails to sign, and somebody who asks
// for other people's orders.
//
// Rules, by the fact "rule" of their signals, all of kind abnormal_access, one level for each edge:
//   access.one   one address or one account with one_min refusals within half a minute: a hint
//   access.many  many_accounts_min accounts with wrong signatures or times, or many_addresses_min
//                addresses that are refused, five times each, within half a minute: evidence
//   access.ids   one account that asked for ids_min orders that are not its own: a hint
//
// A hint opens nothing alone: a bot with a wrong clock is refused as often as one that guesses.
// Nothing here is about customers by name: an edge says numbers only.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "watch/detect/detectors.h"

namespace oki::watch {

namespace access {
constexpr std::int64_t one_min = 150;
constexpr std::int64_t many_accounts_min = 20;
constexpr std::int64_t many_addresses_min = 50;
constexpr std::int64_t ids_min = 100;
}  // namespace access

struct AccessReading {
  std::int64_t most_address = 0, most_account = 0;
  std::int64_t many_addresses = 0, many_accounts = 0;
  std::int64_t unknown_ids = 0;
};

// GET /metrics of an edge; nothing when it does not say all of it.
std::optional<AccessReading> read_access(ByteView page);

class AccessLevels {
 public:
  // REQUIRES: the detectors outlive it and have room for three levels. `edge` counts from 1.
  AccessLevels(detect::Detectors& detectors, std::size_t edge);

  // The page of that edge.
  void take(ByteView page, const detect::Moment& now);

 private:
  // When it was last seen not to be bad.
  struct Level {
    std::size_t level = 0;
    detect::MonoMs good = 0;
  };
  void set(Level& level, bool bad, detect::Findings findings, const detect::Moment& now);

  detect::Detectors& detectors_;
  Level one_, many_, ids_;
};

}  // namespace oki::watch
