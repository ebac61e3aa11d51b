#include "watch/inquiries/mail_intake.h"

#include <utility>

namespace oki::watch::inquiries {
namespace {

// What counts as one asker: the address that is written to, whose sender's network nobody knows.
std::string asker_of(const Draft& draft) {
  return draft.contact.empty() ? "nobody" : draft.contact;
}

}  // namespace

MailIntake::MailIntake(InquiryDesk& desk, Metrics& metrics, const MailLimits& limits)
    : desk_(desk),
      limits_(limits),
      kept_(metrics.counter("okiagari_inquiry_mails_total", "Mails of customers, by their end",
                            R"(end="kept")")),
      later_(metrics.counter("okiagari_inquiry_mails_total", "Mails of customers, by their end",
                             R"(end="later")")),
      refused_(metrics.counter("okiagari_inquiry_mails_total", "Mails of customers, by their end",
                               R"(end="refused")")) {}

void MailIntake::take(const Envelope& mail, std::function<void(std::string)> answer) {
  auto draft = read_mail(mail.data, mail.sender, mail.recipients.front(), limits_);
  if (!draft) {
    refused_.add();
    return answer(reply_of({Refusal::invalid, {}, false, draft.error().message}));
  }
  std::string asker = asker_of(*draft);
  desk_.take(std::move(*draft), asker, [this, answer = std::move(answer)](const Taken& taken) {
    if (taken.refusal == Refusal::none) kept_.add();
    if (taken.refusal == Refusal::invalid) refused_.add();
    if (taken.refusal > Refusal::invalid) later_.add();
    answer(reply_of(taken));
  });
}

std::string reply_of(const Taken& taken) {
  switch (taken.refusal) {
    case Refusal::none:
      return "250 2.6.0 kept as inquiry " + std::to_string(taken.id.value);
    case Refusal::invalid:
      return "554 5.6.0 " + taken.why;
    case Refusal::network_limit:
      return "450 4.7.1 too much from this address, try again later";
    case Refusal::house_limit:
      return "451 4.3.2 too much mail, try again later";
    case Refusal::full:
      return "452 4.3.1 too many inquiries wait, try again later";
    case Refusal::disk:
      break;
  }
  return "451 4.3.0 it cannot be kept now, try again later";
}

}  // namespace oki::watch::inquiries
