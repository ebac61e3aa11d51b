#include "notify/testing/smtp_sink.h"

#include <utility>

#include "net/http.h"

namespace oki::notify {
namespace {

constexpr ByteView content_end = "\r\n.\r\n";

// What stands between '<' and '>'.
std::string path_of(ByteView argument) {
  const std::size_t begin = argument.find('<');
  const std::size_t end = argument.find('>');
  if (begin == ByteView::npos || end == ByteView::npos || end < begin) return {};
  return std::string(argument.substr(begin + 1, end - begin - 1));
}

Bytes without_dots(ByteView data) {
  Bytes out;
  out.reserve(data.size());
  bool line_begins = true;
  for (const char c : data) {
    if (!(line_begins && c == '.')) out.push_back(c);
    line_begins = c == '\n';
  }
  return out;
}

std::string message_id_of(ByteView data) {
  constexpr ByteView header = "Message-ID:";
  while (!data.empty()) {
    const std::size_t end = data.find("\r\n");
    const ByteView line = data.substr(0, end);
    if (line.empty()) return {};
    if (net::equal_ignoring_case(line.substr(0, header.size()), header)) return path_of(line);
    if (end == ByteView::npos) return {};
    data.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace

void SmtpSink::on_open(ConnectionId id, const Address&) {
  ++sessions_seen_;
  sessions_[id];
  reply(id, "", "", "220 sink ESMTP\r\n");
}

void SmtpSink::on_closed(ConnectionId id, CloseReason) { sessions_.erase(id); }

void SmtpSink::reply(ConnectionId id, ByteView verb, ByteView argument, ByteView usual) {
  const std::optional<std::string> other = answer_ ? answer_(verb, argument) : std::nullopt;
  if (other == "close") return net_.close(id);
  if (other == "nothing") return;
  net_.send(id, other ? ByteView(*other) : usual);
}

void SmtpSink::on_bytes(ConnectionId id, ByteView bytes) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  session.buffer += bytes;
  while (session.in_content ? take_content(id, session) : take_line(id, session)) {
  }
}

bool SmtpSink::take_line(ConnectionId id, Session& session) {
  const std::size_t end = session.buffer.find("\r\n");
  if (end == Bytes::npos) return false;
  const Bytes line = session.buffer.substr(0, end);
  session.buffer.erase(0, end + 2);
  on_command(id, session, line);
  return true;
}

bool SmtpSink::take_content(ConnectionId id, Session& session) {
  // The first line may already be the dot.
  const bool empty = session.buffer.starts_with(".\r\n");
  const std::size_t end = empty ? 0 : session.buffer.find(content_end, session.searched);
  if (end == Bytes::npos) {
    const std::size_t kept = content_end.size();
    session.searched = session.buffer.size() > kept ? session.buffer.size() - kept : 0;
    return false;
  }
  session.mail.data = without_dots(ByteView(session.buffer).substr(0, empty ? 0 : end + 2));
  session.buffer.erase(0, empty ? 3 : end + content_end.size());
  session.in_content = false;
  session.searched = 0;
  SunkMail mail = std::exchange(session.mail, {});
  const bool complete = std::exchange(session.has_recipient, false);
  session.has_sender = false;
  if (!complete) {
    reply(id, ".", "", "554 no valid recipients\r\n");
    return true;
  }
  mail.message_id = message_id_of(mail.data);
  ++session.mails;
  ++mails_;
  keep_(mail);
  reply(id, ".", mail.to, "250 2.0.0 taken as " + std::to_string(mails_) + "\r\n");
  return true;
}

void SmtpSink::on_command(ConnectionId id, Session& session, ByteView line) {
  const ByteView verb = line.substr(0, line.find_first_of(" :"));
  const ByteView argument = line.substr(verb.size());
  const auto is = [&](ByteView word) { return net::equal_ignoring_case(verb, word); };
  if (is("EHLO")) {
    std::string offer = "250-sink\r\n";
    if (options_.pipelining) offer += "250-PIPELINING\r\n";
    if (options_.smtputf8) offer += "250-8BITMIME\r\n250-SMTPUTF8\r\n";
    reply(id, "EHLO", argument, offer + "250 SIZE 10485760\r\n");
  } else if (is("MAIL")) {
    on_mail_command(id, session, argument);
  } else if (is("RCPT")) {
    on_recipient(id, session, argument);
  } else if (is("DATA")) {
    on_data(id, session);
  } else if (is("RSET")) {
    session.mail = {};
    session.has_sender = session.has_recipient = false;
    reply(id, "RSET", "", "250 reset\r\n");
  } else if (is("QUIT")) {
    reply(id, "QUIT", "", "221 bye\r\n");
    net_.close(id);
  } else {
    reply(id, verb, argument, "500 what?\r\n");
  }
}

void SmtpSink::on_mail_command(ConnectionId id, Session& session, ByteView argument) {
  const std::size_t limit = options_.mails_per_session_max;
  if (limit != 0 && session.mails >= limit) {
    return reply(id, "MAIL", argument, "452 4.5.3 too many mails in one session\r\n");
  }
  if (session.has_sender) return reply(id, "MAIL", argument, "503 one sender is enough\r\n");
  const std::optional<std::string> other = answer_ ? answer_("MAIL", argument) : std::nullopt;
  session.has_sender = !other || other->starts_with('2');
  session.mail.from = path_of(argument);
  if (other == "close") return net_.close(id);
  net_.send(id, other ? *other : "250 sender\r\n");
}

void SmtpSink::on_recipient(ConnectionId id, Session& session, ByteView argument) {
  if (!session.has_sender) return net_.send(id, "503 no sender\r\n");
  const std::optional<std::string> other = answer_ ? answer_("RCPT", argument) : std::nullopt;
  session.has_recipient = !other || other->starts_with('2');
  session.mail.to = path_of(argument);
  if (other == "close") return net_.close(id);
  net_.send(id, other ? *other : "250 recipient\r\n");
}

void SmtpSink::on_data(ConnectionId id, Session& session) {
  if (!session.has_sender) return net_.send(id, "503 no sender\r\n");
  const std::optional<std::string> other = answer_ ? answer_("DATA", "") : std::nullopt;
  if (other == "close") return net_.close(id);
  // Some servers ask for the content although there is no recipient; the client must cope.
  session.in_content = !other || other->starts_with("354");
  net_.send(id, other ? *other : "354 go on\r\n");
}

}  // namespace oki::notify
