// The Markdown that this room writes (postmortem.h) as one HTML page that needs nothing else: for
// who reads it in a browser or mails it on. Headings, paragraphs, lists of two levels, tables,
// code and bold; everything else is text. Whatever the input, no markup of its own gets through.
#pragma once

#include <string>

#include "base/bytes.h"
#include "notify/text.h"

namespace oki::response {

std::string markdown_page(notify::Language language, ByteView markdown);

}  // namespace oki::response
