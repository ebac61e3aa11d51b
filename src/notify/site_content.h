// Every address of the status site as a function of what is known: the same for the server, which
// computes it when it is asked, and for copies, which are written out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "notify/page_parts.h"
#include "notify/statuspage_json.h"

namespace oki::notify {

struct SiteOptions {
  StatuspageOptions page;
  SiteLinks links;
  std::string security_contact;  // "mailto:security@example.jp"; empty: no security.txt.
};

struct Content {
  const char* type = "";
  Bytes body;
};

// Nothing when the site has no such address. `path` is without query.
std::optional<Content> site_content(ByteView path, const StatusView& view,
                                    const SiteOptions& options);

// Every address with words in it: pages, feeds, pictures; not the JSON of the present.
std::vector<std::string> copied_paths(const StatusView& view, const SiteOptions& options);

}  // namespace oki::notify
