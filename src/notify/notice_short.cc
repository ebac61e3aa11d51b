#include "notify/notice_short.h"

#include <algorithm>

#include "base/utf8.h"

namespace oki::notify {
namespace {

constexpr std::size_t x_address_length = 23;
constexpr ByteView ellipsis = "…";

std::uint32_t code_point(ByteView sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  switch (sequence.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
    case 3:
      return (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    default:
      return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
             (byte(3) & 0x3Fu);
  }
}

// twitter-text's configuration, version 3.
bool is_light(std::uint32_t c) {
  return c <= 0x10FF || (c >= 0x2000 && c <= 0x200D) || (c >= 0x2010 && c <= 0x201F) ||
         (c >= 0x2032 && c <= 0x2037);
}

std::size_t weight(ByteView sequence, Counting counting) {
  switch (counting) {
    case Counting::code_points:
      return 1;
    case Counting::utf16_units:
      return sequence.size() == 4 ? 2 : 1;
    case Counting::x_weights:
      return is_light(code_point(sequence)) ? 1 : 2;
  }
  return 1;
}

std::size_t address_length(ByteView url, Counting counting) {
  return counting == Counting::x_weights ? x_address_length : text_length(url, counting);
}

}  // namespace

std::size_t text_length(ByteView text, Counting counting) {
  std::size_t length = 0;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(text), 1);
    length += weight(text.substr(0, size), counting);
    text.remove_prefix(size);
  }
  return length;
}

std::string fitting(ByteView text, std::size_t length_max, Counting counting) {
  if (text_length(text, counting) <= length_max) return std::string(text);
  std::string out;
  std::size_t length = weight(ellipsis, counting);
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(text), 1);
    length += weight(text.substr(0, size), counting);
    if (length > length_max) break;
    out += text.substr(0, size);
    text.remove_prefix(size);
  }
  return out + std::string(ellipsis);
}

std::size_t short_length(ByteView text, const LengthRule& rule) {
  const std::size_t at = text.rfind('\n') + 1;
  return text_length(text.substr(0, at), rule.counting) +
         address_length(text.substr(at), rule.counting);
}

std::string notice_short(Language language, const Notice& notice, const NoticeLinks& links,
                         const LengthRule& rule) {
  const std::string url = notice_url(language, notice, links);
  std::size_t left = rule.length_max - address_length(url, rule.counting) - 1;
  std::string out = fitting(notice_headline(language, notice), left, rule.counting);
  left -= text_length(out, rule.counting);
  std::vector<std::string> lines;
  for (const NoticeLine& line : notice_lines(language, notice)) {
    lines.push_back(line.label + ": " + line.value);
  }
  lines.push_back(in(language, notice.body));
  for (const std::string& line : lines) {
    const std::size_t length = 1 + text_length(line, rule.counting);
    if (length > left) continue;
    out += "\n" + line;
    left -= length;
  }
  return out + "\n" + url;
}

}  // namespace oki::notify
