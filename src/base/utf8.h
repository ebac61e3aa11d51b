// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include "base/bytes.h"

namespace oki {

bool is_utf8(ByteView text);

// The length of the well-formed sequence that `text` begins with; 0 when there is none.
std::size_t utf8_sequence(ByteView text);

}  // namespace oki
