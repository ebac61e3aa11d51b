#include "notify/subscriber_mailer.h"

#include <utility>

namespace oki::notify {

SubscriberMailer::SubscriberMailer(Parts parts, SubscriberMailerOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      sent_(parts_.metrics.counter("okiagari_notify_subscriber_mails_total",
                                   "Mails to subscribers beside notices that left.")),
      delayed_(parts_.metrics.counter("okiagari_notify_subscriber_mails_delayed_total",
                                      "Mails to subscribers that could not leave yet.")) {}

SubscriberMailer::~SubscriberMailer() {
  *alive_ = false;
  parts_.timers.cancel(timer_);
}

void SubscriberMailer::start() { look(); }

void SubscriberMailer::look() {
  timer_ = parts_.timers.after_ms(options_.look_ms, [this] { look(); });
  if (!parts_.leads() || parts_.clock.mono_now() < paused_until_) return;
  for (const std::uint64_t id : parts_.book.owed()) {
    if (under_way_.size() >= options_.in_flight_max) return;
    if (!under_way_.contains(id)) send({id}, *parts_.book.find(SubscriberId{id}));
  }
}

void SubscriberMailer::send(SubscriberId id, const Subscriber& subscriber) {
  under_way_.insert(id.value);
  MailHead head;
  head.to = subscriber.address;
  head.message_id = subscriber_message_id(subscriber, id, options_.domain);
  head.language = subscriber.language == Language::ja ? "ja" : "en";
  head.date = subscriber.asked_at;
  const MailText text = subscriber_mail(subscriber, id, parts_.tokens, options_.desk_url);
  parts_.mail(std::move(head), text,
              [this, id, what = subscriber.owed, alive = alive_](const AttemptResult& result) {
                if (*alive) on_sent(id, what, result.outcome);
              });
}

void SubscriberMailer::on_sent(SubscriberId id, SubscriberMail what, Attempt outcome) {
  if (outcome == Attempt::retry || outcome == Attempt::absent) {
    delayed_.add();
    under_way_.erase(id.value);
    paused_until_ = parts_.clock.mono_now() + options_.pause_ms * ns_per_ms;
    return;
  }
  sent_.add();
  // Until the log knows, it stays under way, so that it is not sent again meanwhile.
  parts_.submit(Mailed{id, what}, [this, id, alive = alive_](std::optional<SubscriberResult>) {
    if (*alive) under_way_.erase(id.value);
  });
}

}  // namespace oki::notify
