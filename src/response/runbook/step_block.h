// The TOML block of one step.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "response/runbook/book.h"

namespace oki::response {

constexpr std::size_t block_bytes_max = 4'096;
constexpr std::size_t block_brackets_max = 32;  // The TOML reader enters itself for each.

struct BlockFault {
  std::size_t line = 1;  // Within the block, from 1.
  std::string sentence;
};

// Fills in what the block says; `step` has its name already. Nothing when all is as it must be:
// every key known and of its kind, the action one of the catalogue with exactly its parameters,
// every placeholder one that the step can have, the condition one that can be read.
std::optional<BlockFault> read_step_block(ByteView block, BookStep& step);

}  // namespace oki::response
