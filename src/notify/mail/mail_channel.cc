#include "notify/mail/mail_channel.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "notify/mail/mail_address.h"

namespace oki::notify {
namespace {

constexpr std::size_t token_bytes_max = 60;
constexpr std::size_t cached_max = 16;

// Stands in the rendered text for the recipient's own address. Notices hold no control characters,
// so it is found exactly where it was put.
constexpr ByteView leave_mark = "\x01";

const char* leave_label(Language language) {
  return language == Language::ja ? "このお知らせの配信を停止する" : "Unsubscribe";
}

std::string with_link(ByteView text, ByteView url) {
  std::string out;
  out.reserve(text.size() + 2 * url.size());
  while (true) {
    const std::size_t at = text.find(leave_mark);
    out += text.substr(0, at);
    if (at == ByteView::npos) return out;
    out += url;
    text.remove_prefix(at + leave_mark.size());
  }
}

bool is_token(ByteView text) {
  return text.size() <= token_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

Bytes encode(const MailRecipient& recipient) {
  Bytes out;
  Writer writer(out);
  writer.u8(recipient.language == Language::ja ? 0 : 1);
  writer.raw(recipient.unsubscribe_token);
  return out;
}

Result<MailRecipient> decode_mail_recipient(ByteView detail) {
  Reader in(detail);
  const std::uint8_t language = in.u8();
  const ByteView token = in.raw(in.left());
  if (!in.ok() || language > 1 || !is_token(token)) {
    return error(Errc::invalid, "a recipient of mail that cannot be read");
  }
  return MailRecipient{language == 0 ? Language::ja : Language::en, std::string(token)};
}

MailChannel::MailChannel(SmtpPool& pool, MailRecord* record, MailChannelOptions options)
    : pool_(pool), record_(record), options_(std::move(options)) {}

std::string MailChannel::message_id(const Letter& letter) const {
  return idempotency_key(letter) + options_.from.substr(options_.from.rfind('@'));
}

// One notice goes to many: its text is made once for each language.
const MailChannel::Rendered* MailChannel::rendered(const Letter& letter, Language language) {
  const std::pair key{std::string(letter.posting), language};
  if (const auto found = cache_.find(key); found != cache_.end()) return &found->second;
  Result<Notice> notice = read_notice(letter.content);
  if (!notice) return nullptr;
  if (cache_.size() >= cached_max) cache_.clear();
  Rendered made;
  made.subject = notice_headline(language, *notice);
  const std::string label = leave_label(language);
  made.plain = notice_plain(language, *notice, options_.links) + label + ": " +
               std::string(leave_mark) + "\n";
  made.html = notice_html(language, *notice, options_.links, {{label, std::string(leave_mark)}});
  made.notice = std::move(*notice);
  return &cache_.emplace(key, std::move(made)).first->second;
}

Mail MailChannel::compose(const Letter& letter, const MailRecipient& recipient,
                          const Rendered& rendered) const {
  MailHead head;
  head.from = options_.from;
  head.from_name = options_.from_name;
  head.to = std::string(letter.recipient);
  head.message_id = message_id(letter);
  head.language = recipient.language == Language::ja ? "ja" : "en";
  head.date = rendered.notice.at;
  if (!recipient.unsubscribe_token.empty()) {
    head.unsubscribe_url =
        options_.links.site_url + "/unsubscribe?t=" + recipient.unsubscribe_token;
  }
  Letter first = letter;
  const std::string first_name = rendered.notice.incident + "/1";
  first.posting = first_name;
  head.thread_id = message_id(first);
  const MailText text{rendered.subject, with_link(rendered.plain, head.unsubscribe_url),
                      with_link(rendered.html, head.unsubscribe_url)};
  return {options_.from, head.to, write_mail(head, text)};
}

void MailChannel::send(const Letter& letter, Sent sent) {
  const Result<MailRecipient> recipient = decode_mail_recipient(letter.detail);
  const Rendered* found = recipient && is_mail_address(letter.recipient)
                              ? rendered(letter, recipient->language)
                              : nullptr;
  if (found == nullptr || found->notice.drill) {
    const char* why = found == nullptr ? "cannot be written as a mail"
                                       : "a notice of a drill leaves by no channel";
    return pool_.refuse(why, std::move(sent));
  }
  pool_.send(compose(letter, *recipient, *found), std::move(sent));
}

void MailChannel::ask(const std::vector<Letter>& letters, Told told) {
  std::vector<std::string> ids;
  for (const Letter& letter : letters) ids.push_back(message_id(letter));
  told(found_in_record(record_, ids));
}

}  // namespace oki::notify
