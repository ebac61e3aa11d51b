#include "notify/incidents.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace oki::notify {
namespace {

void add_update(Incident& incident, const IncidentUpdate& update) {
  incident.updates.push_back(update);
  incident.phase = update.phase;
  incident.worst = worse(incident.worst, update.state);
  incident.affected |= update.affected;
}

void end(Incident& incident, WallTimeMs at) {
  incident.ended = at;
  add_update(incident, {IncidentPhase::monitoring, at, State::operational, Reason::none, 0});
}

void resolve_when_due(Incident& incident, WallTimeMs now) {
  if (!incident.ended || now.value < incident.ended->value + incident_watch_ms) return;
  incident.resolved = WallTimeMs{incident.ended->value + incident_watch_ms};
  add_update(incident,
             {IncidentPhase::resolved, *incident.resolved, State::operational, Reason::none, 0});
}

// Whether an outage that begins at `at` is the return of the one before.
bool returns(const Incident& incident, WallTimeMs at) {
  return incident.ended && at.value < incident.ended->value + incident_watch_ms;
}

std::vector<Incident> from_timeline(const StatusDocument& document) {
  std::vector<Incident> incidents;
  for (const TimelineEvent& event : document.events) {
    if (!is_outage(event.kind)) continue;
    if (event.kind == EventKind::outage_ended) {
      if (!incidents.empty() && !incidents.back().ended) end(incidents.back(), event.at);
      continue;
    }
    const bool starts = incidents.empty() || incidents.back().ended.has_value();
    if (starts && (incidents.empty() || !returns(incidents.back(), event.at))) {
      Incident incident;
      incident.id = fmt::format("o{:x}", event.id);
      incident.began = event.at;
      incident.reason = event.reason;
      incidents.push_back(std::move(incident));
    }
    Incident& incident = incidents.back();
    incident.ended.reset();
    add_update(incident,
               {IncidentPhase::investigating, event.at, event.state, event.reason, event.affected});
  }
  return incidents;
}

Incident from_period(const UnknownPeriod& period) {
  Incident incident;
  incident.id = fmt::format("u{:x}", static_cast<std::uint64_t>(period.from.value));
  incident.began = period.from;
  incident.reason = Reason::monitoring_lost;
  add_update(incident, {IncidentPhase::investigating, period.from, State::unknown,
                        Reason::monitoring_lost, 0});
  if (period.to) end(incident, *period.to);
  return incident;
}

}  // namespace

const char* name(IncidentPhase phase) {
  switch (phase) {
    case IncidentPhase::investigating:
      return "investigating";
    case IncidentPhase::monitoring:
      return "monitoring";
    case IncidentPhase::resolved:
      return "resolved";
  }
  return "";
}

std::vector<Incident> derive_incidents(const StatusDocument& document,
                                       const std::vector<UnknownPeriod>& unknown, WallTimeMs now) {
  std::vector<Incident> incidents = from_timeline(document);
  for (const UnknownPeriod& period : unknown) incidents.push_back(from_period(period));
  for (Incident& incident : incidents) resolve_when_due(incident, now);
  std::sort(incidents.begin(), incidents.end(), [](const Incident& a, const Incident& b) {
    return std::tie(b.began, b.id) < std::tie(a.began, a.id);
  });
  return incidents;
}

}  // namespace oki::notify
