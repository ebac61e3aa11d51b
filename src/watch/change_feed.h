// What was changed at the exchange, as it shows from outside: a process began anew, an edge runs
// other settings or is taken out, an operator stopped a market or let it go on. Told to the
// incident machine, because most outages follow a change (docs/incidents.md, 12.5 and 13).
//
// The first look at something is no change. Whoever lies to it can tell no more than
// changes_per_hour_max changes in an hour, of all places together. Every watch tells what it sees;
// the machine takes each change once.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "notify/state.h"
#include "response/incident.h"
#include "response/tell.h"
#include "watch/page_samples.h"

namespace oki::watch {

constexpr std::size_t changes_per_hour_max = 120;

// What GET /metrics of a process says of itself; what it does not say stays empty.
struct ProcessMarks {
  std::optional<std::uint64_t> started_ms;  // Since 1970.
  std::optional<std::uint64_t> settings;    // Version of its settings.
  friend bool operator==(const ProcessMarks&, const ProcessMarks&) = default;
};
ProcessMarks read_process_marks(ByteView metrics_page);

class ChangeFeed {
 public:
  struct Parts {
    const Clock& clock;
    Metrics& metrics;
    response::Tell tell;
  };
  ChangeFeed(const Parts& parts, std::vector<std::string> markets);

  void on_process(const notify::ComponentId& process, ByteView metrics_page);
  // What a node says; older word than was heard before is passed over.
  void on_node(const NodeReading& reading);
  void on_drained(std::size_t edge, bool drained);

 private:
  void tell(response::ChangeKind kind, const notify::ComponentId& place, std::string words);

  Parts parts_;
  std::vector<std::string> markets_;
  std::map<std::string, ProcessMarks> processes_;  // By component: "edge 1".
  std::optional<MarketStops> stops_;
  std::uint64_t applied_ = 0;  // Of whoever said these.
  std::deque<MonoTimeNs> told_at_;
  Counter& told_;
  Counter& dropped_;
};

}  // namespace oki::watch
