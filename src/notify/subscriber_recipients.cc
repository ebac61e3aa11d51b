#include "notify/subscriber_recipients.h"

#include "notify/mail/mail_channel.h"

namespace oki::notify {

std::vector<Recipient> recipients_of(const SubscriberBook& book, const SubscriberTokens& tokens,
                                     const std::vector<ComponentId>& components) {
  std::vector<Recipient> recipients;
  book.for_each_of(components, [&](SubscriberId id, const Subscriber& subscriber) {
    const std::string token = tokens.token(TokenPurpose::manage, id);
    recipients.push_back({subscriber.address, encode(MailRecipient{subscriber.language, token})});
  });
  return recipients;
}

}  // namespace oki::notify
