// A mail as bytes (RFC 5322, MIME): plain text and HTML beside each other, both base64, so that it
// passes every server as it is, without 8BITMIME and without a line that is too long.
//
// Automatic mail says so (Auto-Submitted, RFC 3834), and what a list sends can be left by one click
// (List-Unsubscribe-Post, RFC 8058). The same letter always makes the same bytes: Message-ID and
// boundary come from its key, the date from what it is about.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/strong.h"

namespace oki::notify {

struct MailText {
  std::string subject;
  std::string plain;  // UTF-8, lines end with '\n'.
  std::string html;   // Empty: only the plain text is sent.
};

struct MailHead {
  std::string from;       // An address.
  std::string from_name;  // May be empty.
  std::string to;
  std::string message_id;       // Without angle brackets.
  std::string thread_id;        // Of the first mail of the incident; empty: none.
  std::string unsubscribe_url;  // "https://…"; empty: no list.
  std::string language;         // "ja"
  WallTimeMs date;
};

// Ends with CRLF; the final dot is not part of it.
Bytes write_mail(const MailHead& head, const MailText& text);

// RFC 2047, in lines of at most 75 characters; text that needs none stays as it is.
std::string encoded_words(ByteView text);

// "Sun, 22 Nov 2026 02:26:00 +0000"
std::string mail_date(WallTimeMs time);

}  // namespace oki::notify
