#include "response/oncall.h"

#include <algorithm>

#include "base/calendar.h"
#include "notify/time_text.h"

namespace oki::response {
namespace {

constexpr std::int64_t minute_ms = 60'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && a < 0 ? 1 : 0);
}

std::int64_t day_of(WallTimeMs at) {
  return floor_div(at.value + notify::japan_offset_ms, ms_per_day);
}

bool is_whole_day(const Layer& layer) { return layer.day_from == layer.day_to; }

bool covers(const Layer& layer, WallTimeMs at) {
  if (at < layer.start || (layer.end.value != 0 && at >= layer.end)) return false;
  if (is_whole_day(layer)) return true;
  const std::int64_t in_day = at.value + notify::japan_offset_ms - day_of(at) * ms_per_day;
  const std::int64_t minute = in_day / minute_ms;
  if (layer.day_from < layer.day_to) return minute >= layer.day_from && minute < layer.day_to;
  return minute >= layer.day_from || minute < layer.day_to;
}

PersonId in_turn(const Layer& layer, WallTimeMs at) {
  const std::int64_t turn = (at.value - layer.start.value) / std::int64_t{layer.rotation_ms};
  return layer.people[static_cast<std::size_t>(turn) % layer.people.size()];
}

// The first moment after `at` at which the layer may name somebody else.
std::int64_t next_edge(const Layer& layer, WallTimeMs at) {
  if (at < layer.start) return layer.start.value;
  if (layer.end.value != 0 && at >= layer.end) return notify::time_max.value;
  const std::int64_t rotation = layer.rotation_ms;
  std::int64_t next = at.value + rotation - (at.value - layer.start.value) % rotation;
  if (layer.end.value != 0) next = std::min(next, layer.end.value);
  if (is_whole_day(layer)) return next;
  for (std::int64_t day = day_of(at); day <= day_of(at) + 1; ++day) {
    for (const std::int64_t minute : {layer.day_from, layer.day_to}) {
      const std::int64_t edge = day * ms_per_day + minute * minute_ms - notify::japan_offset_ms;
      if (edge > at.value) next = std::min(next, edge);
    }
  }
  return next;
}

std::int64_t next_edge(const Schedule& schedule, WallTimeMs at) {
  std::int64_t next = notify::time_max.value;
  for (const Override& change : schedule.overrides) {
    if (change.from > at) next = std::min(next, change.from.value);
    if (change.to > at) next = std::min(next, change.to.value);
  }
  for (const Layer& layer : schedule.layers) next = std::min(next, next_edge(layer, at));
  return next;
}

}  // namespace

std::optional<PersonId> on_call(const Schedule& schedule, WallTimeMs at) {
  for (auto change = schedule.overrides.rbegin(); change != schedule.overrides.rend(); ++change) {
    if (change->from <= at && at < change->to) return change->person;
  }
  for (auto layer = schedule.layers.rbegin(); layer != schedule.layers.rend(); ++layer) {
    if (covers(*layer, at)) return in_turn(*layer, at);
  }
  return std::nullopt;
}

// Edges that change nothing are merged away, so they need a limit of their own.
std::vector<Shift> shifts(const Schedule& schedule, WallTimeMs from, WallTimeMs to) {
  std::vector<Shift> found;
  std::size_t edges_left = shifts_max * 8;
  const WallTimeMs last{std::min(to.value + shift_ms_max, notify::time_max.value)};
  WallTimeMs at{std::max<std::int64_t>(from.value - shift_ms_max, 0)};
  for (; at < last && edges_left > 0; --edges_left) {
    const WallTimeMs next{std::min(next_edge(schedule, at), last.value)};
    const std::optional<PersonId> person = on_call(schedule, at);
    const bool goes_on =
        person && !found.empty() && found.back().person == *person && found.back().to == at;
    if (!goes_on && (at >= to || found.size() >= shifts_max)) break;
    if (goes_on) {
      found.back().to = next;
    } else {
      if (!found.empty() && found.back().to <= from) found.clear();
      if (person) found.push_back({at, next, *person});
    }
    at = next;
  }
  if (!found.empty() && found.front().to <= from) found.erase(found.begin());
  return found;
}

}  // namespace oki::response
