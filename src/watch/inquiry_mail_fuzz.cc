// Any bytes as what a mail server says, and as a mail: answered, refused or taken whole.
//
// Input: the first byte says what the rest is: 0 mod 2 a session, in pieces of the second byte;
// else a mail. What is taken of a mail must be a draft that the desk takes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/assert.h"
#include "base/utf8.h"
#include "watch/inquiries/lmtp_session.h"
#include "watch/inquiries/mail_reader.h"
#include "watch/inquiries/mail_words.h"

namespace {

using oki::ByteView;
namespace inquiries = oki::watch::inquiries;

void try_mail(ByteView data, ByteView sender) {
  const auto draft = inquiries::read_mail(data, sender, "support@example.jp", {});
  if (!draft) return;
  ASSERT(oki::is_utf8(draft->words) && !draft->words.empty());
  ASSERT(draft->words.size() <= inquiries::words_bytes_max);
  const auto again = inquiries::clean(*draft);
  ASSERT(again && again->words == draft->words && again->contact == draft->contact);
}

void try_session(ByteView bytes, std::size_t piece) {
  inquiries::LmtpOptions options;
  options.mail_bytes_max = 2'000;
  options.content_line_bytes_max = 300;
  options.command_bytes_max = 200;
  options.unread_bytes_max = 4'000;
  std::size_t lines = 0;
  bool closed = false;
  inquiries::LmtpSession session(
      {[&](ByteView line) {
         ASSERT(!closed && line.ends_with("\r\n") && line.find('\n') == line.size() - 1);
         ++lines;
       },
       [&] { closed = true; },
       [&](const inquiries::Envelope& mail, const std::function<void(std::string)>& answer) {
         ASSERT(!mail.recipients.empty() && mail.data.size() <= options.mail_bytes_max);
         try_mail(mail.data, mail.sender);
         answer("250 2.6.0 kept");
       }},
      options);
  session.greet();
  while (!bytes.empty() && !closed) {
    session.on_bytes(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  ASSERT(lines > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 2 == 0) {
    try_session(bytes, std::size_t{1} + data[1]);
  } else {
    try_mail(bytes, data[1] % 2 == 0 ? ByteView() : ByteView("a@example.jp"));
    const std::string text = inquiries::html_to_text(bytes);
    ASSERT(text.size() <= bytes.size());
  }
  return 0;
}
