#include "watch/page_samples.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "net/json_reader.h"
#include "watch/metrics_text.h"

namespace oki::watch {
namespace {

constexpr std::size_t state_bytes_max = 64u << 10;
constexpr std::size_t hash_bytes_max = 64;
constexpr std::uint64_t ns_per_us = 1000;
constexpr unsigned ns_digits = 9;

// What a counter rose by; nothing when it fell or rose beyond belief.
std::optional<std::uint64_t> rise(std::uint64_t before, std::uint64_t now, std::uint64_t most) {
  if (now < before || now - before > most) return std::nullopt;
  return now - before;
}

std::optional<std::uint64_t> member(const net::Json& json, ByteView name) {
  const net::Json* value = json.find(name);
  const auto number = value == nullptr ? std::nullopt : value->integer();
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

// What is too long or no text is left out: it must not grow what a change says.
MarketStops read_stops(const net::Json& json) {
  MarketStops stops;
  const net::Json* member = json.find("stops");
  if (member == nullptr || member->object() == nullptr) return stops;
  for (const auto& [market, value] : *member->object()) {
    const auto text = value.string();
    if (text && !text->empty() && text->size() <= stops_bytes_max) stops[market] = *text;
  }
  return stops;
}

// One look covers at most some seconds; longer sums of durations are not believed.
constexpr std::uint64_t sum_ns_max = counts_max * 1'000'000'000;

}  // namespace

std::optional<EdgeCounts> read_edge_counts(ByteView page) {
  static constexpr std::array<MetricWish, 7> wishes{{
      {"okiagari_edge_requests_total"},
      {"okiagari_edge_requests_total", "class=\"update\""},
      {"okiagari_edge_unserved_total"},
      {"okiagari_edge_commands_not_taken_total"},
      {"okiagari_edge_commands_unknown_total"},
      {"okiagari_edge_command_seconds_count"},
      {"okiagari_edge_command_seconds_sum", {}, ns_digits},
  }};
  const auto values = read_metrics(page, wishes);
  if (std::ranges::any_of(values, [](const auto& value) { return !value; })) return std::nullopt;
  EdgeCounts counts;
  counts.requests = *values[0];
  counts.updates = *values[1];
  const std::uint64_t not_taken = *values[3], unknown = *values[4];
  if (__builtin_add_overflow(not_taken, unknown, &counts.update_errors) ||
      __builtin_add_overflow(counts.update_errors, *values[2], &counts.errors)) {
    return std::nullopt;
  }
  counts.commands = *values[5];
  counts.command_ns = *values[6];
  return counts;
}

std::optional<EdgeCounts> EdgeCounter::add(const EdgeCounts& now) {
  const auto before = std::exchange(last_, now);
  if (!before) return std::nullopt;
  const auto requests = rise(before->requests, now.requests, counts_max);
  const auto updates = rise(before->updates, now.updates, counts_max);
  const auto errors = rise(before->errors, now.errors, counts_max);
  const auto commands = rise(before->commands, now.commands, counts_max);
  const auto command_ns = rise(before->command_ns, now.command_ns, sum_ns_max);
  const auto update_errors = rise(before->update_errors, now.update_errors, counts_max);
  if (!requests || !updates || !errors || !commands || !command_ns || !update_errors) {
    return std::nullopt;
  }
  return EdgeCounts{*requests, *updates, *errors, *commands, *command_ns, *update_errors};
}

std::optional<DiskTimes> read_disk_times(ByteView page) {
  static constexpr std::array<MetricWish, 3> wishes{{
      {"okiagari_replica_fsync_seconds_count"},
      {"okiagari_replica_fsync_seconds_sum", {}, ns_digits},
      {"okiagari_replica_fsyncs_begun_total"},
  }};
  const auto values = read_metrics(page, wishes);
  if (!values[0] || !values[1]) return std::nullopt;
  // A node of the release before does not say when it begins.
  return DiskTimes{*values[0], *values[1], values[2].value_or(*values[0])};
}

std::optional<std::int64_t> DiskCounter::add(const DiskTimes& now) {
  const auto before = std::exchange(last_, now);
  if (!before) return std::nullopt;
  const auto syncs = rise(before->syncs, now.syncs, counts_max);
  const auto sync_ns = rise(before->sync_ns, now.sync_ns, sum_ns_max);
  if (!syncs || !sync_ns) return std::nullopt;
  return *syncs == 0 ? 0 : static_cast<std::int64_t>(*sync_ns / *syncs / ns_per_us);
}

std::int64_t DiskCounter::stuck_ms(detect::MonoMs now) {
  const bool waits = last_ && last_->begun > last_->syncs;
  if (!waits || under_way_ != last_->begun) under_way_since_ = now;
  under_way_ = waits ? std::optional(last_->begun) : std::nullopt;
  return now - under_way_since_;
}

std::optional<NodeReading> read_node_state(ByteView page) {
  if (page.size() > state_bytes_max) return std::nullopt;
  const auto json = net::parse_json(page, state_bytes_max);
  if (!json) return std::nullopt;
  const auto applied = member(*json, "applied");
  const auto quarantined = member(*json, "quarantined");
  const net::Json* hash = json->find("event_hash");
  const bool knows_leader = member(*json, "leader_seat").value_or(0) > 0;
  if (!applied || !quarantined || hash == nullptr || !hash->string()) return std::nullopt;
  if (hash->string()->empty() || hash->string()->size() > hash_bytes_max) return std::nullopt;
  return NodeReading{*applied, std::string(*hash->string()), *quarantined, read_stops(*json),
                     knows_leader};
}

void NodeCompare::add(std::size_t node, const NodeReading& reading, detect::MonoMs now) {
  nodes_[node] = reading;
  if (progress_.empty() || reading.applied > progress_.back().index) {
    progress_.push_back({reading.applied, now});
    if (progress_.size() > progress_max) progress_.pop_front();
  }
  if (const auto believed = quarantined_by_two()) {
    if (quarantined_before_ && *believed > *quarantined_before_) {
      quarantined_ += *believed - *quarantined_before_;
      quarantined_at_ = now;
    }
    quarantined_before_ = std::max(quarantined_before_.value_or(0), *believed);
  }
  compare(reading, now);
}

std::optional<std::uint64_t> NodeCompare::quarantined_by_two() const {
  std::vector<std::uint64_t> counts;
  for (const auto& reading : nodes_) {
    if (reading) counts.push_back(reading->quarantined);
  }
  std::ranges::sort(counts, std::greater());
  const std::size_t wanted = std::min<std::size_t>(nodes_.size(), 2);
  if (counts.size() < wanted) return std::nullopt;
  return counts[wanted - 1];
}

void NodeCompare::compare(const NodeReading& reading, detect::MonoMs now) {
  const auto same = std::ranges::find(hashes_, reading.applied, &Hash::index);
  if (same == hashes_.end()) {
    hashes_.push_back({reading.applied, reading.event_hash});
    if (hashes_.size() > hashes_max) hashes_.pop_front();
    return;
  }
  if (same->hash == reading.event_hash) return;
  ++disagreements_;
  disagreed_at_ = now;
  hashes_.erase(same);  // The next one must be found anew.
}

std::int64_t NodeCompare::lag_ms(std::size_t node, detect::MonoMs now) const {
  const auto& last = nodes_[node];
  if (!last) return 0;
  const auto ahead = std::ranges::upper_bound(progress_, last->applied, {}, &Progress::index);
  return ahead == progress_.end() ? 0 : now - ahead->at;
}

}  // namespace oki::watch
