#include "notify/component_changes.h"

#include <algorithm>

namespace oki::notify {

std::vector<ComponentUpdate> ComponentChanges::take(const std::vector<LeaseRow>& rows) {
  std::vector<ComponentUpdate> changes;
  for (const LeaseRow& row : rows) {
    const auto before = std::find_if(last_.begin(), last_.end(),
                                     [&](const LeaseRow& old) { return old.id == row.id; });
    if (before == last_.end() || before->state == row.state) continue;
    changes.push_back({row.id, before->state, row.state, row.since});
  }
  last_ = rows;
  return changes;
}

}  // namespace oki::notify
