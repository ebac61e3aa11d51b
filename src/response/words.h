// What a text from outside must be before it is kept: UTF-8 in one line, within its limit.
#pragma once

#include "base/bytes.h"

namespace oki::response {

// Well-formed UTF-8 of at most `bytes_max` bytes without control characters, line feeds included.
// Empty is fine where it says nothing else.
bool is_line(ByteView text, std::size_t bytes_max);

// The same, with line feeds.
bool is_text(ByteView text, std::size_t bytes_max);

// a-z, 0-9, '_', '-' and blanks between them: what speakers, runbooks and schedules are called.
bool is_name(ByteView text, std::size_t bytes_max);

}  // namespace oki::response
