// Ways by which a page reaches a person that notices do not go: PagerDuty, and mail of its own.
//
// PagerDuty's Events API v2: trigger, acknowledge and resolve with one dedup_key for an incident,
// under which a repetition changes nothing. A page by mail has a fixed Message-ID; the mail
// server's record is asked where there is one, and where nobody can tell it is sent again: somebody
// called twice is better than nobody called.
#pragma once

#include <string>

#include "net/http_client.h"
#include "notify/channels/answer.h"
#include "notify/channels/post.h"
#include "notify/mail/mail_record.h"
#include "notify/mail/smtp_pool.h"
#include "notify/outbox.h"
#include "notify/page.h"

namespace oki::notify {

// Letters whose content is a page, as chat posts.
PostWriter page_posts(PageLinks links);

class PagerDutyChannel : public Channel {
 public:
  PagerDutyChannel(net::HttpClient& client, Timers& timers, const Clock& clock,
                   std::string routing_key, std::string source, PageLinks links);

  void send(const Letter& letter, Sent sent) override;

 private:
  net::HttpClient& client_;
  const Clock& clock_;
  std::string routing_key_, source_;
  PageLinks links_;
  SoonAnswers soon_;
};

// The body of POST /v2/enqueue.
Bytes pagerduty_event(const Page& page, ByteView routing_key, ByteView source,
                      const PageLinks& links);

class PageMailChannel : public Channel {
 public:
  // `record` may be nullptr. Pool and record outlive the channel.
  PageMailChannel(SmtpPool& pool, MailRecord* record, std::string from, PageLinks links);

  void send(const Letter& letter, Sent sent) override;
  void ask(const std::vector<Letter>& letters, Told told) override;

 private:
  std::string message_id(const Letter& letter) const;

  SmtpPool& pool_;
  MailRecord* record_;
  std::string from_;
  PageLinks links_;
};

// In doubt again, quickly at first: nobody sleeps well who waits for a page.
ChannelRules page_rules();

}  // namespace oki::notify
