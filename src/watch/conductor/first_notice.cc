#include "watch/conductor/first_notice.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "response/operators.h"
#include "response/recovery_range.h"
#include "response/signals.h"

namespace oki::watch {
namespace {

using notify::ComponentId;
using notify::ComponentKind;
using notify::NoticeComponent;
using notify::State;
using response::Incident;
using response::IncidentId;

constexpr std::int64_t minute_ms = 60'000;

notify::Impact impact_of(State state) {
  switch (state) {
    case State::operational:
      return notify::Impact::none;
    case State::degraded_performance:
      return notify::Impact::minor;
    case State::partial_outage:
      return notify::Impact::major;
    case State::major_outage:
    case State::unknown:
      break;
  }
  return notify::Impact::critical;
}

bool names(const response::Signal& signal, const ComponentId& id) {
  return std::ranges::find(signal.components, id) != signal.components.end();
}

// The worst that live signals of the incident prove or give evidence of; operational: none does.
State signalled(const response::State& state, IncidentId id, const ComponentId& component) {
  State worst = State::operational;
  for (const auto& [key, held] : state.signals) {
    if (held.incident != id || !response::is_believed(held)) continue;
    if (held.signal.trust == response::Trust::hint || !names(held.signal, component)) continue;
    worst = notify::worse(worst, held.signal.state);
  }
  return worst;
}

// What earlier notices under the same name called affected, as bad as the worst of them.
std::vector<NoticeComponent> told_before(IncidentId id, const Incident& incident) {
  std::vector<NoticeComponent> all;
  const std::string name = response::notice_name(id, incident);
  for (const response::NoticeRecord& record : incident.notices) {
    if (record.state != response::NoticeState::approved) continue;
    const auto notice = notify::read_notice(record.notice);
    if (!notice || notice->incident != name) continue;
    for (const NoticeComponent& each : notice->affected) {
      const auto known = std::ranges::find(all, each.id, &NoticeComponent::id);
      if (known == all.end()) {
        all.push_back(each);
      } else {
        known->now = notify::worse(known->now, each.now);
      }
    }
  }
  return all;
}

// Nobody knows which parts an incident without components is about: it may be all of them.
std::vector<NoticeComponent> all_of_it(const response::House& house, const Incident& incident) {
  std::vector<NoticeComponent> all;
  for (const ComponentId& id : incident.components) {
    all.push_back({id, State::operational, incident.state_worst});
  }
  if (!all.empty()) return all;
  for (const response::Component& component : house.components) {
    if (component.id.kind == ComponentKind::node) continue;
    all.push_back({component.id, State::operational, incident.state_worst});
  }
  return all;
}

// Hints alone make nothing affected, as little as they leave it unaffected.
std::vector<NoticeComponent> affected_by(const response::State& state, IncidentId id, bool over) {
  const Incident& incident = state.incidents.at(id);
  std::vector<NoticeComponent> all;
  for (const ComponentId& component : incident.components) {
    const State worst = signalled(state, id, component);
    if (worst != State::operational && !over) all.push_back({component, State::operational, worst});
  }
  if (all.empty()) all = told_before(id, incident);
  if (all.empty()) all = all_of_it(state.house, incident);
  for (NoticeComponent& each : all) {
    if (over) each = {each.id, each.now, State::operational};
  }
  return all;
}

// What planned work explains is no outage, and not free of trouble either.
bool is_doubted(const response::State& state, const ComponentId& component) {
  return std::ranges::any_of(state.signals, [&component](const auto& row) {
    return response::is_live(row.second) && names(row.second.signal, component);
  });
}

bool ledger_is_fine(const response::State& state) {
  bool anybody = false;
  for (const auto& [key, check] : state.checks) {
    if (key.kind != response::CheckKind::ledger) continue;
    anybody = true;
    if (!check.fine) return false;
  }
  return anybody;
}

notify::LocalText words_on_assets(const response::State& state) {
  if (ledger_is_fine(state)) {
    return {"残高は取引の記録と一致しており、お客様の資産は安全です。",
            "Balances agree with the record of trades; customers' assets are safe."};
  }
  return {"残高と取引の記録の照合を進めています。結果は次のお知らせで報告します。",
          "We are checking balances against the record of trades and will report in the next "
          "notice."};
}

}  // namespace

std::int64_t promise_ms(response::Severity severity) {
  switch (severity) {
    case response::Severity::sev1:
      return 10 * minute_ms;
    case response::Severity::sev2:
      return 15 * minute_ms;
    case response::Severity::sev3:
      return 30 * minute_ms;
    case response::Severity::sev4:
      break;
  }
  return 60 * minute_ms;
}

notify::Notice notice_by_rules(const response::State& state, IncidentId id,
                               notify::NoticePhase phase, WallTimeMs now) {
  const Incident& incident = state.incidents.at(id);
  const bool over = phase >= notify::NoticePhase::resolved;
  notify::Notice notice;
  notice.incident = response::notice_name(id, incident);
  notice.phase = phase;
  notice.impact = impact_of(incident.state_worst);
  notice.drill = incident.drill;
  notice.at = now;
  notice.began = std::min(incident.began, now);
  if (over) {
    ASSERT(incident.ended.has_value());
    notice.ended = std::min(*incident.ended, now);
  } else {
    notice.next_update_at = WallTimeMs{now.value + promise_ms(incident.severity)};
  }
  if (!over) {
    notice.recovery =
        response::recovery_range(response::recovery_cases(state, id), notice.began, now);
  }
  notice.affected = affected_by(state, id, over);
  for (const response::Component& component : state.house.components) {
    if (component.id.kind == ComponentKind::node || is_doubted(state, component.id)) continue;
    const bool is_hit = std::ranges::any_of(
        notice.affected, [&component](const auto& each) { return each.id == component.id; });
    const bool has_room =
        notice.affected.size() + notice.unaffected.size() < notify::components_max;
    if (!is_hit && has_room) notice.unaffected.push_back(component.id);
  }
  notice.assets = words_on_assets(state);
  return notice;
}

NoticeBoardSource notices_of(const response::State& state) {
  NoticeBoardSource source;
  source.sequence = state.notices_approved;
  for (const auto& [id, incident] : state.incidents) {
    for (const response::NoticeRecord& record : incident.notices) {
      if (record.state != response::NoticeState::approved) continue;
      if (auto notice = notify::read_notice(record.notice)) {
        source.notices.push_back(std::move(*notice));
      }
    }
  }
  std::ranges::sort(source.notices, {}, [](const notify::Notice& notice) {
    return std::tuple(notice.at, ByteView(notice.incident), notice.number);
  });
  return source;
}

}  // namespace oki::watch
