#include "watch/change_feed.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "watch/metrics_text.h"

namespace oki::watch {
namespace {

using notify::ComponentId;
using notify::ComponentKind;
using response::ChangeKind;

constexpr std::int64_t hour_ns = 3'600'000'000'000;
constexpr unsigned ms_digits = 3;

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

// Of a market that is not named nothing is stopped.
std::string stops_of(const MarketStops& all, const std::string& market) {
  const auto found = all.find(market);
  return found == all.end() ? "none" : found->second;
}

}  // namespace

ProcessMarks read_process_marks(ByteView metrics_page) {
  static constexpr std::array<MetricWish, 2> wishes{{
      {"process_start_time_seconds", {}, ms_digits},
      {"okiagari_edge_settings_version"},
  }};
  const auto values = read_metrics(metrics_page, wishes);
  return {values[0], values[1]};
}

ChangeFeed::ChangeFeed(const Parts& parts, std::vector<std::string> markets)
    : parts_(parts),
      markets_(std::move(markets)),
      told_(parts.metrics.counter("okiagari_watch_changes_total",
                                  "Changes at the exchange that were seen from outside")),
      dropped_(parts.metrics.counter("okiagari_watch_changes_dropped_total",
                                     "Changes beyond the limit of an hour, told to nobody")) {}

void ChangeFeed::on_process(const ComponentId& process, ByteView metrics_page) {
  const ProcessMarks now = read_process_marks(metrics_page);
  const std::string place = fmt::format("{} {}", name(process.kind), process.name);
  const auto [seen, first] = processes_.try_emplace(place, now);
  const ProcessMarks before = std::exchange(seen->second, now);
  if (first) return;
  // A page without a mark says nothing of it.
  if (!now.started_ms) seen->second.started_ms = before.started_ms;
  if (!now.settings) seen->second.settings = before.settings;
  if (now.started_ms && before.started_ms && *now.started_ms != *before.started_ms) {
    tell(ChangeKind::deployment, process, capital(place) + " was started anew.");
    return;  // Its settings begin anew with it.
  }
  if (now.settings && before.settings && *now.settings != *before.settings) {
    tell(ChangeKind::configuration, process,
         fmt::format("{} runs version {} of its settings, after version {}.", capital(place),
                     *now.settings, *before.settings));
  }
}

void ChangeFeed::on_node(const NodeReading& reading) {
  if (reading.applied < applied_) return;
  applied_ = reading.applied;
  const std::optional<MarketStops> before = std::exchange(stops_, reading.stops);
  if (!before) return;
  for (const std::string& market : markets_) {
    const std::string then = stops_of(*before, market);
    const std::string now = stops_of(reading.stops, market);
    if (then == now) continue;
    tell(ChangeKind::operator_command, {ComponentKind::market, market},
         fmt::format("Stopped in {}: {}; before: {}.", market, now, then));
  }
}

void ChangeFeed::on_drained(std::size_t edge, bool drained) {
  const ComponentId id{ComponentKind::edge, std::to_string(edge + 1)};
  tell(ChangeKind::operator_command, id,
       drained ? "The edge is being taken out; another one serves."
               : "The edge is taken out no longer.");
}

void ChangeFeed::tell(ChangeKind kind, const ComponentId& place, std::string words) {
  const MonoTimeNs now = parts_.clock.mono_now();
  while (!told_at_.empty() && now - told_at_.front() > hour_ns) told_at_.pop_front();
  if (told_at_.size() >= changes_per_hour_max) return dropped_.add();
  told_at_.push_back(now);
  told_.add();
  parts_.tell(response::RecordChange{
      {parts_.clock.wall_now(), kind, {place}, std::string(), std::move(words)}});
}

}  // namespace oki::watch
