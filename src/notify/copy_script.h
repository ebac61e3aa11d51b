// The one script of a copy; its pages say everything without it.
#pragma once

#include "base/bytes.h"

namespace oki::notify {

// Colours what was proven less than a lease ago, only for as long as that lasts, and says when the
// copy is over ten minutes old. Reads nothing, sends nothing.
ByteView copy_script();

}  // namespace oki::notify
