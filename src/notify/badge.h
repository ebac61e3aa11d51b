// One small picture of the state, for other people's pages. A copy's badge is grey and says when.
#pragma once

#include "base/bytes.h"
#include "notify/status_truth.h"
#include "notify/time_text.h"

namespace oki::notify {

Bytes badge_svg(Language language, const StatusView& view);

}  // namespace oki::notify
