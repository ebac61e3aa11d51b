// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include "base/bytes.h"

namespace oki::net {

bool is_utf8(ByteView text);

}  // namespace oki::net
