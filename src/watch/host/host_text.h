// The metrics of a machine and of a process as Prometheus text (exposition format 0.0.4). Numbers
// are integers in small units; they are printed in base units, exactly.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "watch/host/host_reading.h"

namespace oki::watch {

struct HostShares;

class HostText {
 public:
  using Labels = std::vector<std::pair<const char*, std::string>>;

  // What follows belongs to it. A family without samples is not printed.
  void family(const char* name, const char* type, const char* help);

  // `value` times ten to the power of minus `digits`.
  void sample(const Labels& labels, std::uint64_t value, unsigned digits = 0);
  void sample(const Labels& labels, std::int64_t value, unsigned digits = 0);

  void summary(const char* name, const char* help, const Histogram& durations);

  Bytes take() { return std::move(out_); }

 private:
  void line(ByteView name, const Labels& labels, std::uint64_t value, unsigned digits);

  Bytes out_;
  std::string name_, header_;
};

void append_host(HostText& text, const HostReading& reading, const HostShares& shares);
void append_process(HostText& text, const ProcessReading& reading, WallTimeMs started);

}  // namespace oki::watch
