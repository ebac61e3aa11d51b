#include "watch/conductor/conductor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "response/operators.h"
#include "watch/conductor/first_notice.h"

namespace oki::watch {
namespace {

using response::Incident;
using response::IncidentId;
using response::Phase;
using response::RecordStep;
using response::StepRecord;
using response::StepState;

constexpr std::int64_t look_every_ms = 200;
constexpr std::int64_t retry_ms = 2'000;
constexpr std::int64_t step_gone_ms = 10'000;
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
  for (const auto& [id, incident] : parts_.node.state().incidents) {
    if (leads) lead(id, incident);
    look_at_steps(id, incident, leads);
  }
  tellers_.look(leads);
  show_board();
}

void Conductor::lead(IncidentId id, const Incident& incident) {
  propose(id, incident);
  if (incident.phase > Phase::suspected && incident.phase < Phase::resolved) request_steps(id);
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

void Conductor::look_at_steps(IncidentId id, const Incident& incident, bool leads) {
  if (!hooks_.run_step || !response::is_open(incident)) return;
  for (std::uint32_t i = 0; i < incident.steps.size(); ++i) {
    const StepRecord& step = incident.steps[i];
    if (step.state == StepState::approved && step.seat == 0 && leads) begin_step(id, i + 1);
    if (step.seat == 0) continue;
    const bool under_way = step.state == StepState::started || step.state == StepState::done;
    if (!under_way) continue;
    if (step.seat != parts_.node.seat()) {
      if (leads && is_gone(parts_.node, step.seat, step_gone_ms)) {
        fail_step(id, i + 1, "The watch that ran it is gone. Look before it is asked for again.");
      }
    } else if (!running_.contains({id.value, i + 1})) {
      fail_step(id, i + 1, "The watch was started again while it ran. Look first.");
    }
  }
}

// Known as running before the log is asked, so that its own `started` is no surprise.
void Conductor::begin_step(IncidentId id, std::uint32_t place) {
  const std::string errand = fmt::format("begin {} {}", id.value, place);
  if (!errands_.begin(errand)) return;
  running_.insert({id.value, place});
  RecordStep record{nobody, id, place, StepState::started, {}, {}, parts_.node.seat()};
  parts_.node.submit(record, [this, errand, id, place](const Result<response::Reply>& reply) {
    if (reply && reply->refusal == response::Refusal::none) {
      errands_.end(errand);
      return run_step(id, place);
    }
    // Perhaps it was taken: then it is found as started by this seat, not running, and fails.
    running_.erase({id.value, place});
    errands_.fail(errand, retry_ms);
  });
}

void Conductor::run_step(IncidentId id, std::uint32_t place) {
  const auto found = parts_.node.state().incidents.find(id);
  if (found == parts_.node.state().incidents.end()) return;
  const StepRecord& step = found->second.steps.at(place - 1);
  const response::StepDue due{id, place, step.runbook, step.step, found->second.drill};
  hooks_.run_step(due, [this, id, place, lives = std::weak_ptr<bool>(lives_)](StepWord word) {
    if (lives.expired()) return;
    const bool is_last = word.to == StepState::verified || word.to == StepState::failed;
    RecordStep record{nobody, id, place, word.to, word.digest, word.words, parts_.node.seat()};
    parts_.node.submit(record, [this, id, place, is_last](const Result<response::Reply>& reply) {
      if (!reply) {
        parts_.log.error("watch", "what a step did could not be recorded",
                         {{"incident", response::name(id)}, {"step", std::uint64_t{place}}});
      }
      if (is_last) running_.erase({id.value, place});
    });
  });
}

void Conductor::fail_step(IncidentId id, std::uint32_t place, const char* words) {
  const std::string errand = fmt::format("fail {} {}", id.value, place);
  if (!errands_.begin(errand)) return;
  submit(errand, RecordStep{nobody, id, place, StepState::failed, {}, words, parts_.node.seat()});
}

void Conductor::draft(IncidentId id, const Incident& incident) {
  if (!hooks_.write_draft || !incident.postmortem.draft.empty()) return;
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
