// What the channels over HTTP have in common: the shape of what they ask, and which notices a place
// gets.
#pragma once

#include "net/http.h"
#include "notify/delivery.h"
#include "notify/notice.h"

namespace oki::notify {

net::HttpRequest post_of(std::string target, Bytes body, const char* type = "application/json");

// The notice of a letter. An error with its reason: it holds none, or one that this place does not
// get, for a place for drills gets those of drills and no others, and every other place the others.
Result<Notice> notice_for(const Letter& letter, bool drills);

}  // namespace oki::notify
