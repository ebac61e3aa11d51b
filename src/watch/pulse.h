// Many small reads through one edge, to learn how many of them come to nothing.
//
// Test trades find at once what fails always, but twenty of them a second need half a minute to
// tell two failures in a hundred from chance. Two hundred reads a second tell it within four
// seconds, also when the requests break on the way and no counter of ours sees them. None is sent
// again: what counts is what a customer gets who asks once. Whatever answer comes is a success, but
// for those of the kind 5xx and "too many requests" (429).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "watch/detect/settings.h"
#include "watch/house_api.h"

namespace oki::watch {

constexpr std::size_t pulse_in_flight_max = 64;  // Beyond it no more are sent: an edge that hangs.
constexpr std::size_t pulse_connections = 4;
constexpr std::int64_t pulse_deadline_ms = 400;

class Pulse {
 public:
  struct Parts {
    Timers& timers;
    Send send;  // With a deadline of pulse_deadline_ms.
  };
  struct Counts {
    std::uint32_t reads = 0;
    std::uint32_t failures = 0;
  };

  Pulse(const Parts& parts, std::string target, const detect::PulseSettings& settings);
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  void start(std::int64_t first_after_ms);

  // Those that have ended since it was asked last.
  Counts take() { return std::exchange(counts_, {}); }

 private:
  void beat_after(std::int64_t ms);
  void beat();
  void read();

  Parts parts_;
  std::string target_;
  detect::PulseSettings settings_;
  Counts counts_;
  std::size_t in_flight_ = 0;
  TimerId timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // Late answers find it gone.
};

}  // namespace oki::watch
