// Names, numbers and limits of incidents. What they mean: docs/incidents.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/strong.h"
#include "notify/state.h"
#include "response/signal.h"

namespace oki::response {

using PersonId = Strong<struct PersonIdTag, std::uint32_t>;      // 0: the installation itself.
using IncidentId = Strong<struct IncidentIdTag, std::uint32_t>;  // From 1; 0 names none.

// "inc12": what notices and pages call it.
std::string name(IncidentId id);

enum class Role : std::uint8_t {
  commander = 0,
  communications = 1,
  operations = 2,
  security = 3,
  support = 4,
  scribe = 5,
};
constexpr std::uint8_t roles = 6;
const char* name(Role role);

// What a person may do: one bit for each role, and one for changing the house itself.
constexpr std::uint8_t right_of(Role role) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(role));
}
constexpr std::uint8_t right_to_configure = 1u << roles;
constexpr std::uint8_t rights_all = right_to_configure * 2 - 1;

// The smaller, the worse.
enum class Severity : std::uint8_t { sev1 = 0, sev2 = 1, sev3 = 2, sev4 = 3 };
constexpr std::uint8_t severities = 4;
const char* name(Severity severity);
constexpr Severity worse(Severity a, Severity b) { return a < b ? a : b; }

enum class Phase : std::uint8_t {
  suspected = 0,
  investigating = 1,
  identified = 2,
  monitoring = 3,
  resolved = 4,
  closed = 5,
};
constexpr std::uint8_t phases = 6;
const char* name(Phase phase);

// What must be fine before anything is resolved, beside test trades.
enum class CheckKind : std::uint8_t { ledger = 0, invariants = 1, error_rate = 2, inquiries = 3 };
constexpr std::uint8_t check_kinds = 4;
const char* name(CheckKind kind);

// What keeps the recovery gate shut; bits, so that all of it can be said at once.
namespace gate {
constexpr std::uint16_t signals = 1;        // A signal of our own still fires.
constexpr std::uint16_t few_trades = 2;     // Fewer than gate_trades in a row.
constexpr std::uint16_t one_prober = 4;     // Fewer than two probers with their part of them.
constexpr std::uint16_t too_short = 8;      // Over less than gate_span_ms.
constexpr std::uint16_t stale_trades = 16;  // The newest of a prober is too old.
constexpr std::uint16_t ledger = 32;        // This and the next three: not fine, not for long
constexpr std::uint16_t invariants = 64;    // enough, or nobody says so any more.
constexpr std::uint16_t error_rate = 128;
constexpr std::uint16_t inquiries = 256;
}  // namespace gate

constexpr bool may(std::uint8_t rights, std::uint8_t any_of) { return (rights & any_of) != 0; }
constexpr std::uint8_t rights_of_roles = right_to_configure - 1;
constexpr std::uint8_t rights_to_repair =
    right_of(Role::commander) | right_of(Role::operations) | right_of(Role::security);
constexpr std::uint8_t rights_to_tell = right_of(Role::commander) | right_of(Role::communications);

// --- Limits. Full is a refusal with its name.
constexpr std::size_t incidents_open_max = 64;
constexpr std::size_t incidents_closed_max = 100;  // Kept; older ones stay in the log only.
constexpr std::size_t rows_max = 2'000;            // Of one incident.
constexpr std::size_t rows_of_people_max = 1'500;  // The rest is for what the system must write.
constexpr std::size_t speakers_max = 256;
constexpr std::size_t probers_max = 32;  // Counted in one run of test trades.
constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t words_bytes_max = 500;
constexpr std::size_t row_subject_bytes_max = 200;
constexpr std::size_t title_bytes_max = 200;
constexpr std::size_t flap_starts_kept_max = 16;
constexpr std::size_t notices_max = 40;  // Of one incident, rejected ones included.
constexpr std::size_t notice_kept_bytes_max = 16u << 10;
constexpr std::size_t steps_max = 100;          // Of runbooks, in one incident.
constexpr std::size_t items_max = 100;          // Of prevention, in one incident.
constexpr std::size_t wishes_max = 64;          // What waits for a second person.
constexpr std::size_t changes_kept_max = 500;   // Older ones are forgotten.
constexpr std::int64_t change_again_ms = 5000;  // Within it the same change told again is one.
constexpr std::size_t digest_bytes_max = 64;
constexpr std::size_t pages_max = 400;  // Of one incident, until it is confirmed or raised again.
constexpr std::size_t channels_told_max = 32;  // Whose word is kept, of one notice.
constexpr std::size_t channel_bytes_max = 32;
constexpr std::size_t proof_bytes_max = 200;
constexpr std::size_t pages_waiting_max = 1'000;  // Not told yet; the oldest gives way.
constexpr std::int64_t page_lapse_ms = 600'000;   // A call that nobody could make by then.
constexpr std::uint32_t seats_max = 9;            // Of watches.
constexpr std::size_t work_notices_max = 12;      // Of one planned work.
constexpr std::size_t works_kept_max = 84;        // Planned works that the public was told of.
constexpr std::int64_t wish_lapse_ms = 3'600'000;

}  // namespace oki::response
