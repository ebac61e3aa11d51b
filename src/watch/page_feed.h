// What edges and nodes say about themselves, handed to the detectors: errors, orders, delays, the
// disks and how far each node is behind. Proofs of what the core found wrong come from here too.
//
// Edges are asked every edge_page_ms, nodes every node_page_ms. Whatever a page holds, and however
// slow it is, it can only fill its own series (page_samples.h).
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "watch/change_feed.h"
#include "watch/detect/detectors.h"
#include "watch/page_poller.h"
#include "watch/page_samples.h"

namespace oki::watch {

constexpr std::int64_t edge_page_ms = 200;
constexpr std::int64_t node_page_ms = 500;
constexpr std::int64_t page_deadline_ms = 1000;
constexpr std::int64_t page_fresh_ms = 3000;
// So long a quarantined step, or two nodes that disagree, is a wrong that holds.
constexpr std::int64_t wrong_holds_ms = 60'000;

class PageFeed {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Metrics& metrics;
    detect::Detectors& detectors;
    std::function<void(MonoTimeNs asked)> heard;  // A page was answered that was asked for then.
    ChangeFeed& changes;
  };
  struct Options {
    std::vector<Send> edges;  // One for each edge's own page, or none at all.
    std::vector<Send> nodes;
    std::vector<detect::Slo> objectives;  // Over "errors/all" or "errors/edge 1".
  };

  // REQUIRES: room for all series in the detectors; they outlive this.
  PageFeed(const Parts& parts, Options options, const detect::Moment& now);
  ~PageFeed();

  void start();

  // Each second.
  void second(const detect::Moment& now);

  // An edge that is being taken out has nothing to be found, and need not be read.
  void on_drained(std::size_t edge, bool drained);

  // Every edge's page was read within page_fresh_ms; true when there are none.
  bool edges_fresh(detect::MonoMs now) const;

  // Whether the core's invariants hold; nothing when no node has said anything lately.
  std::optional<bool> invariants_hold(detect::MonoMs now) const;

 private:
  struct Edge;
  struct Node;
  struct Objective {
    std::size_t series;
    std::size_t edge;  // From 1; 0: all.
  };

  void watch_edges(const detect::Moment& now);
  void watch_nodes(const detect::Moment& now);
  void watch_objectives(std::vector<detect::Slo> objectives);
  void on_edge(std::size_t index, ByteView page, MonoTimeNs asked);
  void on_node_disk(std::size_t index, ByteView page, MonoTimeNs asked);
  void on_node_state(std::size_t index, ByteView page, MonoTimeNs asked);
  void sum_up(const detect::Moment& now);
  void set_wrongs(const detect::Moment& now);
  detect::Moment moment() const;

  Parts parts_;
  std::vector<std::unique_ptr<Edge>> edges_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Objective> objectives_;
  NodeCompare compare_;
  std::size_t all_errors_ = 0;
  std::size_t rate_ = 0;
  std::size_t quarantine_ = 0;
  std::size_t disagreement_ = 0;
  EdgeCounts sum_;  // Of all edges since the last sum_up().
  std::size_t in_sum_ = 0;
  TimerId sum_timer_;
  Counter& refused_;
};

}  // namespace oki::watch
