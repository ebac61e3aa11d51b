#include "response/state.h"

#include <algorithm>

#include "response/events.h"
#include "response/lifecycle.h"
#include "response/words.h"

namespace oki::response {
namespace {

const char* fault_of_records(const std::vector<NoticeRecord>& records) {
  for (const NoticeRecord& record : records) {
    if (record.channels.size() > channels_told_max || record.taken_by > seats_max) {
      return "A notice was told by too many.";
    }
    for (const ChannelTold& told : record.channels) {
      if (!is_line(told.proof, proof_bytes_max)) return "A proof holds bytes that are no words.";
    }
  }
  return nullptr;
}

const char* fault(const Incident& incident, WallTimeMs now) {
  if (incident.rows.size() > rows_max) return "An incident has too many rows.";
  if (incident.components.size() > notify::components_max) return "It has too many components.";
  if (incident.run.probers.size() > probers_max) return "It counts too many probers.";
  if (incident.opened > now || incident.active > now) return "An incident is from the future.";
  const bool ended =
      incident.phase == Phase::resolved ||
      (incident.phase == Phase::closed && !incident.dismissed && incident.merged_into.value == 0);
  if (ended != incident.resolved.has_value()) return "An incident is resolved without its time.";
  if (is_open(incident) == incident.closed.has_value()) return "An incident is closed twice over.";
  if (incident.phase == Phase::suspected && incident.confirmed) return "It is confirmed and not.";
  if (incident.severity < incident.severity_worst) return "It is worse than its worst.";
  if (incident.notices.size() > notices_max || incident.steps.size() > steps_max ||
      incident.items.size() > items_max) {
    return "An incident has too many notices, steps or items.";
  }
  if (incident.promise &&
      (incident.phase >= Phase::resolved || incident.phase == Phase::suspected)) {
    return "Nothing is promised of what is over, or not sure.";
  }
  if (incident.pager.running && (incident.acknowledged || incident.phase >= Phase::resolved)) {
    return "People are called who need not come.";
  }
  if (!is_line(incident.title, title_bytes_max)) return "A title is one line.";
  if (const char* what = fault_of_records(incident.notices)) return what;
  for (std::size_t i = 0; i < incident.rows.size(); ++i) {
    const Row& row = incident.rows[i];
    if (row.at > now || (i > 0 && row.at < incident.rows[i - 1].at))
      return "Rows are not in order.";
    if (!is_line(row.subject, row_subject_bytes_max) || !is_text(row.words, words_bytes_max)) {
      return "A row holds bytes that are no words.";
    }
  }
  return nullptr;
}

const char* fault(const State& state, const SignalKey& key, const HeldSignal& held) {
  if (key.source != held.signal.source || key.key != held.signal.key)
    return "A signal is misfiled.";
  if (!check(held.signal) || held.signal.trust > trust_max(key.source)) return "A signal is bad.";
  if (held.heard > state.now || held.changed > held.heard) {
    if (held.changed > state.now) return "A signal is from the future.";
  }
  if (held.starts.size() > flap_starts_kept_max) return "A signal has too many starts.";
  if (held.incident.value != 0 && !is_open_incident(state, held.incident)) {
    return "A signal belongs to an incident that is not open.";
  }
  return nullptr;
}

const char* fault(const State& state, std::uint32_t id, const Wish& wish) {
  if (id == 0 || id > state.wish_last || wish.at > state.now) return "A wish is nobody's.";
  if (!state.house.people.contains(wish.by)) return "A wish is of nobody.";
  const auto* lower = std::get_if<LowerSeverity>(&wish.what);
  if (lower != nullptr && !is_open_incident(state, lower->incident))
    return "A wish is of the past.";
  return nullptr;
}

const char* fault(const State& state, std::uint32_t number, const PlannedWork& work) {
  if (number == 0 || number > state.work_last) return "A planned work has a number of nobody.";
  if (work.announced > work.changed || work.changed > state.now || !is_public(work.plan)) {
    return "A planned work was announced without words or a time.";
  }
  if (work.notices.empty() || work.notices.size() > work_notices_max) {
    return "A planned work was told of too often, or never.";
  }
  if (!is_over(work)) {
    const auto plan = state.house.suppressions.find(work.suppression);
    if (plan == state.house.suppressions.end() || plan->second != work.plan) {
      return "A planned work is not what the house plans.";
    }
  }
  return fault_of_records(work.notices);
}

}  // namespace

const char* fault(const State& state) {
  if (const char* what = fault(state.house)) return what;
  if (state.signals.size() > signals_kept_max) return "Too many signals.";
  for (const auto& [key, held] : state.signals) {
    if (const char* what = fault(state, key, held)) return what;
  }
  std::size_t open = 0;
  for (const auto& [id, incident] : state.incidents) {
    if (id.value == 0 || id > state.incident_last) return "An incident has a number of nobody.";
    if (const char* what = fault(incident, state.now)) return what;
    if (is_open(incident)) ++open;
  }
  if (open > incidents_open_max) return "Too many incidents are open.";
  if (state.incidents.size() - open > incidents_closed_max) return "Too many closed ones are kept.";
  if (state.heard.size() > speakers_max) return "Too many speakers.";
  for (const auto& [speaker, heard] : state.heard) {
    if (!is_name(speaker, name_bytes_max)) return "A speaker has no name.";
  }
  for (const auto& [speaker, rule] : state.house.speakers) {
    if (!state.heard.contains(speaker)) return "One who must speak has no time.";
  }
  if (state.wishes.size() > wishes_max) return "Too many wishes.";
  for (const auto& [id, wish] : state.wishes) {
    if (const char* what = fault(state, id, wish)) return what;
  }
  if (state.changes.size() > changes_kept_max) return "Too many changes are kept.";
  for (const ChangeRecord& change : state.changes) {
    if (!is_line(change.who, name_bytes_max) || !is_line(change.words, words_bytes_max)) {
      return "A change holds bytes that are no words.";
    }
  }
  if (state.pages.size() > pages_waiting_max) return "Too many calls wait.";
  WallTimeMs before;
  for (const auto& [number, page] : state.pages) {
    if (number == 0 || number > state.page_last || page.at < before || page.at > state.now ||
        page.reason >= page_reasons || page.taken_by > seats_max) {
      return "A call is nobody's.";
    }
    before = page.at;
  }
  if (state.works.size() > works_kept_max) return "Too many planned works are kept.";
  for (const auto& [number, work] : state.works) {
    if (const char* what = fault(state, number, work)) return what;
  }
  for (const auto& [key, check] : state.checks) {
    if (!is_name(key.speaker, name_bytes_max)) return "A checker has no name.";
  }
  return nullptr;
}

}  // namespace oki::response
