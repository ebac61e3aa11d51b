#include "response/planned_work.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace oki::response {
namespace {

using notify::LocalText;
using notify::Notice;
using notify::NoticePhase;

constexpr std::size_t notices_for_the_end = 2;

NoticePhase notice_phase(WorkPhase phase) {
  switch (phase) {
    case WorkPhase::scheduled:
      return NoticePhase::scheduled;
    case WorkPhase::in_progress:
      return NoticePhase::in_progress;
    case WorkPhase::completed:
      return NoticePhase::completed;
    case WorkPhase::cancelled:
      break;
  }
  return NoticePhase::cancelled;
}

// The time is over; whether everything works again is for proofs to say.
LocalText words_of(const PlannedWork& work) {
  if (work.phase == WorkPhase::completed) {
    return {"予定していた作業の時間が終わりました。現在の状態はステータスページでご確認ください。",
            "The time of the planned work is over. The status page shows how things are now."};
  }
  if (work.phase == WorkPhase::cancelled) {
    return {"予定していた作業は中止しました。", "The planned work will not take place."};
  }
  return work.plan.body;
}

std::vector<std::string> approvers(const House& house, const PlannedWork& work) {
  std::vector<std::string> names;
  for (const PersonId id : {work.by, work.agreed}) {
    const auto person = house.people.find(id);
    if (person == house.people.end()) continue;
    const std::string& name = person->second.name;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

Notice notice_of(const Turn& turn, std::uint32_t number, const PlannedWork& work) {
  Notice notice;
  notice.incident = work_name(number);
  notice.number = static_cast<std::uint32_t>(work.notices.size() + 1);
  notice.phase = notice_phase(work.phase);
  notice.impact = notify::Impact::maintenance;
  notice.at = turn.now;
  notice.began = work.plan.from;
  notice.ended = work.plan.to;
  notice.title = work.plan.title;
  notice.body = words_of(work);
  for (const notify::ComponentId& id : work.plan.components) {
    notice.affected.push_back({id, notify::State::operational, notify::State::operational});
  }
  notice.approved_by = approvers(turn.state.house, work);
  // A name that may stand in the house and not in a notice.
  if (!notify::check(notice)) notice.approved_by.clear();
  return notice;
}

// REQUIRES: the house has checked the words, and has_room_to_tell() was asked.
void tell(Turn& turn, std::uint32_t number, PlannedWork& work) {
  ASSERT(work.notices.size() < work_notices_max);
  const Notice notice = notice_of(turn, number, work);
  ASSERT(notify::check(notice).has_value());
  NoticeRecord record;
  notify::append(record.notice, notice);
  record.state = NoticeState::approved;
  record.number = notice.number;
  record.by = work.by;
  record.decided_by = work.agreed;
  work.changed = turn.now;
  work.notices.push_back(std::move(record));
  ++turn.state.notices_approved;
}

// Under way or ahead; the end of the map when the public knows nothing of it.
auto find_work(auto& state, std::uint32_t suppression) {
  return std::ranges::find_if(state.works, [suppression](const auto& row) {
    return row.second.suppression == suppression && !is_over(row.second);
  });
}

void make_room(State& state) {
  if (state.works.size() < works_kept_max) return;
  const auto oldest =
      std::ranges::find_if(state.works, [](const auto& row) { return is_over(row.second); });
  ASSERT(oldest != state.works.end());  // suppressions_max are not over.
  state.works.erase(oldest);
}

WorkPhase phase_at(WallTimeMs now, const Suppression& plan) {
  return now < plan.from ? WorkPhase::scheduled : WorkPhase::in_progress;
}

void begin(Turn& turn, std::uint32_t suppression, const Suppression& plan, PersonId by,
           PersonId agreed) {
  make_room(turn.state);
  const std::uint32_t number = ++turn.state.work_last;
  PlannedWork& work = turn.state.works[number];
  work = {suppression, phase_at(turn.now, plan), plan, 0, turn.now, turn.now, by, agreed, {}};
  tell(turn, number, work);
}

// Gone from the house: its time is over, or somebody has ended it or taken it back.
void end(Turn& turn, std::uint32_t number, PlannedWork& work) {
  if (work.plan.to <= turn.now) {
    work.phase = WorkPhase::completed;
  } else if (turn.now > work.plan.from) {
    work.phase = WorkPhase::completed;
    work.plan.to = turn.now;
    ++work.revision;
  } else {
    work.phase = WorkPhase::cancelled;
    ++work.revision;
  }
  tell(turn, number, work);
}

}  // namespace

const char* name(WorkPhase phase) { return notify::name(notice_phase(phase)); }

std::string work_name(std::uint32_t number) { return "work" + std::to_string(number); }

void follow_plans(Turn& turn, PersonId by, PersonId agreed) {
  const auto& plans = turn.state.house.suppressions;
  for (auto& [number, work] : turn.state.works) {
    if (is_over(work)) continue;
    const auto plan = plans.find(work.suppression);
    if (plan == plans.end() || !is_public(plan->second)) {
      end(turn, number, work);
      continue;
    }
    const WorkPhase phase = phase_at(turn.now, plan->second);
    if (plan->second != work.plan) {
      work.plan = plan->second;
      work.by = by;
      work.agreed = agreed;
      ++work.revision;
    } else if (phase == work.phase) {
      continue;
    }
    work.phase = phase;
    tell(turn, number, work);
  }
  for (const auto& [suppression, plan] : plans) {
    const bool is_news =
        is_public(plan) && find_work(turn.state, suppression) == turn.state.works.end();
    if (is_news) begin(turn, suppression, plan, by, agreed);
  }
}

bool has_room_to_tell(const State& state, std::uint32_t suppression) {
  const auto work = find_work(state, suppression);
  return work == state.works.end() ||
         work->second.notices.size() + notices_for_the_end < work_notices_max;
}

bool only_ends_work(const State& state, const Change& change) {
  const auto* put = std::get_if<PutSuppression>(&change);
  return put != nullptr && put->suppression.components.empty() &&
         state.house.suppressions.contains(put->id);
}

std::vector<notify::Maintenance> maintenances_of(const State& state) {
  std::vector<notify::Maintenance> all;
  for (const auto& [number, work] : state.works) {
    notify::Maintenance maintenance;
    maintenance.name = work_name(number);
    maintenance.revision = work.revision;
    maintenance.cancelled = work.phase == WorkPhase::cancelled;
    maintenance.announced_at = work.announced;
    maintenance.changed_at = work.changed;
    maintenance.from = work.plan.from;
    maintenance.to = work.plan.to;
    maintenance.title = work.plan.title;
    maintenance.body = work.plan.body;
    maintenance.components = work.plan.components;
    all.push_back(std::move(maintenance));
  }
  return all;
}

}  // namespace oki::response
