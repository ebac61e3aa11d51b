// Submits set-up commands one after the other, as a market needs its assets and a key its account.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "core/commands.h"
#include "replica/client.h"

namespace oki::node {

struct SubmittedAll {
  std::size_t added = 0;
  std::size_t present = 0;  // Were there already, exactly so.
};

// Calls `done` once: with the counts, or with the first command that was refused, by number and
// reason. A command whose outcome is unknown is repeated: set-up commands are harmless twice.
// Retries end after `attempts_max` failures in a row. REQUIRES: `client` outlives the call of done.
void submit_all(replica::Client& client, std::vector<core::Command> commands,
                std::size_t attempts_max, std::function<void(Result<SubmittedAll>)> done);

}  // namespace oki::node
