// From what one watch sees to what the incident machine is told: signals of the detectors, test
// trades as proofs, and whether the ledger, the core and the errors are fine.
//
// Said each second, whatever happens: a Prove for each prober that traded, and a Check of each kind
// on which there is something recent to say; of errors there always is. Signals go out at once;
// their keys begin with the watch's name, so that three watches do not contradict each other.
//
// A watch that hears nothing at all of the exchange cannot tell an outage from its own broken line.
// Where there are several watches it therefore does not claim that edges are down but says that it
// hears nothing: evidence, of which each watch's own is independent, so that two of them confirm
// and one alone tells nobody (docs/incidents.md, 3.7 and 5.1). A watch that is alone claims it.
//
// What it takes to claim: a test trade failed that was begun after something had been asked and
// answered at once, so the line was there. When a silent line comes back, test trades must go on
// failing for seen_again_ms before what was withheld is claimed: else a broken line would be told
// as an outage at the moment of its repair.
//
// An edge that says that it is being taken out (drain_watch.h) is no news while another one is not:
// nothing that is asked of it counts, neither as a failure nor as a proof, and what was found there
// before holds no more.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "replica/client.h"
#include "response/tell.h"
#include "watch/page_feed.h"
#include "watch/prober.h"
#include "watch/pulse.h"

namespace oki::watch {

constexpr std::int64_t feed_every_ms = 1000;
constexpr std::int64_t pulse_sample_ms = 200;
constexpr std::int64_t node_missing_ms = 2500;     // A node that is away for so long is a signal.
constexpr std::int64_t ledger_fresh_ms = 5000;     // A ledger check older than this says nothing.
constexpr std::int64_t inquiries_fresh_ms = 5000;  // The same of the desk's word.
constexpr std::int64_t probe_quiet_ms = 10'000;    // So long after a failed test trade errors are.
constexpr std::int64_t silent_repeat_ms = 5000;
constexpr std::int64_t heard_within_ms = 150;  // Answers that took longer may have been sent again.
constexpr std::int64_t seen_again_ms = 2000;
constexpr std::int64_t hears_ms = 800;  // After the last question that was answered.
constexpr std::size_t heard_kept_max = 64;

class Feed {
 public:
  // All must outlive the feed. `tell` is not empty.
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Metrics& metrics;
    response::Tell tell;
  };
  struct Options {
    std::uint32_t number = 1;  // Of this watch, and how many there are.
    std::uint32_t watches = 1;
    std::size_t edges = 1;
    std::size_t nodes = 3;
    std::vector<std::string> markets;  // The cross is the check after them.
    std::vector<Send> edge_pages;      // Of every edge, or none.
    std::vector<Send> node_pages;      // Of every node, or none.
    std::vector<Send> pulses;          // Through every edge, or none.
    detect::Settings detection;
    std::vector<detect::Slo> objectives;
  };

  Feed(const Parts& parts, Options options);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void start();

  void on_probe(std::size_t prober, const ProbeResult& result);
  // After each ledger check: whether all that is known is explained.
  void on_ledger(bool explained);
  // The edge is being taken out, or is back.
  void on_drained(std::size_t edge, bool drained);
  void on_nodes(const std::vector<bool>& up);
  // Each second: customers who wrote, and those of them who really have a failed order or transfer.
  void on_inquiries(std::uint32_t inquiries, std::uint32_t with_failure);

  // A gauge of a host or a process beside those read from pages; Errc::full beyond the limits.
  Result<std::size_t> add_gauge(detect::GaugeKind kind, const std::string& about,
                                std::vector<notify::ComponentId> components);
  void on_gauge(std::size_t gauge, std::int64_t value);

 private:
  struct Trades {
    std::uint32_t succeeded = 0;
    std::uint32_t failed = 0;
  };
  struct EdgePulse {
    std::unique_ptr<Pulse> pulse;
    std::size_t errors = 0;                // Of small reads, which need nothing but the edge.
    std::size_t order_errors = 0;          // Of what needs the nodes too.
    FirstTries trade_reads, trade_orders;  // Of test trades since the last sample.
  };
  struct Drained {
    bool now = false;
    std::optional<MonoTimeNs> until{};  // The end of the last time.
  };
  struct Withheld {
    response::Signal signal;
    detect::MonoMs began = 0;
  };
  struct NodeAway {
    std::size_t level = 0;
    bool up = true;
    detect::MonoMs since = 0;
  };

  detect::Moment moment() const;
  void watch_nodes();
  void watch_pulses();
  void sample_pulses();
  bool excused(std::size_t edge) const;
  void heard(MonoTimeNs asked);
  void witness(std::size_t prober, detect::MonoMs failed);
  bool blind_since(detect::MonoMs began) const;
  void second();
  void tell_trades(const detect::Moment& now);
  void tell_checks(const detect::Moment& now);
  void tell_check(response::CheckKind kind, bool fine, const detect::Moment& now);
  void tell_signals(const detect::Moment& now);
  void tell_signal(response::Signal signal);
  void tell_withheld(const detect::Moment& now);
  response::Signal hears_nothing(bool firing, const detect::Moment& now) const;
  bool errors_quiet(detect::MonoMs now) const;

  Parts parts_;
  Options options_;
  std::string speaker_;
  detect::Detectors detectors_;
  ChangeFeed changes_;
  std::unique_ptr<PageFeed> pages_;
  std::vector<NodeAway> nodes_;
  std::vector<EdgePulse> pulses_;
  std::vector<Drained> drained_;                              // By edge.
  std::vector<Trades> trades_;                                // By prober, of this second.
  std::vector<std::optional<detect::MonoMs>> failing_since_;  // By prober.
  WallTimeMs second_began_;
  std::optional<detect::MonoMs> failed_at_;  // The last test trade that failed.
  std::optional<detect::MonoMs> ledger_at_;
  std::optional<detect::MonoMs> inquiries_at_;
  bool ledger_explained_ = true;
  std::deque<detect::MonoMs> heard_;  // When the latest questions were asked that were answered.
  std::optional<detect::MonoMs> heard_again_;  // The first answer since something is withheld.
  detect::MonoMs witnessed_ = 0;  // Something was heard then, and a test trade failed after it.
  std::map<std::string, Withheld> withheld_;  // By key.
  detect::MonoMs silent_told_ = 0;
  bool silent_ = false;  // It was told that nothing is heard.
  WallTimeMs silent_since_;
  Counter& told_;
  TimerId timer_;
  TimerId pulse_timer_;
};

}  // namespace oki::watch
