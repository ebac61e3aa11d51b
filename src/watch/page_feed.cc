#include "watch/page_feed.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "watch/access.h"
#include "watch/host_gauges.h"

namespace oki::watch {

using detect::Moment;
using detect::MonoMs;
using notify::ComponentKind;

namespace {

MonoMs in_ms(MonoTimeNs time) { return time.value / ns_per_ms; }

std::uint32_t narrow(std::uint64_t count) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
}

std::size_t added(const Result<std::size_t>& series) {
  ASSERT(series.has_value());
  return *series;
}

void add_to(EdgeCounts& sum, const EdgeCounts& more) {
  sum.requests += more.requests;
  sum.updates += more.updates;
  sum.errors += more.errors;
  sum.commands += more.commands;
  sum.command_ns += more.command_ns;
  sum.update_errors += more.update_errors;
}

}  // namespace

struct PageFeed::Edge {
  std::unique_ptr<PagePoller> poller;
  std::unique_ptr<HostGauges> host{};
  std::unique_ptr<AccessLevels> access{};
  EdgeCounter counter;
  std::size_t errors = 0;
  std::size_t update_errors = 0;
  std::size_t latency = 0;
  EdgeCounts second;  // Since the last second().
  bool drained = false;
  std::optional<MonoMs> heard{};
};

struct PageFeed::Node {
  std::unique_ptr<PagePoller> disk_poller, state_poller;
  std::unique_ptr<HostGauges> host{};
  DiskCounter counter;
  std::size_t fsync = 0;
  std::size_t fsync_stuck = 0;
  std::size_t lag = 0;
  std::optional<MonoMs> heard{};  // Its state.
};

PageFeed::PageFeed(const Parts& parts, Options options, const Moment& now)
    : parts_(parts),
      compare_(options.nodes.size()),
      refused_(parts.metrics.counter("okiagari_watch_pages_refused_total",
                                     "Pages of edges and nodes that could not be understood")) {
  const auto poll = [&](const Send& send, const char* target, std::int64_t every,
                        PagePoller::Take take) {
    return std::make_unique<PagePoller>(PagePoller::Parts{parts.clock, parts.timers, send}, target,
                                        every, std::move(take));
  };
  for (std::size_t i = 0; i < options.edges.size(); ++i) {
    edges_.push_back(std::make_unique<Edge>());
    edges_[i]->poller =
        poll(options.edges[i], "/metrics", edge_page_ms,
             [this, i](ByteView page, MonoTimeNs asked) { on_edge(i, page, asked); });
  }
  for (std::size_t i = 0; i < options.nodes.size(); ++i) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_[i]->disk_poller =
        poll(options.nodes[i], "/metrics", node_page_ms,
             [this, i](ByteView page, MonoTimeNs asked) { on_node_disk(i, page, asked); });
    nodes_[i]->state_poller =
        poll(options.nodes[i], "/state.json", node_page_ms,
             [this, i](ByteView page, MonoTimeNs asked) { on_node_state(i, page, asked); });
  }
  if (!edges_.empty()) watch_edges(now);
  if (!nodes_.empty()) watch_nodes(now);
  watch_objectives(std::move(options.objectives));
}

PageFeed::~PageFeed() { parts_.timers.cancel(sum_timer_); }

void PageFeed::watch_edges(const Moment& now) {
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const detect::Detectors::Components edge{{ComponentKind::edge, number}};
    edges_[i]->errors = added(parts_.detectors.watch_errors("edge " + number, edge, now));
    edges_[i]->update_errors =
        added(parts_.detectors.watch_errors("updates at edge " + number, edge, now));
    edges_[i]->latency = added(parts_.detectors.watch_latency("edge " + number, edge, now));
    edges_[i]->host = std::make_unique<HostGauges>(parts_.detectors, "edge " + number, edge);
    edges_[i]->access = std::make_unique<AccessLevels>(parts_.detectors, i + 1);
  }
  all_errors_ = added(parts_.detectors.watch_errors("all", {}, now));
  rate_ = added(parts_.detectors.watch_rate("orders", {}, now));
}

