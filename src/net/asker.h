// Who asks, where a proxy of our own may stand between.
#pragma once

#include <string>

#include "base/net.h"
#include "net/http.h"

namespace oki::net {

// A proxy on this machine says it in the last X-Forwarded-For, which it wrote itself; what anybody
// else says there counts for nothing.
std::string asker_of(const Address& peer, const HttpRequest& request);

}  // namespace oki::net
