#include "notify/badge.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "notify/html.h"
#include "notify/page_parts.h"

namespace oki::notify {
namespace {

// White letters on each have a contrast of at least 4.5:1.
const char* colour(const StatusView& view) {
  if (view.is_copy && view.overall == State::operational) return "#4d5866";
  switch (view.overall) {
    case State::operational:
      return "#0b6b4c";
    case State::degraded_performance:
      return "#8a5a00";
    case State::partial_outage:
      return "#b04a00";
    case State::major_outage:
      return "#b3202c";
    case State::unknown:
      break;
  }
  return "#4d5866";
}

// Letters of Asia are about twice as wide as Latin ones.
int width_of(ByteView text) {
  int width = 0;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(text), 1);
    width += size >= 3 ? 12 : 7;
    text.remove_prefix(size);
  }
  return width + 14;
}

}  // namespace

Bytes badge_svg(Language language, const StatusView& view) {
  const std::string label(text(language, Text::badge_label));
  const bool was_good = view.is_copy && view.overall == State::operational;
  const WallTimeMs then = view.proven_at.value_or(view.now);
  const std::string word = was_good
                               ? text(language, Text::badge_as_of, {japan_time(language, then)})
                               : std::string(text(language, state_word(view.overall)));
  const int left = width_of(label);
  const int right = width_of(word);
  Bytes name;
  append_escaped(name, label + ": " + word);
  Bytes word_escaped;
  append_escaped(word_escaped, word);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"20\" role=\"img\" "
      "aria-label=\"{4}\"><title>{4}</title><rect width=\"{0}\" height=\"20\" rx=\"4\" "
      "fill=\"#333c47\"/><path fill=\"{3}\" d=\"M{1} 0h{2}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-{2}z\"/>"
      "<g fill=\"#fff\" text-anchor=\"middle\" font-size=\"12\" "
      "font-family=\"system-ui,Noto Sans CJK JP,Verdana,sans-serif\"><text x=\"{5}\" "
      "y=\"14\">{6}</text><text x=\"{7}\" y=\"14\">{8}</text></g></svg>\n",
      left + right, left, right - 4, colour(view), name, left / 2, label, left + right / 2,
      word_escaped);
}

}  // namespace oki::notify
