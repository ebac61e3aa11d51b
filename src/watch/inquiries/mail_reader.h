// A mail as bytes, and what of it is an inquiry: MIME as Debian's GMime reads it (RFC 2045 to 2049,
// 2047, 2231). Plain text goes before HTML, which is reduced to its words; attachments and mails
// inside the mail are not read. Charsets become UTF-8; what cannot be decoded becomes U+FFFD.
//
// A mail that no person wrote says so: Auto-Submitted (RFC 3834), Precedence, a report
// (RFC 6522), or a sender that is empty (RFC 5321, 4.5.5).
//
// Limits, before anything is parsed: bytes, and words that begin parts of MIME, so that neither
// depth nor number of parts is the sender's choice.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "watch/inquiries/inquiry.h"

namespace oki::watch::inquiries {

struct MailLimits {
  std::size_t bytes_max = 256u << 10;
  std::size_t parts_max = 100;      // Mentions of Content-Type.
  std::size_t borders_max = 1'000;  // Lines that begin with "--".
  std::size_t depth_max = 8;        // Of what is looked into for text.
};

// Errc::invalid with one sentence: the mail is refused for ever. `sender` of the envelope may be
// empty; `recipient` is the first one of ours.
Result<Draft> read_mail(ByteView data, ByteView sender, ByteView recipient,
                        const MailLimits& limits);

}  // namespace oki::watch::inquiries
