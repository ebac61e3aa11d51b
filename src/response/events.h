// What the incident machine tells: rows of timelines, and what an outer part must do.
//
// An event is one kind byte and its fields (docs/formats/response.md). Whoever acts on one does it
// once under the event's own number, also after another watch has taken over.
#pragma once

#include <optional>
#include <variant>

#include "base/bytes.h"
#include "response/incident.h"

namespace oki::response {

// The row as it is in the incident, but for its link, which is this event's own place.
struct RowAdded {
  IncidentId incident;
  Row row;
  friend bool operator==(const RowAdded&, const RowAdded&) = default;
};

struct IncidentChanged {
  IncidentId incident;
  Phase phase = Phase::suspected;
  Severity severity = Severity::sev4;
  notify::State state = notify::State::operational;
  bool drill = false;
  friend bool operator==(const IncidentChanged&, const IncidentChanged&) = default;
};

enum class PageReason : std::uint8_t {
  suspected = 0,
  confirmed = 1,
  everybody = 2,       // Nobody answered.
  promise_missed = 3,  // "Next update at" has passed.
  handed_over = 4,
};
constexpr std::uint8_t page_reasons = 5;
const char* name(PageReason reason);

// Send this person a page, once under its number.
struct PageDue {
  std::uint32_t page = 0;
  IncidentId incident;
  PersonId person;
  PageReason reason = PageReason::confirmed;
  std::uint8_t step = 0;
  std::uint8_t attempt = 0;  // How often all steps were gone through before.
  bool drill = false;
  friend bool operator==(const PageDue&, const PageDue&) = default;
};

// Publish this notice, once under its name and number.
struct NoticeApproved {
  IncidentId incident;
  Bytes notice;
  friend bool operator==(const NoticeApproved&, const NoticeApproved&) = default;
};

// Run this step, once under (incident, step).
struct StepDue {
  IncidentId incident;
  std::uint32_t step = 0;
  std::string runbook, name;
  bool drill = false;
  friend bool operator==(const StepDue&, const StepDue&) = default;
};

struct HouseChanged {
  std::uint32_t revision = 0;
  PersonId by, agreed;
  friend bool operator==(const HouseChanged&, const HouseChanged&) = default;
};

// A wish waits for a second person; or it is gone, by yes, no or time.
struct WishChanged {
  std::uint32_t wish = 0;
  PersonId by;
  bool open = false;
  friend bool operator==(const WishChanged&, const WishChanged&) = default;
};

using Event = std::variant<RowAdded, IncidentChanged, PageDue, NoticeApproved, StepDue,
                           HouseChanged, WishChanged>;

void append(Bytes& out, const Event& event);

// Takes the next event off the front; nothing at the end and when the bytes are none.
std::optional<Event> take_event(ByteView& events);

}  // namespace oki::response
