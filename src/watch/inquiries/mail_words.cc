#include "watch/inquiries/mail_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "net/http.h"

namespace oki::watch::inquiries {
namespace {

constexpr ByteView replacement = "\xef\xbf\xbd";
constexpr std::size_t reference_bytes_max = 12;
constexpr std::size_t account_digits_max = 19;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

void append_character(std::string& out, std::uint32_t code) {
  const bool is_character = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (!is_character) {
    out += ' ';
  } else if (code < 0x80) {
    out += static_cast<char>(code);
  } else {
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr unsigned first[] = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(first[more] | (code >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) {
      out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
    }
  }
}

// Reads HTML once, from its beginning to its end.
class HtmlReader {
 public:
  explicit HtmlReader(ByteView html) : html_(html), last_end_(html.rfind('>')) {}

  std::string read() {
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '<' && take_markup()) continue;
      if (c == '&' && take_reference()) continue;
      add(is_blank(c) ? ' ' : c);
      ++at_;
    }
    return std::move(out_);
  }

 private:
  // Runs of blanks are one.
  void add(char c) {
    const bool again = c == ' ' && (out_.empty() || out_.back() == ' ' || out_.back() == '\n');
    if (!again) out_ += c;
  }

  bool take_markup() {
    const ByteView rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      skip_behind("-->", at_ + 4);
      return true;
    }
    const char next = rest.size() > 1 ? rest[1] : ' ';
    const bool is_tag = is_letter(next) || next == '/' || next == '!' || next == '?';
    // Without this look a text of '<' alone would be searched to its end for each of them.
    if (!is_tag || last_end_ == ByteView::npos || at_ > last_end_) return false;
    const std::string name = name_of(rest.substr(1));
    skip_behind(">", at_ + 1);
    for (const char* unseen : {"script", "style", "head", "title", "template"}) {
      if (name == unseen) skip_element(name);
    }
    for (const char* block : {"br", "p", "/p", "div", "/div", "tr", "/tr", "li", "/li", "h1", "h2",
                              "h3", "/h1", "/h2", "/h3", "blockquote", "/blockquote", "hr"}) {
      if (name != block) continue;
      if (!out_.empty()) out_ += '\n';
    }
    if (name == "td" || name == "th") add(' ');
    return true;
  }

  static std::string name_of(ByteView tag) {
    std::string name;
    for (std::size_t i = 0; i < tag.size() && i < 12; ++i) {
      const char c = tag[i];
      const bool of_name = is_letter(c) || is_digit(c) || (i == 0 && c == '/');
      if (!of_name) break;
      name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return name;
  }

  void skip_behind(ByteView end, std::size_t from) {
    const std::size_t found = html_.find(end, std::min(from, html_.size()));
    at_ = found == ByteView::npos ? html_.size() : found + end.size();
  }

  // To behind "</name"; its '>' is then the end of a tag of no name.
  void skip_element(const std::string& name) {
    while (at_ < html_.size()) {
      const std::size_t found = html_.find("</", at_);
      at_ = found == ByteView::npos ? html_.size() : found + 2;
      if (at_ < html_.size() && begins_with(html_.substr(at_), name)) {
        return skip_behind(">", at_);
      }
    }
  }

  bool take_reference() {
    const ByteView rest = html_.substr(at_, reference_bytes_max);
    const std::size_t end = rest.find(';');
    if (end == ByteView::npos) return false;
    const ByteView name = rest.substr(1, end - 1);
    const auto code = code_of(name);
    if (!code) return false;
    if (*code == 0xa0 || *code == ' ') {
      add(' ');
    } else {
      append_character(out_, *code);
    }
    at_ += end + 1;
    return true;
  }

  static std::optional<std::uint32_t> code_of(ByteView name) {
    constexpr std::pair<ByteView, std::uint32_t> named[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xa0}};
    for (const auto& [known, code] : named) {
      if (name == known) return code;
    }
    if (!name.starts_with('#')) return std::nullopt;
    name.remove_prefix(1);
    const bool is_hex = name.starts_with('x') || name.starts_with('X');
    if (is_hex) name.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [end, fault] =
        std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
    if (fault != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return code;
  }

  ByteView html_;
  std::size_t last_end_;
  std::size_t at_ = 0;
  std::string out_;
};

std::string digits_at(ByteView text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  if (count == 0 || count > account_digits_max) return {};
  return std::string(text.substr(0, count));
}

// Behind the word: what stands between it and the number, in either language.
ByteView without_particles(ByteView text) {
  constexpr ByteView particles[] = {" ",    "\t",  ":",   "：",     "#",      "=",  "は", "　",
                                    "番号", "no.", "No.", "number", "Number", "id", "ID"};
  for (int taken = 0; taken < 6; ++taken) {
    const auto* found = std::ranges::find_if(
        particles, [&](ByteView particle) { return text.starts_with(particle); });
    if (found == std::end(particles)) break;
    text.remove_prefix(found->size());
  }
  return text;
}

}  // namespace

bool begins_with(ByteView text, ByteView word) {
  return net::equal_ignoring_case(text.substr(0, word.size()), word);
}

std::string html_to_text(ByteView html) { return HtmlReader(html).read(); }

std::string tidy_text(ByteView text) {
  std::string out;
  std::size_t ends = 0;
  const auto end_line = [&] {
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    if (!out.empty() && ++ends <= 2) out += '\n';
  };
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const ByteView one = size == 0 ? text.substr(0, 1) : text.substr(0, size);
    text.remove_prefix(one.size());
    if (one == "\n") {
      end_line();
    } else if (one != "\r") {
      if (one != " " && one != "\t") ends = 0;
      out += size == 0 ? replacement : one;
    }
  }
  while (!out.empty() && is_blank(out.back())) out.pop_back();
  return out;
}

std::string cut(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

std::string account_in(ByteView text) {
  constexpr ByteView words[] = {"口座番号", "口座", "アカウント", "account", "Account", "ACCOUNT"};
  for (const ByteView word : words) {
    for (std::size_t at = text.find(word); at != ByteView::npos;
         at = text.find(word, at + word.size())) {
      std::string digits = digits_at(without_particles(text.substr(at + word.size())));
      if (!digits.empty()) return digits;
    }
  }
  return {};
}

std::string account_in_address(ByteView address) {
  const std::size_t at = address.find('@');
  const std::size_t plus = address.find('+');
  if (at == ByteView::npos || plus == ByteView::npos || plus > at) return {};
  const ByteView detail = address.substr(plus + 1, at - plus - 1);
  std::string digits = digits_at(detail);
  return digits.size() == detail.size() ? digits : std::string();
}

}  // namespace oki::watch::inquiries
