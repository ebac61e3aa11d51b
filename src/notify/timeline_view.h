// The timeline as it is shown: events of the document and the site's own unknown periods, newest
// first, by day.
#pragma once

#include "notify/html.h"
#include "notify/status_truth.h"
#include "notify/time_text.h"

namespace oki::notify {

void timeline(Html& html, Language language, const StatusView& view);

}  // namespace oki::notify
