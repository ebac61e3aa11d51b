// The status site for feed readers and calendars.
//
// Atom (RFC 4287): one entry for each incident, told or measured, and for each maintenance. Ids are
// tag: URIs (RFC 4151) that never change; `updated` moves with every update, so that readers show
// it again. iCalendar (RFC 5545): the same as events; UID never changes, SEQUENCE rises with every
// update, a cancelled maintenance stays as CANCELLED.
#pragma once

#include "base/bytes.h"
#include "notify/statuspage_json.h"
#include "notify/time_text.h"

namespace oki::notify {

constexpr std::size_t feed_entries_max = 50;

Bytes atom_feed(Language language, const StatusView& view, const StatuspageOptions& options);
Bytes calendar(Language language, const StatusView& view, const StatuspageOptions& options);

// "status.example.jp": of the public address; "localhost" when none is known.
std::string feed_authority(const StatuspageOptions& options);

// RFC 5545, 3.1: at most 75 bytes a line, cut between characters, CRLF.
void append_folded(Bytes& out, ByteView line);

}  // namespace oki::notify
