// Replies of a mail server (RFC 5321, 4.2), taken from bytes as they come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oki::notify {

struct SmtpReply {
  std::uint32_t code = 0;          // 200 to 599.
  std::vector<std::string> lines;  // Without code and line end; at least one.

  std::uint32_t kind() const { return code / 100; }
  bool offers(ByteView keyword) const;  // A line of the answer to EHLO.
  std::string text() const;             // "250 2.0.0 taken", its first line, printable.
};

class SmtpReplyParser {
 public:
  explicit SmtpReplyParser(std::size_t reply_bytes_max) : bytes_max_(reply_bytes_max) {}

  void feed(ByteView bytes) { buffer_ += bytes; }

  // Nothing when more bytes are needed. Errc::invalid: these are no replies, or one is too long.
  Result<std::optional<SmtpReply>> next();

 private:
  std::size_t bytes_max_;
  Bytes buffer_;
};

}  // namespace oki::notify
