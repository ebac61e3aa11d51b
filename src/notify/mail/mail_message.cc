#include "notify/mail/mail_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "base/utf8.h"
#include "crypto/crypto.h"
#include "net/http.h"

namespace oki::notify {
namespace {

constexpr std::size_t base64_line_bytes = 57;  // Of input: 76 characters a line, RFC 2045.
constexpr std::size_t word_bytes_max = 42;     // Of input: an encoded word has at most 75.

// What a header may hold as it is. Anything else is encoded, so no text can begin a new header.
bool is_plain_header(ByteView text) {
  const auto is_plain = [](char c) { return c >= ' ' && c < '\x7F'; };
  return std::all_of(text.begin(), text.end(), is_plain) && text.find("=?") == ByteView::npos;
}

void append_base64(Bytes& out, ByteView text) {
  for (; !text.empty(); text.remove_prefix(std::min(base64_line_bytes, text.size()))) {
    out += crypto::base64(text.substr(0, base64_line_bytes));
    out += "\r\n";
  }
}

void append_part(Bytes& out, const char* type, ByteView text) {
  out += "Content-Type: ";
  out += type;
  out += "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  append_base64(out, text);
}

void append_head(Bytes& out, const MailHead& head, ByteView subject) {
  const std::string name = head.from_name.empty() ? "" : encoded_words(head.from_name) + " ";
  out += "Date: " + mail_date(head.date) + "\r\n";
  out += "From: " + name + "<" + head.from + ">\r\n";
  out += "To: <" + head.to + ">\r\n";
  out += "Subject: " + encoded_words(subject) + "\r\n";
  out += "Message-ID: <" + head.message_id + ">\r\n";
  if (!head.thread_id.empty() && head.thread_id != head.message_id) {
    out += "References: <" + head.thread_id + ">\r\n";
  }
  out += "Auto-Submitted: auto-generated\r\n";
  if (!head.language.empty()) out += "Content-Language: " + head.language + "\r\n";
  if (!head.unsubscribe_url.empty()) {
    out += "List-Unsubscribe: <" + head.unsubscribe_url + ">\r\n";
    out += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
  }
  out += "MIME-Version: 1.0\r\n";
}

}  // namespace

Bytes write_mail(const MailHead& head, const MailText& text) {
  Bytes out;
  out.reserve(1024 + 2 * (text.plain.size() + text.html.size()));
  append_head(out, head, text.subject);
  if (text.html.empty()) {
    append_part(out, "text/plain", text.plain);
    return out;
  }
  // Base64 holds no '-', so no line of a part can be taken for the boundary.
  const std::string boundary = "-" + head.message_id.substr(0, head.message_id.find('@'));
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n";
  append_part(out, "text/plain", text.plain);
  out += "--" + boundary + "\r\n";
  append_part(out, "text/html", text.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

std::string encoded_words(ByteView text) {
  if (is_plain_header(text) && text.size() <= word_bytes_max) return std::string(text);
  std::string out;
  std::string word;
  const auto flush = [&] {
    if (word.empty()) return;
    if (!out.empty()) out += "\r\n ";
    out += "=?utf-8?B?" + crypto::base64(word) + "?=";
    word.clear();
  };
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(text), 1);
    if (word.size() + size > word_bytes_max) flush();
    word += text.substr(0, size);
    text.remove_prefix(size);
  }
  flush();
  return out;
}

std::string mail_date(WallTimeMs time) {
  std::string date = net::http_date(time);  // "Sun, 22 Nov 2026 02:26:00 GMT"
  date.replace(date.size() - 3, 3, "+0000");
  return date;
}

}  // namespace oki::notify
