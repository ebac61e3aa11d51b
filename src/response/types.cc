#include "response/types.h"

#include <iterator>

#include "response/commands.h"
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

constexpr const char* row_names[] = {
    "opened",       "confirmed",        "signal_began",    "signal_over", "signal_expired",
    "signal_flaps", "component_joined", "severity_raised", "monitoring",  "worse_again",
    "resolved",     "reopened",         "closed",          "dismissed",   "change_recorded"};
static_assert(std::size(row_names) == row_kinds);

constexpr const char* refusal_names[] = {"none",           "malformed",    "invalid",
                                         "stale",          "over_budget",  "signals_full",
                                         "incidents_full", "speakers_full"};
static_assert(std::size(refusal_names) == refusals);

}  // namespace

std::string name(IncidentId id) { return "inc" + std::to_string(id.value); }
const char* name(Role role) { return word(role_names, role); }
const char* name(Severity severity) { return word(severity_names, severity); }
const char* name(Phase phase) { return word(phase_names, phase); }
const char* name(CheckKind kind) { return word(check_names, kind); }
const char* name(RowKind kind) { return word(row_names, kind); }
const char* name(Refusal refusal) { return word(refusal_names, refusal); }

}  // namespace oki::response
