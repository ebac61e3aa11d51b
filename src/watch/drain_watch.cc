#include "watch/drain_watch.h"

#include <utility>

#include "net/json_reader.h"

namespace oki::watch {
namespace {

constexpr std::uint16_t unavailable = 503;

}  // namespace

std::optional<bool> read_draining(ByteView page) {
  const auto json = net::parse_json(page, health_bytes_max);
  if (!json) return std::nullopt;
  const net::Json* draining = json->find("draining");
  return draining == nullptr ? std::nullopt : draining->boolean();
}

DrainWatch::DrainWatch(const Clock& clock, Timers& timers, const std::vector<Send>& edges,
                       Changed changed)
    : clock_(clock), timers_(timers), changed_(std::move(changed)) {
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const auto take = [this, i](ByteView page, MonoTimeNs) {
      if (const auto draining = read_draining(page)) on_word(i, *draining);
    };
    edges_.emplace_back();
    edges_.back().poller = std::make_unique<PagePoller>(
        PagePoller::Parts{clock, timers, edges[i]}, "/healthz", drain_ask_ms, take, unavailable);
  }
}

DrainWatch::~DrainWatch() { timers_.cancel(timer_); }

void DrainWatch::start() {
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    edges_[i].poller->start(drain_ask_ms * static_cast<std::int64_t>(i) /
                            static_cast<std::int64_t>(edges_.size()));
  }
  look();
}

void DrainWatch::on_word(std::size_t index, bool draining) {
  Edge& edge = edges_[index];
  if (draining) edge.said = clock_.mono_now();
  if (draining == edge.drained) return;
  edge.drained = draining;
  edge.since = edge.said;
  changed_(index, draining);
}

void DrainWatch::look() {
  timer_ = timers_.after_ms(drain_ask_ms, [this] { look(); });
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    if (!edges_[i].drained || !is_over(edges_[i])) continue;
    edges_[i].drained = false;
    changed_(i, false);
  }
}

bool DrainWatch::is_over(const Edge& edge) const {
  const bool settled = edge.said - edge.since >= drain_settled_ms * ns_per_ms;
  const std::int64_t silent_ms = settled ? drained_silent_ms : drain_word_ms;
  return clock_.mono_now() - edge.said >= silent_ms * ns_per_ms;
}

}  // namespace oki::watch
