#include "response/words.h"

#include <algorithm>

#include "base/utf8.h"

namespace oki::response {
namespace {

bool is_clean(ByteView text, std::size_t bytes_max, bool lines) {
  if (text.size() > bytes_max || !is_utf8(text)) return false;
  return std::ranges::none_of(text, [lines](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 || byte == 0x7f) && !(lines && c == '\n');
  });
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ' ';
}

}  // namespace

bool is_line(ByteView text, std::size_t bytes_max) { return is_clean(text, bytes_max, false); }

bool is_text(ByteView text, std::size_t bytes_max) { return is_clean(text, bytes_max, true); }

bool is_name(ByteView text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && text.front() != ' ' && text.back() != ' ' &&
         std::ranges::all_of(text, is_name_character);
}

}  // namespace oki::response
