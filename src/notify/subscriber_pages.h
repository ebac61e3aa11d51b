// The pages on which people ask for notices by mail, confirm, choose and leave: functions from a
// request to a page, or to a command and the page that follows from its result. No scripts.
//
//   GET  /subscribe            the form            POST /subscribe     asks: one mail is owed
//   GET  /confirm?t=TOKEN      a button            POST /confirm       confirms
//   GET  /unsubscribe?t=TOKEN  choice and leaving  POST /unsubscribe   leaves, also by one click
//                                                                      of a mail program (RFC 8058)
//                                                  POST /choose        changes the choice
// and the same under /en/. A GET changes nothing, because mail servers follow links. Whether an
// address is on the list is told to nobody but its mailbox: asking always gets the same answer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/http.h"
#include "notify/mail/mail_message.h"
#include "notify/subscriber_tokens.h"

namespace oki::notify {

struct SubscriberDesk {
  const SubscriberBook& book;
  const SubscriberTokens& tokens;
  std::vector<ComponentId> components;  // That can be chosen, as they are shown.
  std::string network;                  // network_of() the asker.
};

struct SubscriberAnswer {
  net::HttpResponse response;  // When there is no command.

  // Else bring it to the log, then answer `page(result)`; without a result it was not brought
  // there, or nobody knows.
  std::optional<SubscriberCommand> command;
  std::function<net::HttpResponse(std::optional<SubscriberResult>)> page;
};

// Nothing when the path is none of these.
std::optional<SubscriberAnswer> subscriber_page(const net::HttpRequest& request,
                                                const SubscriberDesk& desk);

// What counts as one asker: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
// Anything else is one network.
std::string network_of(const std::string& host);

// The mail that a subscriber is owed. REQUIRES: owed is not none. `desk_url` has no slash at the
// end.
MailText subscriber_mail(const Subscriber& subscriber, SubscriberId id,
                         const SubscriberTokens& tokens, const std::string& desk_url);

// Of that mail, without angle brackets: the same however often it is made.
std::string subscriber_message_id(const Subscriber& subscriber, SubscriberId id, ByteView domain);

}  // namespace oki::notify
