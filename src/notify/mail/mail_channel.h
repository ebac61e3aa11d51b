// Notices as mail to the people who asked for them.
//
// The Message-ID comes from the letter's key and is the same for every attempt. After a kill the
// mail server's own record is asked, where there is one, what it has taken; without it those mails
// wait for a person (AfterUnknown::hold), because SMTP itself cannot tell.
#pragma once

#include <map>
#include <string>

#include "notify/delivery.h"
#include "notify/mail/mail_message.h"
#include "notify/mail/mail_record.h"
#include "notify/mail/smtp_pool.h"
#include "notify/notice_words.h"

namespace oki::notify {

// What the outbox keeps of a subscriber beside the address.
struct MailRecipient {
  Language language = Language::ja;
  std::string unsubscribe_token;  // At most 60 bytes, of the alphabet of base64url.
};
Bytes encode(const MailRecipient& recipient);
Result<MailRecipient> decode_mail_recipient(ByteView detail);

struct MailChannelOptions {
  std::string from;  // An address; its domain is that of the Message-IDs.
  std::string from_name;
  NoticeLinks links;
};

class MailChannel : public Channel {
 public:
  // `record` may be nullptr. Both outlive the channel.
  MailChannel(SmtpPool& pool, MailRecord* record, MailChannelOptions options);

  // Errc-like refusals are answers: a content that is no notice, a drill, an address that is none.
  void send(const Letter& letter, Sent sent) override;
  void ask(const std::vector<Letter>& letters, Told told) override;

  std::string message_id(const Letter& letter) const;

 private:
  struct Rendered {
    Notice notice;
    std::string subject, plain, html;  // With a mark where the recipient's address of leaving goes.
  };
  const Rendered* rendered(const Letter& letter, Language language);
  Mail compose(const Letter& letter, const MailRecipient& recipient,
               const Rendered& rendered) const;

  SmtpPool& pool_;
  MailRecord* record_;
  MailChannelOptions options_;
  std::map<std::pair<std::string, Language>, Rendered> cache_;
};

}  // namespace oki::notify
