// Which watch tells what to the world, and what became of it, so that another one can go on when it
// dies. docs/incidents.md, 16.
#pragma once

#include "response/turn.h"

namespace oki::response {

Reply take(Turn& turn, const Take& command);
Reply record_told(Turn& turn, const RecordTold& command);
Reply record_draft(Turn& turn, const RecordDraft& command);

}  // namespace oki::response
