#include "notify/html.h"

#include <array>

#include "base/assert.h"

namespace oki::notify {
namespace {

// A line break after these would be a blank inside a sentence.
bool is_inline(ByteView tag) {
  static constexpr std::array<ByteView, 6> tags = {"a", "b", "label", "span", "strong", "time"};
  for (const ByteView inline_tag : tags) {
    if (tag == inline_tag) return true;
  }
  return false;
}

}  // namespace

void append_escaped(Bytes& out, ByteView text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
}

Html::~Html() { ASSERT(open_.empty()); }

void Html::begin(const char* tag, Attributes attributes) {
  out_.push_back('<');
  out_ += tag;
  for (const HtmlAttribute& attribute : attributes) {
    out_.push_back(' ');
    out_ += attribute.name;
    out_ += "=\"";
    append_escaped(out_, attribute.value);
    out_.push_back('"');
  }
  out_.push_back('>');
}

Html& Html::open(const char* tag, Attributes attributes) {
  begin(tag, attributes);
  open_.push_back(tag);
  return *this;
}

Html& Html::close() {
  ASSERT(!open_.empty());
  out_ += "</";
  out_ += open_.back();
  out_ += is_inline(open_.back()) ? ">" : ">\n";
  open_.pop_back();
  return *this;
}

Html& Html::element(const char* tag, ByteView text_inside, Attributes attributes) {
  open(tag, attributes);
  text(text_inside);
  return close();
}

Html& Html::empty(const char* tag, Attributes attributes) {
  begin(tag, attributes);
  out_.push_back('\n');
  return *this;
}

Html& Html::text(ByteView text) {
  append_escaped(out_, text);
  return *this;
}

Html& Html::literal(const char* markup) {
  out_ += markup;
  return *this;
}

}  // namespace oki::notify
