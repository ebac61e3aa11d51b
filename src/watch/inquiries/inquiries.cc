#include "watch/inquiries/inquiries.h"

#include <utility>

namespace oki::watch::inquiries {

Inquiries::Inquiries(Parts parts, const InquiriesOptions& options)
    : parts_(std::move(parts)),
      options_(options),
      failures_({parts_.clock, parts_.timers, parts_.net, parts_.metrics}, options.failures),
      customers_(parts_.metrics.counter("okiagari_inquiries_total", "Customers who wrote")),
      with_failure_(
          parts_.metrics.counter("okiagari_inquiries_with_failure_total",
                                 "Customers who wrote and really had a request that failed")),
      open_(parts_.metrics.gauge("okiagari_inquiries_open", "Inquiries that wait")) {}

Inquiries::~Inquiries() { parts_.timers.cancel(timer_); }

Result<std::unique_ptr<Inquiries>> Inquiries::open(Parts parts, const InquiriesOptions& options) {
  std::unique_ptr<Inquiries> all(new Inquiries(std::move(parts), options));
  InquiryDesk::Parts desk{all->parts_.clock, all->parts_.disk, {}};
  if (!options.failures.edges.empty()) {
    desk.join = [&failures = all->failures_](const std::string& account, WallTimeMs at,
                                             InquiryDesk::Failure done) {
      failures.ask(account, at, std::move(done));
    };
  }
  auto opened = InquiryDesk::open(desk, options.desk);
  if (!opened) return tl::unexpected(opened.error());
  all->desk_ = std::move(*opened);
  all->pages_ = std::make_unique<InquiryService>(
      InquiryService::Parts{*all->desk_, all->parts_.asker, nullptr});
  MailLimits limits;
  limits.bytes_max = options.mail.session.mail_bytes_max;
  all->intake_ = std::make_unique<MailIntake>(*all->desk_, all->parts_.metrics, limits);
  all->mail_ = std::make_unique<LmtpServer>(
      LmtpServer::Parts{all->parts_.clock, all->parts_.timers, all->parts_.net, all->parts_.metrics,
                        [intake = all->intake_.get()](const Envelope& mail,
                                                      std::function<void(std::string)> answer) {
                          intake->take(mail, std::move(answer));
                        }},
      options.mail);
  return all;
}

void Inquiries::start() {
  if (!options_.failures.edges.empty()) failures_.start();
  count();
}

void Inquiries::count() {
  const Counts counts = desk_->second();
  customers_.add(counts.inquiries);
  with_failure_.add(counts.with_failure);
  open_.set(desk_->load().open_inquiries);
  parts_.on_second(counts);
  timer_ = parts_.timers.after_ms(options_.count_every_ms, [this] { count(); });
}

}  // namespace oki::watch::inquiries
