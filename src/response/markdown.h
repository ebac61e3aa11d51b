// Text of people and of machines made safe to stand in Markdown: it shows as it is, starts no
// markup, no HTML and no table cell, and stays on one line.
#pragma once

#include <string>

#include "base/bytes.h"

namespace oki::response {

inline std::string markdown(ByteView text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += ' ';
      continue;
    }
    if (c == '<') {
      out += "&lt;";
      continue;
    }
    if (c == '&') {
      out += "&amp;";
      continue;
    }
    if (ByteView("\\`*_[]|#~!>").find(c) != ByteView::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace oki::response
