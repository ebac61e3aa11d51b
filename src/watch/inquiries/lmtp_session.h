// One session of LMTP (RFC 2033) as a function of bytes: what comes in, what is answered, and the
// mails that it hands on. A mail server (Postfix, Dovecot's LDA, Exim) is the client.
//
//   LHLO, MAIL FROM, RCPT TO, DATA, RSET, NOOP, VRFY, QUIT; PIPELINING (RFC 2920), SIZE (RFC 1870),
//   8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), ENHANCEDSTATUSCODES (RFC 2034).
//
// After the content each recipient that was accepted gets an answer of its own, and "250" only when
// the mail is kept: `deliver` says so, now or later. Meanwhile what the client sends ahead waits.
// Lines end with CRLF and with nothing else, so that no two servers disagree on where a mail ends.
//
// Limits, each with its refusal: 500 a command line too long; 552 the mail is too long (its rest is
// read and forgotten); 554 one of its lines is too long; 452 too many recipients; 421 and the end:
// too many mails, too many mistakes, too much sent ahead, or too much of a mail that is too long.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace oki::watch::inquiries {

struct LmtpOptions {
  std::string host = "okiagari";  // As which the server greets.
  std::size_t mail_bytes_max = 256u << 10;
  std::size_t command_bytes_max = 1'024;       // With CRLF; RFC 5321 asks for 512, and extensions.
  std::size_t content_line_bytes_max = 8'192;  // RFC 5322 allows 998.
  std::size_t unread_bytes_max = 16u << 20;    // Of a mail that is too long.
  std::size_t ahead_bytes_max = 64u << 10;     // While a mail is being kept.
  std::size_t recipients_max = 20;
  std::size_t mails_max = 200;
  std::size_t mistakes_max = 20;
  std::vector<std::string> recipients;  // Ours; empty: whoever the mail server sends.
};

struct Envelope {
  std::string sender;  // Empty: nobody must be written to.
  std::vector<std::string> recipients;
  Bytes data;  // Dots undone; ends with CRLF.
};

class LmtpSession {
 public:
  struct Parts {
    std::function<void(ByteView)> send;
    std::function<void()> close;  // After what was sent.

    // Answers once with the reply that every recipient gets, without CRLF.
    std::function<void(Envelope, std::function<void(std::string)>)> deliver;
  };

  // `options` outlives the session.
  LmtpSession(Parts parts, const LmtpOptions& options);
  ~LmtpSession();
  LmtpSession(const LmtpSession&) = delete;
  LmtpSession& operator=(const LmtpSession&) = delete;

  void greet();
  void on_bytes(ByteView bytes);

  // 421 with this reason, and the end.
  void end(ByteView reason);

  // Grows with every command and every line of content: who makes no progress is slow.
  std::uint64_t progress() const { return progress_; }
  bool in_content() const { return in_content_; }
  bool is_keeping() const { return keeping_; }

 private:
  void reply(ByteView line);
  void mistake(ByteView line);
  void pump();
  bool take_line();
  bool skip_line();
  void on_command(ByteView line);
  void on_hello(ByteView name);
  void on_sender(ByteView argument);
  void on_recipient(ByteView argument);
  void on_data();
  void on_content(ByteView line);
  void end_content();
  void answered(const std::string& line);
  void forget_mail();

  Parts parts_;
  const LmtpOptions& options_;
  Bytes buffer_;
  std::size_t read_ = 0;      // Of the buffer.
  std::size_t searched_ = 0;  // No line ends before this.
  bool greeted_ = false;
  bool has_sender_ = false;
  bool in_content_ = false;
  bool skipping_ = false;  // To the end of a line that is too long.
  bool keeping_ = false;
  bool ended_ = false;
  bool pumping_ = false;
  Envelope mail_;
  std::size_t content_bytes_ = 0;
  const char* fault_ = nullptr;  // Why the content is refused.
  std::size_t mails_ = 0;
  std::size_t mistakes_ = 0;
  std::uint64_t progress_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::watch::inquiries
