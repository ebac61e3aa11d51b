// Who may go through one of the doors, and how each door words its refusals.
#pragma once

#include <cstdint>
#include <string>

#include "net/http.h"

namespace oki::watch::inputs {

enum class Refused : std::uint8_t {
  none = 0,
  unauthenticated,  // 401: no token, or nobody's.
  other_door,       // 403: the token of a source that speaks another protocol.
  too_long,         // 413
  too_many,         // 429
  malformed,        // 400
  media_type,       // 415
};

std::uint16_t status_of(Refused refused);
const char* name(Refused refused);

// With WWW-Authenticate or Retry-After where they belong. `why` is for who sent it.
net::HttpResponse refusal(Refused refused, const std::string& why = {});

}  // namespace oki::watch::inputs
