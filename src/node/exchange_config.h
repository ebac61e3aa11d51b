// The assets and markets of an exchange from a TOML file, as the commands that add them.
//
// Format: deploy/exchange.toml is the documented example. Unknown keys are refused, so that a
// misspelt one cannot silently become a default.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/commands.h"

namespace oki::node {

// AddAsset, AddMarket and SetCollateral in an order in which they succeed on an empty exchange.
Result<std::vector<core::Command>> read_exchange_config(ByteView toml);

// deploy/exchange.toml as it was when this binary was built.
ByteView default_exchange_config();

}  // namespace oki::node
