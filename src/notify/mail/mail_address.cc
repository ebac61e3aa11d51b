#include "notify/mail/mail_address.h"

#include <algorithm>

#include "base/utf8.h"

namespace oki::notify {
namespace {

constexpr std::size_t label_bytes_max = 63;

bool is_digit_or_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atom_character(char c) {
  const bool beyond_ascii = static_cast<unsigned char>(c) >= 0x80;
  return is_digit_or_letter(c) || beyond_ascii ||
         ByteView("!#$%&'*+-/=?^_`{|}~.").find(c) != ByteView::npos;
}

// U+0080 to U+009F are control characters in two bytes.
bool has_hidden_control(ByteView text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

bool is_local_part(ByteView text) {
  return !text.empty() && text.size() <= mail_local_bytes_max && text.front() != '.' &&
         text.back() != '.' && text.find("..") == ByteView::npos && is_utf8(text) &&
         !has_hidden_control(text) && std::all_of(text.begin(), text.end(), is_atom_character);
}

bool is_label(ByteView label) {
  return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_digit_or_letter(c) || c == '-';
         });
}

bool is_domain(ByteView text) {
  if (text.size() > mail_domain_bytes_max) return false;
  std::size_t labels = 0;
  ByteView last;
  while (true) {
    const std::size_t dot = text.find('.');
    last = text.substr(0, dot);
    if (!is_label(last)) return false;
    ++labels;
    if (dot == ByteView::npos) break;
    text.remove_prefix(dot + 1);
  }
  const bool numbers_only =
      std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
  return labels >= 2 && !numbers_only;
}

}  // namespace

bool is_mail_address(ByteView text) {
  const std::size_t at = text.rfind('@');
  return at != ByteView::npos && text.size() <= mail_address_bytes_max &&
         is_local_part(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

bool needs_smtputf8(ByteView address) {
  return std::any_of(address.begin(), address.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

std::string canonical_mail_address(ByteView address) {
  std::string out(address);
  for (std::size_t i = out.rfind('@') + 1; i < out.size(); ++i) {
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] + ('a' - 'A'));
  }
  return out;
}

}  // namespace oki::notify
