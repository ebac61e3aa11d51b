#include "notify/mail/recipient_list.h"

#include <algorithm>

#include "notify/mail/mail_address.h"
#include "notify/mail/mail_channel.h"

namespace oki::notify {
namespace {

std::vector<ByteView> words_of(ByteView line) {
  std::vector<ByteView> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

Result<Recipient> parse_recipient(ByteView line) {
  const std::vector<ByteView> words = words_of(line);
  const bool fits = words.size() == 2 || words.size() == 3;
  if (!fits || !is_mail_address(words[0]) || (words[1] != "ja" && words[1] != "en")) {
    return error(Errc::invalid, "a recipient is a line ADDRESS ja|en [TOKEN]");
  }
  MailRecipient detail;
  detail.language = words[1] == "ja" ? Language::ja : Language::en;
  if (words.size() == 3) detail.unsubscribe_token = std::string(words[2]);
  Bytes bytes = encode(detail);
  if (!decode_mail_recipient(bytes)) return error(Errc::invalid, "a token is malformed");
  return Recipient{canonical_mail_address(words[0]), std::move(bytes)};
}

}  // namespace

Result<std::vector<Recipient>> parse_recipients(ByteView text) {
  std::vector<Recipient> recipients;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const ByteView line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    auto recipient = parse_recipient(line);
    if (!recipient) {
      return error(Errc::invalid,
                   "line " + std::to_string(number) + ": " + recipient.error().message);
    }
    recipients.push_back(std::move(*recipient));
  }
  return recipients;
}

}  // namespace oki::notify
