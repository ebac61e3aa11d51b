// From a mail that was handed over to an inquiry that is kept, and the answer that the mail server
// gets: 250 when the disk has it, 4xx when the mail server should try again, 5xx when it never will
// be taken, and why.
#pragma once

#include <functional>
#include <string>

#include "base/metrics.h"
#include "watch/inquiries/inquiry_desk.h"
#include "watch/inquiries/lmtp_session.h"
#include "watch/inquiries/mail_reader.h"

namespace oki::watch::inquiries {

class MailIntake {
 public:
  // Both must outlive it.
  MailIntake(InquiryDesk& desk, Metrics& metrics, const MailLimits& limits);

  // As LmtpSession::Parts::deliver.
  void take(const Envelope& mail, std::function<void(std::string)> answer);

 private:
  InquiryDesk& desk_;
  MailLimits limits_;
  Counter& kept_;
  Counter& later_;
  Counter& refused_;
};

// One line without CRLF.
std::string reply_of(const Taken& taken);

}  // namespace oki::watch::inquiries
