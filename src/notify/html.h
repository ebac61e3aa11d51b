// Writes HTML that is always balanced and always escaped.
//
// Every text and attribute value is escaped; tags and attribute names are literals of this program,
// so nothing that came from outside can become markup. Elements are closed in the order in which
// they were opened.
#pragma once

#include <initializer_list>
#include <vector>

#include "base/bytes.h"

namespace oki::notify {

struct HtmlAttribute {
  const char* name;
  ByteView value;
};

class Html {
 public:
  using Attributes = std::initializer_list<HtmlAttribute>;

  explicit Html(Bytes& out) : out_(out) { out_ += "<!DOCTYPE html>\n"; }
  ~Html();  // REQUIRES: every element has been closed.
  Html(const Html&) = delete;
  Html& operator=(const Html&) = delete;

  Html& open(const char* tag, Attributes attributes = {});
  Html& close();

  // A whole element with text in it.
  Html& element(const char* tag, ByteView text, Attributes attributes = {});

  // An element that has no end: meta, link.
  Html& empty(const char* tag, Attributes attributes);

  Html& text(ByteView text);

  // Markup written in this program; never anything that was put together at run time.
  Html& literal(const char* markup);

 private:
  void begin(const char* tag, Attributes attributes);

  Bytes& out_;
  std::vector<const char*> open_;
};

// & < > " ' become entities.
void append_escaped(Bytes& out, ByteView text);

}  // namespace oki::notify