void PageFeed::watch_nodes(const Moment& now) {
  detect::Detectors& detectors = parts_.detectors;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const detect::Detectors::Components node{{ComponentKind::node, number}};
    const std::string about = "node " + number;
    nodes_[i]->fsync = added(detectors.watch_gauge(detect::GaugeKind::fsync_us, about, node, now));
    nodes_[i]->fsync_stuck =
        added(detectors.watch_gauge(detect::GaugeKind::fsync_stuck_ms, about, node, now));
    nodes_[i]->lag =
        added(detectors.watch_gauge(detect::GaugeKind::replica_lag_ms, about, node, now));
    nodes_[i]->host = std::make_unique<HostGauges>(detectors, about, node);
  }
  const detect::Detectors::Components ledger{{ComponentKind::ledger, "house"}};
  quarantine_ = added(detectors.watch_level(
      {"core/quarantine", response::Source::ledger, response::SignalKind::wrong,
       response::Trust::proof, ledger, "A step of the core broke an invariant and was undone."}));
  disagreement_ = added(detectors.watch_level(
      {"core/disagreement", response::Source::ledger, response::SignalKind::wrong,
       response::Trust::evidence, ledger, "Two nodes tell different histories."}));
}

void PageFeed::watch_objectives(std::vector<detect::Slo> objectives) {
  for (detect::Slo& slo : objectives) {
    std::size_t edge = 0;
    while (edge < edges_.size() && slo.series != "errors/edge " + std::to_string(edge + 1)) ++edge;
    if (edge == edges_.size() && slo.series != "errors/all") continue;
    const std::size_t number = edge == edges_.size() ? 0 : edge + 1;
    detect::Detectors::Components components;
    if (number > 0) components.push_back({ComponentKind::edge, std::to_string(number)});
    const auto series = parts_.detectors.watch_slo(std::move(slo), std::move(components));
    if (series) objectives_.push_back({*series, number});
  }
}

void PageFeed::start() {
  // Staggered, so that answers do not come in a lump.
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    edges_[i]->poller->start(edge_page_ms * static_cast<std::int64_t>(i + 1) /
                             static_cast<std::int64_t>(edges_.size() + 1));
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const std::int64_t slot = node_page_ms / static_cast<std::int64_t>(nodes_.size());
    const std::int64_t at = slot * static_cast<std::int64_t>(i);
    nodes_[i]->state_poller->start(at);
    nodes_[i]->disk_poller->start(at + slot / 2);
  }
  if (!edges_.empty()) sum_up(moment());
}

Moment PageFeed::moment() const {
  return {in_ms(parts_.clock.mono_now()), parts_.clock.wall_now()};
}

void PageFeed::on_edge(std::size_t index, ByteView page, MonoTimeNs asked) {
  parts_.heard(asked);
  const auto counts = read_edge_counts(page);
  if (!counts) return refused_.add();
  Edge& edge = *edges_[index];
  const Moment now = moment();
  edge.heard = now.mono;
  edge.host->take(page, now);
  parts_.changes.on_process({ComponentKind::edge, std::to_string(index + 1)}, page);
  edge.access->take(page, now);
  const auto delta = edge.counter.add(*counts);
  if (!delta) return;
  if (edge.drained) return;
  parts_.detectors.on_requests(edge.errors, narrow(delta->requests), narrow(delta->errors), now);
  parts_.detectors.on_requests(edge.update_errors, narrow(delta->updates),
                               narrow(delta->update_errors), now);
  add_to(edge.second, *delta);
  add_to(sum_, *delta);
  ++in_sum_;
}

// Sums of all edges, as often as each is asked. When none answered nothing is said: silence is the
// detectors' to notice.
void PageFeed::sum_up(const Moment& now) {
  sum_timer_ = parts_.timers.after_ms(edge_page_ms, [this] { sum_up(moment()); });
  if (in_sum_ == 0) return;
  parts_.detectors.on_requests(all_errors_, narrow(sum_.requests), narrow(sum_.errors), now);
  parts_.detectors.on_rate(rate_, narrow(sum_.updates), now);
  sum_ = {};
  in_sum_ = 0;
}

