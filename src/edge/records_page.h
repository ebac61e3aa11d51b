// GET /internal/records?from=MS&to=MS[&segment=N&offset=N]: the records of failed requests of a
// stretch of time, a page at a time, for who computes the scope of an incident. It belongs on the
// listener of the house (--metrics), never on that of customers: it names accounts.
//
// 200 with the bytes of a RecordPage (application/octet-stream); 400 for parameters that are
// missing or malformed; 405; 503 when too many ask at once; 500 when the records cannot be read.
#pragma once

#include "edge/answers.h"
#include "edge/records.h"

namespace oki::edge {

constexpr ByteView records_path = "/internal/records";

// REQUIRES: `records` outlives the answer.
void answer_records(Records& records, const net::HttpRequest& request, Respond respond);

// What to ask next: the target of the request.
std::string records_target(WallTimeMs from, WallTimeMs to, RecordPlace place);

}  // namespace oki::edge
