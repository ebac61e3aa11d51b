// All runbooks of an installation, from one directory. Blocking: for start-up and tools.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "response/runbook/book.h"

namespace oki::response {

// Every "*.md" file, by name. Errc::invalid: one that is no runbook, with file and line; none at
// all; more than runbooks_max.
Result<std::map<std::string, Book>> read_books(const std::string& directory);

}  // namespace oki::response
