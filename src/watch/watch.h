// The watch: probers, lease, timeline and detectors put together, for one process of its own.
//
// It knows the exchange only from outside: its edges by their public API, its nodes by one client
// connection each. It shares nothing with them, and when it dies the lease on green dies with it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net.h"
#include "crypto/crypto.h"
#include "replica/client.h"
#include "watch/cluster_watch.h"
#include "watch/drain_watch.h"
#include "watch/feed.h"
#include "watch/lease_keeper.h"
#include "watch/ledger_check.h"
#include "watch/prober.h"
#include "watch/publisher.h"
#include "watch/sweeper.h"
#include "watch/timeline.h"

namespace oki::watch {

constexpr std::int64_t renew_every_ms = 250;
constexpr std::int64_t publish_deadline_ms = 1000;

struct WatchOptions {
  std::vector<Address> edges;
  std::vector<HousePair> house;  // Prober i uses pair i modulo their number; at least one.
  std::vector<ProbeMarket> markets;
  ProbeMarket cross;
  std::vector<Address> status_sites;
  crypto::SigningKey signing_key;
  std::size_t nodes = 3;
  // What the incident machine is told (feed.h). The pages of edges and nodes about themselves are
  // of every one of them, in order, or none.
  std::uint32_t number = 1;  // Of this watch.
  std::uint32_t watches = 1;
  std::vector<Address> edge_metrics;
  std::vector<Address> node_metrics;
  detect::Settings detection;
  std::vector<detect::Slo> objectives;
  std::string saved_name = "status.document";
};

class Watch {
 public:
  // All must outlive the watch, and the disk must finish nothing after it is gone. `view` is asked
  // every look_every_ms; in production replica::Client::view.
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Disk& disk;
    Log& log;
    Metrics& metrics;
    std::function<replica::ClusterView()> view;
    response::Tell tell = {};  // Empty: nobody is told of incidents.

    // Every lease's word on the components, as it is signed.
    std::function<void(const std::vector<notify::LeaseRow>& rows)> on_rows = {};
  };

  // REQUIRES: at least one edge, one house pair and one market; markets, edges, nodes and ledger
  // together no more than notify::components_max.
  Watch(const Parts& parts, WatchOptions options);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Reads the timeline of an earlier watch and begins.
  void start();

  // Takes what else is sampled about the exchange; null when there is nobody to tell.
  Feed* feed() { return feed_.get(); }

  bool green() const { return overall_ == notify::State::operational; }

  // What people say, for the status sites.
  void set_notices(notify::NoticeBoard board) { publisher_.set_notices(std::move(board)); }

 private:
  struct Shown {
    notify::State state = notify::State::operational;
    WallTimeMs since;
  };

  Send client(const Address& server, std::int64_t deadline_ms, std::size_t connections);
  std::vector<Send> status_clients();
  notify::StatusDocument saved_document();
  std::vector<Send> pages_of(const std::vector<Address>& processes);
  void make_feed();
  void tell_nodes();
  void make_probers();
  void make_ledger_checks();
  void make_sweeper();
  std::vector<HouseKey> house_keys() const;
  void on_probe(std::size_t prober, const ProbeResult& result);
  void count(std::size_t edge, const ProbeResult& result);
  void note_edge(std::size_t edge);
  void make_drain_watch();
  void on_drained(std::size_t edge, bool drained);
  void look();
  void renew();

  // Judges and publishes: at once when the overall state changed, else when `renewing`.
  void judge(bool renewing);
  void note_change(const Judgement& judgement);
  notify::Lease lease_of(const Judgement& judgement);
  WallTimeMs since(const std::string& what, notify::State state);
  void publish_document();
  void save_document();

  Parts parts_;
  WatchOptions options_;
  LeaseKeeper keeper_;
  ClusterWatch cluster_;
  Timeline timeline_;
  Publisher publisher_;
  std::vector<std::unique_ptr<Prober>> probers_;
  std::vector<std::unique_ptr<LedgerCheck>> ledger_checks_;
  std::unique_ptr<Sweeper> sweeper_;
  std::unique_ptr<DrainWatch> drain_watch_;
  std::unique_ptr<Feed> feed_;
  std::vector<bool> ledger_explained_;
  std::vector<bool> edge_up_;
  std::map<std::string, Shown> shown_;
  notify::State overall_ = notify::State::major_outage;
  notify::Reason reason_ = notify::Reason::no_proof;
  WallTimeMs overall_since_;
  ProbeResult last_failure_;
  std::uint64_t published_sequence_ = 0;
  bool saving_ = false;
  std::uint64_t saved_sequence_ = 0;
  Gauge& green_;
  Counter& leader_changes_;
  Histogram& probe_time_;
  TimerId look_timer_;
  TimerId renew_timer_;
};

}  // namespace oki::watch
