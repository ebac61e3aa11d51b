#include "notify/mail/smtp_reply.h"

#include <algorithm>

#include "net/http.h"

namespace oki::notify {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The code of "250-text", "250 text" or "250".
std::optional<std::uint32_t> code_of(ByteView line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5') return std::nullopt;
  if (!is_digit(line[1]) || !is_digit(line[2])) return std::nullopt;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return std::nullopt;
  return static_cast<std::uint32_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0');
}

}  // namespace

bool SmtpReply::offers(ByteView keyword) const {
  return std::any_of(lines.begin() + 1, lines.end(), [&](const std::string& line) {
    return net::equal_ignoring_case(ByteView(line).substr(0, line.find(' ')), keyword);
  });
}

std::string SmtpReply::text() const {
  std::string out = std::to_string(code) + " " + lines.front();
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

Result<std::optional<SmtpReply>> SmtpReplyParser::next() {
  SmtpReply reply;
  ByteView rest = buffer_;
  while (true) {
    const std::size_t end = rest.find('\n');
    const std::size_t used = buffer_.size() - rest.size();
    if (used + std::min(end, rest.size()) > bytes_max_) {
      return error(Errc::invalid, "a reply of the mail server is too long");
    }
    if (end == ByteView::npos) return std::optional<SmtpReply>();
    ByteView line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::optional<std::uint32_t> code = code_of(line);
    if (!code || (reply.code != 0 && *code != reply.code)) {
      return error(Errc::invalid, "the mail server gave no reply of SMTP");
    }
    reply.code = *code;
    reply.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
    rest.remove_prefix(end + 1);
    if (line.size() <= 3 || line[3] == ' ') break;
  }
  buffer_.erase(0, buffer_.size() - rest.size());
  return std::optional<SmtpReply>(std::move(reply));
}

}  // namespace oki::notify
