// Sends the mails that subscribers are owed beside notices: to confirm, or to show what is chosen.
//
// Only the watch that leads sends. What is owed is in the replicated book until the log hears that
// it left, so a sender that dies loses none; the next one may send a mail again, under the same
// Message-ID. A mail that the server refuses for good counts as sent: nobody is helped by asking
// again. Where mail cannot leave just now, everything waits pause_ms.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "notify/mail/mail_message.h"
#include "notify/mail/smtp_pool.h"
#include "notify/subscriber_service.h"

namespace oki::notify {

struct SubscriberMailerOptions {
  std::string desk_url;  // "https://status.example.jp", without a slash at the end.
  std::string domain;    // Of Message-IDs.
  std::size_t in_flight_max = 16;
  std::int64_t look_ms = 500;
  std::int64_t pause_ms = 30'000;
};

class SubscriberMailer {
 public:
  using SendMail = std::function<void(MailHead head, const MailText& text, SmtpPool::Done done)>;

  // All must outlive the mailer.
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Metrics& metrics;
    const SubscriberBook& book;
    const SubscriberTokens& tokens;
    std::function<bool()> leads;
    SendMail mail;  // Announcer::mail
    SubmitSubscriber submit;
  };

  SubscriberMailer(Parts parts, SubscriberMailerOptions options);
  ~SubscriberMailer();
  SubscriberMailer(const SubscriberMailer&) = delete;
  SubscriberMailer& operator=(const SubscriberMailer&) = delete;

  void start();

 private:
  void look();
  void send(SubscriberId id, const Subscriber& subscriber);
  void on_sent(SubscriberId id, SubscriberMail what, Attempt outcome);

  Parts parts_;
  SubscriberMailerOptions options_;
  std::set<std::uint64_t> under_way_;
  MonoTimeNs paused_until_;
  TimerId timer_;
  Counter& sent_;
  Counter& delayed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oki::notify
