// Recipients of mail from a file: lines "ADDRESS ja|en [TOKEN]", where the token is the word in the
// address of leaving.
#pragma once

#include <string>
#include <vector>

#include "notify/outbox.h"

namespace oki::notify {

// Errc::invalid: the number of the line, and what is wrong with it. Empty lines are passed over.
Result<std::vector<Recipient>> parse_recipients(ByteView text);

}  // namespace oki::notify
