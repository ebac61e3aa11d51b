// The on-call schedule as an iCalendar file (RFC 5545), for any calendar program to subscribe to.
//
// One event per shift. Its UID is made of schedule and beginning, so it stays while the shift does;
// SEQUENCE and DTSTAMP are those of the schedule's last change, so that programs take the newer
// one. Times are UTC, lines are folded at 75 bytes between characters and end with CRLF.
#pragma once

#include <string>

#include "response/house.h"

namespace oki::response {

// `host` makes UIDs differ between installations: "watch.example". The shifts within [from, to).
std::string on_call_calendar(const House& house, const std::string& schedule,
                             const std::string& host, WallTimeMs from, WallTimeMs to);

}  // namespace oki::response
