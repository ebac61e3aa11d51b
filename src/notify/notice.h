// What people tell people about an incident: one approved text in both languages, for every
// channel.
//
// Two facts stay apart: the state of the engine (status_truth.h), which only proofs change, and
// notices, which people approve. A notice never makes a page green, and a green page resolves none.
//
// (incident, number) names a notice for ever; every channel sends it at most once under that name.
// Drill notices are made like real ones and leave the building through no channel.
//
// Rules, kept by check(): began <= ended <= at; `ended` exactly from `resolved` on; a promise lies
// after `at`, and neither it nor a recovery range stands from `resolved` on; no component is named
// twice; every text is there in both languages and holds no brace (a placeholder that nobody filled
// in) and nothing that could hide or reorder what people read.
//
// Planned work is told of by notices of phases of its own, in which `began` and `ended` are the
// times that were planned: began < ended; scheduled and cancelled before it begins, completed when
// it is over. They are of impact maintenance and no drill, claim no state of any component, promise
// nothing, know no cause, and may leave out the words on assets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "notify/state.h"

namespace oki::notify {

constexpr std::size_t notice_text_bytes_max = 4'000;  // Of one language of one text.
constexpr std::size_t notice_title_bytes_max = 200;
constexpr std::size_t incident_name_bytes_max = 32;
constexpr std::size_t notice_approvers_max = 8;
constexpr std::size_t operator_name_bytes_max = 64;
constexpr std::size_t notice_bytes_max = 64u << 10;  // Of one notice as bytes.

struct LocalText {
  std::string ja, en;  // UTF-8, no control characters but line feeds; a title has none.
  friend bool operator==(const LocalText&, const LocalText&) = default;
};

// Statuspage's words. A notice of a later phase may follow any earlier one; going back from
// `resolved` is a new incident.
enum class NoticePhase : std::uint8_t {
  investigating = 0,
  identified = 1,
  monitoring = 2,
  resolved = 3,
  postmortem = 4,
  scheduled = 5,  // This and the next three: of planned work only.
  in_progress = 6,
  completed = 7,
  cancelled = 8,
};
constexpr bool is_planned(NoticePhase phase) { return phase >= NoticePhase::scheduled; }
enum class Impact : std::uint8_t { none = 0, minor = 1, major = 2, critical = 3, maintenance = 4 };
const char* name(NoticePhase phase);
const char* name(Impact impact);

struct NoticeComponent {
  ComponentId id;
  State before = State::operational;
  State now = State::operational;
  friend bool operator==(const NoticeComponent&, const NoticeComponent&) = default;
};

// When trading will be back, from the history of incidents and drills: a range, how many cases it
// comes from, and how many per cent of such ranges held. Left out when there is too little history.
struct RecoveryRange {
  WallTimeMs from, to;
  std::uint32_t cases = 0;
  std::uint32_t held_percent = 0;
  friend bool operator==(const RecoveryRange&, const RecoveryRange&) = default;
};

struct SupportLoad {
  std::uint32_t open_inquiries = 0;
  std::uint32_t wait_minutes = 0;
  friend bool operator==(const SupportLoad&, const SupportLoad&) = default;
};

struct Notice {
  std::string incident;      // Lower-case letters and digits, starts with a letter.
  std::uint32_t number = 1;  // From 1, without gaps.
  NoticePhase phase = NoticePhase::investigating;
  Impact impact = Impact::none;
  bool drill = false;
  WallTimeMs at;                             // When it was approved.
  WallTimeMs began;                          // Of the outage.
  std::optional<WallTimeMs> ended;           // With `resolved` and later ones.
  std::optional<WallTimeMs> next_update_at;  // A promise; none after `resolved`.
  std::optional<RecoveryRange> recovery;
  LocalText title;
  LocalText body;                  // Placeholders are filled in by then.
  std::optional<LocalText> cause;  // When it is known.
  LocalText assets;                // What is true of customers' assets.
  std::vector<NoticeComponent> affected;
  std::vector<ComponentId> unaffected;
  std::optional<SupportLoad> support;
  std::vector<std::string> approved_by;  // No name twice; none: by the rules alone.
  friend bool operator==(const Notice&, const Notice&) = default;
};

// 1 to 32 lower-case letters and digits, the first a letter: safe in URLs, file names and headers.
bool is_incident_name(ByteView text);

// Errc::invalid with one sentence, when a rule above is broken.
Result<void> check(const Notice& notice);

// docs/formats/notice.md. Reading checks.
void append(Bytes& out, const Notice& notice);
Result<Notice> read_notice(ByteView bytes);

}  // namespace oki::notify
