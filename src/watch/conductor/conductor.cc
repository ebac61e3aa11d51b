#include "watch/conductor/conductor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "response/operators.h"
#include "response/planned_work.h"
#include "watch/conductor/first_notice.h"

namespace oki::watch {
namespace {

using response::Incident;
using response::IncidentId;
using response::Phase;
using response::StepRecord;
using response::StepState;

constexpr std::int64_t look_every_ms = 200;
constexpr std::int64_t retry_ms = 2'000;
constexpr std::int64_t draft_after_ms = 3'000;
constexpr std::int64_t claim_ms = 5'000;
constexpr response::PersonId nobody{};

}  // namespace

Conductor::Conductor(const Parts& parts, WorldHooks hooks)
    : parts_(parts),
      hooks_(std::move(hooks)),
      errands_(parts.clock),
      tellers_(parts.clock, parts.log, parts.node, hooks_) {
  parts_.node.on_change([this] { look(); });
  look();
}

Conductor::~Conductor() {
  parts_.node.on_change({});
  parts_.timers.cancel(timer_);
}

void Conductor::look() {
  parts_.timers.cancel(timer_);
  timer_ = parts_.timers.after_ms(look_every_ms, [this] { look(); });
  const bool leads = parts_.node.leads();
  if (leads && !std::exchange(led_, leads) && hooks_.settle_steps) hooks_.settle_steps();
  led_ = leads;
  for (const auto& [id, incident] : parts_.node.state().incidents) {
    if (leads) lead(id, incident);
  }
  tellers_.look(leads);
  show_board();
}

void Conductor::lead(IncidentId id, const Incident& incident) {
  propose(id, incident);
  if (incident.phase > Phase::suspected && incident.phase < Phase::resolved) request_steps(id);
  run_steps(id, incident);
  if (incident.phase >= Phase::resolved && incident.resolved) draft(id, incident);
}

// The first notice of a confirmed incident, and the last one when it is over.
void Conductor::propose(IncidentId id, const Incident& incident) {
  if (incident.phase == Phase::suspected || incident.phase == Phase::closed) return;
  const std::vector<notify::NoticePhase> told = response::phases_told(id, incident);
  const std::string name = response::notice_name(id, incident);
  if (incident.phase == Phase::resolved) {
    const bool is_told = std::ranges::find(told, notify::NoticePhase::resolved) != told.end();
    if (told.empty() || is_told) return;
    return propose(id, "last of " + name, notify::NoticePhase::resolved);
  }
  if (told.empty()) propose(id, "first of " + name, notify::NoticePhase::investigating);
}

void Conductor::propose(IncidentId id, const std::string& errand, notify::NoticePhase phase) {
  if (!hooks_.write || !errands_.begin(errand)) return;
  const response::State& state = parts_.node.state();
  const WallTimeMs now = std::max(parts_.clock.wall_now(), state.now);
  notify::Notice notice = notice_by_rules(state, id, phase, now);
  if (const Result<void> written = hooks_.write(notice); !written) {
    parts_.log.error("watch", "a notice could not be written",
                     {{"notice", errand}, {"why", written.error().message}});
    return errands_.fail(errand, retry_ms);
  }
  Bytes bytes;
  notify::append(bytes, notice);
  submit(errand, response::ProposeNotice{nobody, id, std::move(bytes)});
}

// The machine refuses what runs already and what needs a person.
void Conductor::request_steps(IncidentId id) {
  if (!hooks_.automatic_steps || !hooks_.run_step) return;
  for (const response::RequestStep& wanted : hooks_.automatic_steps(parts_.node.state(), id)) {
    const auto& steps = parts_.node.state().incidents.at(id).steps;
    const bool was_asked = std::ranges::any_of(steps, [&wanted](const StepRecord& step) {
      return step.runbook == wanted.runbook && step.step == wanted.step;
    });
    const std::string errand = fmt::format("ask {} {} {}", id.value, wanted.runbook, wanted.step);
    if (!was_asked && errands_.begin(errand)) submit(errand, wanted);
  }
}

// Steps that are agreed to and that nobody has begun. Whoever runs them claims them first.
void Conductor::run_steps(IncidentId id, const Incident& incident) {
  if (!hooks_.run_step || !response::is_open(incident)) return;
  for (std::uint32_t i = 0; i < incident.steps.size(); ++i) {
    const StepRecord& step = incident.steps[i];
    if (step.state != StepState::approved) continue;
    const std::string errand = fmt::format("run {} {}", id.value, i + 1);
    if (!errands_.begin(errand)) continue;
    errands_.fail(errand, claim_ms);  // Until then the state shows that it was begun.
    hooks_.run_step({id, i + 1, step.runbook, step.step, incident.drill});
  }
}

void Conductor::draft(IncidentId id, const Incident& incident) {
  if (!hooks_.write_draft || !incident.postmortem.draft.empty()) return;
  // A moment later, so that the last notice and what became of it stand in it.
  if (parts_.node.state().now.value - incident.resolved->value < draft_after_ms) return;
  const std::string errand = "draft of " + response::notice_name(id, incident);
  if (!errands_.begin(errand)) return;
  hooks_.write_draft(id, [this, id, errand,
                          lives = std::weak_ptr<bool>(lives_)](const Result<std::string>& digest) {
    if (lives.expired()) return;
    if (digest) {
      return submit(errand, response::RecordDraft{parts_.node.seat(), id, *digest});
    }
    parts_.log.error("watch", "the draft of a postmortem could not be written",
                     {{"incident", response::name(id)}, {"why", digest.error().message}});
    errands_.fail(errand, retry_ms);
  });
}

void Conductor::show_board() {
  const response::State& state = parts_.node.state();
  if (!hooks_.show_board || state.notices_approved == board_shown_) return;
  board_shown_ = state.notices_approved;
  NoticeBoardSource source = notices_of(state);
  notify::NoticeBoard board;
  board.sequence = source.sequence;
  board.notices = std::move(source.notices);
  board.maintenances = response::maintenances_of(state);
  notify::fit(board);
  hooks_.show_board(board);
}

void Conductor::submit(const std::string& errand, const response::Command& command) {
  parts_.node.submit(command, [this, errand](const Result<response::Reply>& reply) {
    if (reply && reply->refusal == response::Refusal::none) return errands_.end(errand);
    errands_.fail(errand, retry_ms);
  });
}

}  // namespace oki::watch
