// Which components changed their state from one lease to the next.
//
// Every watch follows its own leases; the one that leads tells. What a watch saw before it led is
// not told again, and the first lease tells nothing: nobody knows what was before it.
#pragma once

#include <vector>

#include "notify/component_update.h"
#include "notify/lease.h"

namespace oki::notify {

class ComponentChanges {
 public:
  // In the order of the rows; a component that is new or gone is no change.
  std::vector<ComponentUpdate> take(const std::vector<LeaseRow>& rows);

 private:
  std::vector<LeaseRow> last_;
};

}  // namespace oki::notify
