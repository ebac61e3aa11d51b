// Under which names a watch speaks to the incident machine, and which of them must be heard.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "response/changes.h"

namespace oki::watch {

constexpr std::uint32_t watch_silent_ms = 10'000;

// "watch 2": its detectors and checkers. Watches count from 1.
std::string watch_speaker(std::uint32_t watch);

// "watch 2 prober 3": the test trades of its third prober. Probers count from 0 here, from 1 there.
std::string prober_speaker(std::uint32_t watch, std::size_t prober);

// All of them, for the house's configuration. Each watch must speak every second; of a prober's
// silence its watch tells, so it need not: a watch that dies is one silent source, not five.
std::vector<response::PutSpeaker> speakers(std::uint32_t watches, std::size_t edges);

}  // namespace oki::watch
