// The house from a TOML file (deploy/response.toml is an example with every key), as the changes
// that set it up.
//
// Strict: an unknown key, a value of the wrong kind and a name twice each refuse the file with its
// place. What a change means is checked by the machine (docs/incidents.md, 8.5).
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "response/changes.h"

namespace oki::watch {

constexpr std::size_t house_file_bytes_max = 1u << 20;

// In an order in which an empty house takes them: people last, those who may configure at the end,
// because from the second of them on nobody changes anything alone.
Result<std::vector<response::Change>> read_house_file(ByteView toml);

}  // namespace oki::watch
