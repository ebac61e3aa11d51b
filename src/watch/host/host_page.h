// The gauges of a process's machine, read back from its /metrics page: the same as
// HostSampler::gauges() gives there.
//
// A page comes from elsewhere: what is malformed or out of bounds is left out, and no more than
// host_gauges_max are read.
#pragma once

#include <vector>

#include "watch/host/host_sampler.h"

namespace oki::watch {

constexpr std::size_t host_gauges_max = 128;

std::vector<HostGauge> read_host_gauges(ByteView page);

}  // namespace oki::watch
