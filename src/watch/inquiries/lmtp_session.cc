#include "watch/inquiries/lmtp_session.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "net/http.h"
#include "notify/mail/mail_address.h"
#include "watch/inquiries/mail_words.h"

namespace oki::watch::inquiries {
namespace {

constexpr ByteView line_end = "\r\n";
constexpr const char* too_long = "552 5.3.4 the mail is too long";
constexpr const char* line_too_long = "554 5.6.0 a line of the mail is too long";
constexpr std::size_t path_bytes_max = 320;

std::optional<std::uint64_t> number_of(ByteView text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "FROM:<a@b> SIZE=5" is the path and what follows it. Nothing when it is neither.
struct Path {
  std::string address;
  ByteView parameters;
};
std::optional<Path> path_of(ByteView argument, ByteView word) {
  if (!begins_with(argument, word)) return std::nullopt;
  argument.remove_prefix(word.size());
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  const std::size_t end = argument.find('>');
  if (!argument.starts_with('<') || end == ByteView::npos) return std::nullopt;
  const ByteView address = argument.substr(1, end - 1);
  const bool is_plain =
      address.size() <= path_bytes_max && std::ranges::none_of(address, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f || c == '<';
      });
  if (!is_plain) return std::nullopt;
  return Path{std::string(address), argument.substr(end + 1)};
}

// Null when all parameters are known and hold.
const char* fault_of_parameters(ByteView parameters, std::size_t mail_bytes_max) {
  while (!parameters.empty()) {
    const std::size_t begin = parameters.find_first_not_of(' ');
    if (begin == ByteView::npos) break;
    const ByteView one = parameters.substr(begin, parameters.find(' ', begin) - begin);
    parameters.remove_prefix(begin + one.size());
    if (begins_with(one, "SIZE=")) {
      const auto size = number_of(one.substr(5));
      if (!size) return "501 5.5.4 SIZE is no number";
      if (*size > mail_bytes_max) return too_long;
    } else if (!begins_with(one, "BODY=") && !net::equal_ignoring_case(one, "SMTPUTF8")) {
      return "555 5.5.4 a parameter that is not offered";
    }
  }
  return nullptr;
}

// "support+1234@Example.JP" is "support@example.jp".
std::string without_detail(ByteView address) {
  const std::string whole = notify::canonical_mail_address(address);
  const std::size_t at = whole.find('@');
  const std::size_t plus = whole.find('+');
  if (at == std::string::npos || plus > at) return whole;
  return whole.substr(0, plus) + whole.substr(at);
}

bool is_ours(const std::vector<std::string>& recipients, ByteView address) {
  if (recipients.empty()) return true;
  const std::string wanted = without_detail(address);
  return std::ranges::any_of(recipients, [&](const std::string& one) {
    return net::equal_ignoring_case(without_detail(one), wanted);
  });
}

}  // namespace

LmtpSession::LmtpSession(Parts parts, const LmtpOptions& options)
    : parts_(std::move(parts)), options_(options) {}

LmtpSession::~LmtpSession() { *alive_ = false; }

void LmtpSession::greet() { reply("220 " + options_.host + " LMTP okiagari"); }

void LmtpSession::reply(ByteView line) {
  Bytes bytes(line);
  bytes += line_end;
  parts_.send(bytes);
}

void LmtpSession::end(ByteView reason) {
  if (std::exchange(ended_, true)) return;
  reply("421 4.7.0 " + std::string(reason));
  parts_.close();
}

void LmtpSession::mistake(ByteView line) {
  reply(line);
  if (++mistakes_ >= options_.mistakes_max) end("too many mistakes");
}

void LmtpSession::on_bytes(ByteView bytes) {
  if (ended_) return;
  buffer_ += bytes;
  if (keeping_ && buffer_.size() - read_ > options_.ahead_bytes_max) {
    return end("too much was sent ahead");
  }
  pump();
}

// Not entered again by a delivery that answers at once.
void LmtpSession::pump() {
  if (std::exchange(pumping_, true)) return;
  while (!ended_ && !keeping_ && (skipping_ ? skip_line() : take_line())) {
  }
  buffer_.erase(0, read_);
  searched_ -= std::min(searched_, read_);
  read_ = 0;
  pumping_ = false;
}

// False when the line has not ended yet.
bool LmtpSession::take_line() {
  const std::size_t line_max =
      in_content_ ? options_.content_line_bytes_max : options_.command_bytes_max;
  const std::size_t found = buffer_.find(line_end, std::max(searched_, read_));
  const std::size_t size = (found == Bytes::npos ? buffer_.size() : found) - read_;
  if (size + line_end.size() > line_max) {
    if (in_content_) {
      fault_ = fault_ == nullptr ? line_too_long : fault_;
    } else {
      mistake("500 5.5.6 the line is too long");
    }
    skipping_ = true;
    return true;
  }
  if (found == Bytes::npos) {
    searched_ = buffer_.empty() ? 0 : buffer_.size() - 1;  // The '\r' may be there already.
    return false;
  }
  ++progress_;
  const Bytes line = buffer_.substr(read_, size);
  read_ = found + line_end.size();
  in_content_ ? on_content(line) : on_command(line);
  return true;
}

bool LmtpSession::skip_line() {
  const std::size_t found = buffer_.find(line_end, std::max(searched_, read_));
  const std::size_t stop = found == Bytes::npos ? buffer_.size() : found;
  if (in_content_) content_bytes_ += stop - read_;
  if (in_content_ && content_bytes_ > options_.unread_bytes_max) {
    end("the mail is far too long");
    return false;
  }
  skipping_ = found == Bytes::npos;
  if (skipping_) {
    const bool half = stop > read_ && buffer_[stop - 1] == '\r';
    read_ = searched_ = stop - (half ? 1 : 0);
    return false;
  }
  read_ = found + line_end.size();
  return true;
}

void LmtpSession::on_command(ByteView line) {
  const ByteView verb = line.substr(0, line.find(' '));
  ByteView argument = line.substr(verb.size());
  while (argument.starts_with(' ')) argument.remove_prefix(1);
  const auto is = [verb](ByteView word) { return net::equal_ignoring_case(verb, word); };
  if (is("LHLO")) return on_hello(argument);
  if (is("NOOP")) return reply("250 2.0.0 yes");
  if (is("QUIT")) {
    reply("221 2.0.0 goodbye");
    ended_ = true;
    return parts_.close();
  }
  if (is("RSET")) {
    forget_mail();
    return reply("250 2.0.0 forgotten");
  }
  if (is("VRFY")) return reply("252 2.1.5 send it and see");
  const bool of_mail = is("MAIL") || is("RCPT") || is("DATA");
  if (!of_mail) return mistake("500 5.5.1 this is LMTP: LHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT");
  if (!greeted_) return mistake("503 5.5.1 LHLO comes first");
  if (is("MAIL")) return on_sender(argument);
  if (is("RCPT")) return on_recipient(argument);
  if (!argument.empty()) return mistake("501 5.5.4 DATA has no argument");
  on_data();
}

void LmtpSession::on_hello(ByteView name) {
  if (name.empty()) return mistake("501 5.5.4 LHLO needs a name");
  greeted_ = true;
  forget_mail();
  reply("250-" + options_.host);
  reply("250-PIPELINING");
  reply("250-SIZE " + std::to_string(options_.mail_bytes_max));
  reply("250-8BITMIME");
  reply("250-SMTPUTF8");
  reply("250 ENHANCEDSTATUSCODES");
}

void LmtpSession::on_sender(ByteView argument) {
  if (has_sender_) return mistake("503 5.5.1 one sender is enough");
  const auto path = path_of(argument, "FROM:");
  if (!path) return mistake("501 5.1.7 MAIL FROM:<address>");
  if (const char* fault = fault_of_parameters(path->parameters, options_.mail_bytes_max)) {
    return mistake(fault);
  }
  if (mails_ >= options_.mails_max) return end("enough mails in one session");
  has_sender_ = true;
  mail_.sender = path->address;
  reply("250 2.1.0 go on");
}

void LmtpSession::on_recipient(ByteView argument) {
  if (!has_sender_) return mistake("503 5.5.1 MAIL comes first");
  const auto path = path_of(argument, "TO:");
  if (!path || path->address.empty()) return mistake("501 5.1.3 RCPT TO:<address>");
  if (!is_ours(options_.recipients, path->address)) {
    return reply("550 5.1.1 nobody of this address is here");
  }
  if (mail_.recipients.size() >= options_.recipients_max) {
    return reply("452 4.5.3 too many recipients");
  }
  mail_.recipients.push_back(path->address);
  reply("250 2.1.5 go on");
}

void LmtpSession::on_data() {
  // RFC 2033, 4.2: without a recipient DATA must fail.
  if (mail_.recipients.empty()) return mistake("503 5.5.1 no recipient");
  in_content_ = true;
  content_bytes_ = 0;
  fault_ = nullptr;
  reply("354 go on, end with a dot");
}

void LmtpSession::on_content(ByteView line) {
  if (line == ".") return end_content();
  if (line.starts_with('.')) line.remove_prefix(1);
  content_bytes_ += line.size() + line_end.size();
  if (content_bytes_ > options_.unread_bytes_max) return end("the mail is far too long");
  if (content_bytes_ > options_.mail_bytes_max && fault_ == nullptr) fault_ = too_long;
  if (fault_ != nullptr) {
    mail_.data = {};
    return;
  }
  mail_.data += line;
  mail_.data += line_end;
}

void LmtpSession::end_content() {
  in_content_ = false;
  ++mails_;
  if (fault_ != nullptr) return answered(fault_);
  keeping_ = true;
  Envelope mail = mail_;
  mail_.data = {};
  parts_.deliver(std::move(mail), [this, alive = alive_](const std::string& line) {
    if (!*alive || !keeping_) return;
    keeping_ = false;
    answered(line);
    pump();
  });
}

// One answer for each recipient (RFC 2033, 4.2).
void LmtpSession::answered(const std::string& line) {
  if (ended_) return;
  for (std::size_t i = 0; i < mail_.recipients.size(); ++i) reply(line);
  ++progress_;
  forget_mail();
}

void LmtpSession::forget_mail() {
  has_sender_ = false;
  mail_ = {};
  fault_ = nullptr;
}

}  // namespace oki::watch::inquiries
