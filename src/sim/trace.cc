#include "sim/trace.h"

#include <fmt/format.h>

#include <algorithm>

namespace oki::sim {
namespace {

bool is_noise(What what) {
  return what <= What::message_taken || what == What::disk_finished ||
         what == What::command_asked || what == What::command_answered;
}

}  // namespace

const char* name(What what) {
  switch (what) {
#define X(event)    \
  case What::event: \
    return #event;
    OKI_SIM_EVENTS(X)
#undef X
  }
  return "unknown";
}

void Trace::add(MonoTimeNs now, What what, std::uint32_t node, std::uint64_t a, std::uint64_t b) {
  hash_.add(static_cast<std::uint64_t>(now.value));
  hash_.add(static_cast<std::uint64_t>(what) << 32 | node);
  hash_.add(a);
  hash_.add(b);
  const Line line{now, what, node, a, b};
  if (ring_.size() < kept_max) {
    ring_.push_back(line);
  } else {
    ring_[events_ % kept_max] = line;
  }
  ++events_;
}

std::string Trace::tail(std::size_t lines_max, bool quiet) const {
  std::vector<std::string> lines;
  for (std::uint64_t back = 1; back <= ring_.size() && lines.size() < lines_max; ++back) {
    const Line& line = ring_[(events_ - back) % kept_max];
    if (quiet && is_noise(line.what)) continue;
    lines.push_back(fmt::format("{:>12.6f} s  node {}  {:<17} {:x} {:x}\n",
                                static_cast<double>(line.time.value) / 1e9, line.node,
                                name(line.what), line.a, line.b));
  }
  std::string text;
  std::for_each(lines.rbegin(), lines.rend(), [&](const std::string& line) { text += line; });
  return text;
}

}  // namespace oki::sim