void PageFeed::on_node_disk(std::size_t index, ByteView page, MonoTimeNs asked) {
  parts_.heard(asked);
  const auto times = read_disk_times(page);
  if (!times) return refused_.add();
  Node& node = *nodes_[index];
  node.host->take(page, moment());
  parts_.changes.on_process({ComponentKind::node, std::to_string(index + 1)}, page);
  const Moment now = moment();
  if (const auto us = node.counter.add(*times)) parts_.detectors.on_gauge(node.fsync, *us, now);
  parts_.detectors.on_gauge(node.fsync_stuck, node.counter.stuck_ms(now.mono), now);
}

void PageFeed::on_node_state(std::size_t index, ByteView page, MonoTimeNs asked) {
  parts_.heard(asked);
  const auto reading = read_node_state(page);
  if (!reading) return refused_.add();
  Node& node = *nodes_[index];
  const Moment now = moment();
  // One that lost its leader is not silent: the silent ones are those that it lost.
  if (reading->knows_leader) {
    node.heard = now.mono;
    compare_.add(index, *reading, now.mono);
    parts_.changes.on_node(*reading);
  }
  parts_.detectors.on_gauge(node.lag, compare_.lag_ms(index, now.mono), now);
  set_wrongs(now);
}

void PageFeed::set_wrongs(const Moment& now) {
  const auto holds = [&](std::uint64_t count, MonoMs at) {
    return count > 0 && now.mono - at < wrong_holds_ms;
  };
  const auto findings = [](const char* rule, std::uint64_t count) {
    return detect::Findings{notify::State::major_outage,
                            {{"rule", rule}, {"count", std::to_string(count)}}};
  };
  parts_.detectors.on_level(quarantine_, holds(compare_.quarantined(), compare_.quarantined_at()),
                            compare_.quarantined_at(),
                            findings("core.quarantine", compare_.quarantined()), now);
  parts_.detectors.on_level(disagreement_, holds(compare_.disagreements(), compare_.disagreed_at()),
                            compare_.disagreed_at(),
                            findings("core.disagreement", compare_.disagreements()), now);
}

void PageFeed::second(const Moment& now) {
  EdgeCounts all;
  for (const auto& edge : edges_) {
    add_to(all, edge->second);
    if (edge->drained) {
      parts_.detectors.excuse_requests(edge->errors, now);
      parts_.detectors.excuse_requests(edge->update_errors, now);
      parts_.detectors.excuse_latency(edge->latency, now);
    } else if (edge->second.commands > 0) {
      const std::uint64_t mean_us = edge->second.command_ns / edge->second.commands / 1000;
      parts_.detectors.on_latency(edge->latency, narrow(edge->second.commands),
                                  static_cast<std::int64_t>(mean_us), now);
    } else if (edge->heard && now.mono - *edge->heard < page_fresh_ms) {
      parts_.detectors.on_latency(edge->latency, 0, 0, now);
    }
  }
  for (const Objective& objective : objectives_) {
    const EdgeCounts& counts = objective.edge == 0 ? all : edges_[objective.edge - 1]->second;
    parts_.detectors.on_slo(objective.series, narrow(counts.requests), narrow(counts.errors), now);
  }
  for (const auto& edge : edges_) edge->second = {};
}

bool PageFeed::edges_fresh(MonoMs now) const {
  return std::ranges::all_of(edges_, [now](const auto& edge) {
    return edge->drained || (edge->heard && now - *edge->heard < page_fresh_ms);
  });
}

void PageFeed::on_drained(std::size_t edge, bool drained) {
  if (edge < edges_.size()) edges_[edge]->drained = drained;
}

std::optional<bool> PageFeed::invariants_hold(MonoMs now) const {
  const bool heard = std::ranges::any_of(nodes_, [now](const auto& node) {
    return node->heard && now - *node->heard < page_fresh_ms;
  });
  if (!heard) return std::nullopt;
  const bool quarantined =
      compare_.quarantined() > 0 && now - compare_.quarantined_at() < wrong_holds_ms;
  const bool disagree =
      compare_.disagreements() > 0 && now - compare_.disagreed_at() < wrong_holds_ms;
  return !quarantined && !disagree;
}

}  // namespace oki::watch
