#include "response/house.h"

#include <algorithm>

namespace oki::response {
namespace {

using notify::ComponentId;

const Component* find(const House& house, const ComponentId& id) {
  const auto found = std::ranges::find(house.components, id, &Component::id);
  return found == house.components.end() ? nullptr : &*found;
}

bool contains(const std::vector<ComponentId>& ids, const ComponentId& id) {
  return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

std::size_t configurers(const House& house) {
  return static_cast<std::size_t>(std::ranges::count_if(
      house.people, [](const auto& row) { return may(row.second.rights, right_to_configure); }));
}

std::uint8_t rights_of(const House& house, PersonId person) {
  const auto found = house.people.find(person);
  return found == house.people.end() ? std::uint8_t{0} : found->second.rights;
}

const RunbookStep* find_step(const House& house, const std::string& runbook,
                             const std::string& step) {
  const auto found = house.runbooks.find(runbook);
  if (found == house.runbooks.end()) return nullptr;
  const auto at = std::ranges::find(found->second.steps, step, &RunbookStep::name);
  return at == found->second.steps.end() ? nullptr : &*at;
}

bool are_neighbours(const House& house, const ComponentId& a, const ComponentId& b) {
  const Component* first = find(house, a);
  const Component* second = find(house, b);
  if (first == nullptr || second == nullptr || a == b) return true;
  if (contains(first->needs, b) || contains(second->needs, a)) return true;
  return std::ranges::any_of(
      first->needs, [second](const ComponentId& need) { return contains(second->needs, need); });
}

std::uint8_t tier_of(const House& house, const ComponentId& id) {
  const Component* component = find(house, id);
  return component == nullptr ? 2 : component->tier;
}

Severity severity_of(const House& house, const ComponentId& id, notify::State state) {
  if (state == notify::State::operational) return Severity::sev4;
  const std::size_t row = tier_of(house, id) - 1u;
  return house.severity_table.by_tier_and_state[row * 3 + static_cast<std::size_t>(state) - 1];
}

}  // namespace oki::response
