#include "response/types.h"

#include <iterator>

#include "response/commands.h"
#include "response/events.h"
#include "response/incident.h"

namespace oki::response {
namespace {

template <typename E, std::size_t count>
const char* word(const char* const (&words)[count], E value) {
  return words[static_cast<std::size_t>(value)];
}

constexpr const char* role_names[] = {"commander", "communications", "operations",
                                      "security",  "support",        "scribe"};
static_assert(std::size(role_names) == roles);

constexpr const char* severity_names[] = {"sev1", "sev2", "sev3", "sev4"};
static_assert(std::size(severity_names) == severities);

constexpr const char* phase_names[] = {"suspected",  "investigating", "identified",
                                       "monitoring", "resolved",      "closed"};
static_assert(std::size(phase_names) == phases);

constexpr const char* check_names[] = {"ledger", "invariants", "error_rate", "inquiries"};
static_assert(std::size(check_names) == check_kinds);

constexpr const char* row_names[] = {"opened",
                                     "confirmed",
                                     "signal_began",
                                     "signal_over",
                                     "signal_expired",
                                     "signal_flaps",
                                     "component_joined",
                                     "severity_raised",
                                     "monitoring",
                                     "worse_again",
                                     "resolved",
                                     "reopened",
                                     "closed",
                                     "dismissed",
                                     "change_recorded",
                                     "declared",
                                     "acknowledged",
                                     "role_taken",
                                     "handed_over",
                                     "severity_asked",
                                     "severity_lowered",
                                     "phase_set",
                                     "note",
                                     "merged_away",
                                     "merged_here",
                                     "paged",
                                     "everybody_paged",
                                     "nobody_answered",
                                     "notice_proposed",
                                     "notice_approved",
                                     "notice_rejected",
                                     "promised",
                                     "promise_missed",
                                     "step_asked",
                                     "step_approved",
                                     "step_rejected",
                                     "step_started",
                                     "step_output",
                                     "step_verified",
                                     "step_failed",
                                     "item_added",
                                     "item_assigned",
                                     "item_done",
                                     "postmortem_submitted",
                                     "postmortem_approved",
                                     "postmortem_rejected",
                                     "notice_taken",
                                     "notice_told",
                                     "page_told",
                                     "page_lapsed",
                                     "postmortem_drafted"};
static_assert(std::size(row_names) == row_kinds);

constexpr const char* told_names[] = {"sent", "refused", "unknown"};
static_assert(std::size(told_names) == told_outcomes);

constexpr const char* refusal_names[] = {
    "none",         "malformed",        "invalid",         "stale",           "unknown_person",
    "not_allowed",  "unknown_incident", "unknown_subject", "wrong_phase",     "decided",
    "same_person",  "no_change",        "gate_not_met",    "few_configurers", "speakers_full",
    "over_budget",  "signals_full",     "incidents_full",  "wishes_full",     "rows_full",
    "notices_full", "steps_full",       "items_full"};
static_assert(std::size(refusal_names) == refusals);

constexpr const char* change_names[] = {"configuration",    "deployment", "release",
                                        "operator_command", "capacity",   "other"};
static_assert(std::size(change_names) == change_kinds);

constexpr const char* page_names[] = {"suspected", "confirmed", "everybody", "promise_missed",
                                      "handed_over"};
static_assert(std::size(page_names) == page_reasons);

}  // namespace

std::string name(IncidentId id) { return "inc" + std::to_string(id.value); }
const char* name(Role role) { return word(role_names, role); }
const char* name(Severity severity) { return word(severity_names, severity); }
const char* name(Phase phase) { return word(phase_names, phase); }
const char* name(CheckKind kind) { return word(check_names, kind); }
const char* name(RowKind kind) { return word(row_names, kind); }
const char* name(ToldOutcome outcome) { return word(told_names, outcome); }
const char* name(ChangeKind kind) { return word(change_names, kind); }
const char* name(PageReason reason) { return word(page_names, reason); }
const char* name(Refusal refusal) { return word(refusal_names, refusal); }

}  // namespace oki::response
