#include "watch/pager_echo.h"

#include <algorithm>
#include <utility>

namespace oki::watch {
namespace {

constexpr std::int64_t look_every_ms = 1'000;
constexpr std::int64_t told_after_ms_max = 3'600'000;
constexpr std::size_t told_max = 4'096;  // Then all are asked of the outbox again.

std::vector<std::string> pagerduty_contacts(const response::House& house) {
  std::set<std::string> contacts;
  for (const auto& [id, person] : house.people) {
    for (const std::string& contact : person.contacts) {
      if (contact.starts_with("pagerduty:")) contacts.insert(contact);
    }
  }
  return {contacts.begin(), contacts.end()};
}

}  // namespace

std::optional<notify::Page> echo_of(response::IncidentId id, const response::Incident& incident,
                                    WallTimeMs now) {
  const bool over = incident.phase >= response::Phase::resolved;
  if (incident.closed && now.value - incident.closed->value > told_after_ms_max) return {};
  if (!over && !incident.acknowledged) return {};
  notify::Page page;
  page.number = incident.reopened;
  page.action = over ? notify::PageAction::resolve : notify::PageAction::acknowledge;
  page.incident = response::name(id);
  page.severity = static_cast<std::uint8_t>(static_cast<unsigned>(incident.severity) + 1);
  page.drill = incident.drill;
  page.language = notify::Language::en;
  page.person = "watch";
  page.title = over ? notify::LocalText{"終了しました", "It is over"}
                    : notify::LocalText{"対応中です", "Somebody has it"};
  page.at =
      over ? incident.resolved.value_or(incident.closed.value_or(now)) : *incident.acknowledged;
  page.began = incident.began;
  return page;
}

PagerEcho::PagerEcho(const Parts& parts) : parts_(parts) { look_later(); }
PagerEcho::~PagerEcho() { parts_.timers.cancel(timer_); }

void PagerEcho::look_later() {
  timer_ = parts_.timers.after_ms(look_every_ms, [this] {
    look_later();
    if (parts_.leads()) look();
  });
}

void PagerEcho::look() {
  const response::State& state = parts_.state();
  if (told_.size() > told_max) told_.clear();
  for (const auto& [id, incident] : state.incidents) {
    if (const auto page = echo_of(id, incident, state.now)) tell(*page);
  }
}

// What could not be stored is told at a later look.
void PagerEcho::tell(const notify::Page& page) {
  const std::string name = posting_name(page);
  if (!told_.insert(name).second) return;
  const std::vector<std::string> contacts = pagerduty_contacts(parts_.state().house);
  if (contacts.empty()) return;
  parts_.pager.page(page, contacts, [this, name](const Result<notify::Paged>& paged) {
    if (!paged) told_.erase(name);
  });
}

}  // namespace oki::watch
