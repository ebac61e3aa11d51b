// From the core's reply to a command to the answer that its sender gets.
#pragma once

#include "core/commands.h"
#include "edge/answers.h"
#include "edge/order_params.h"
#include "history/projection.h"

namespace oki::edge {

// REQUIRES: the reply is that of the command that `asked` was read with; for a batch without a
// command, one without rows.
net::HttpResponse answer_of(const Asked& asked, const core::Reply& reply,
                            const history::Projection& projection);

}  // namespace oki::edge
