// What a watch has for inquiries, wired: the desk that keeps them, the pages on which they are
// written, the listener on which a mail server hands them over, and the edges' records by which
// each is compared with what really failed. Once a second it says how many customers wrote and how
// many of them are right.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/disk.h"
#include "base/metrics.h"
#include "base/net.h"
#include "watch/inquiries/failure_reader.h"
#include "watch/inquiries/inquiry_desk.h"
#include "watch/inquiries/inquiry_service.h"
#include "watch/inquiries/lmtp_server.h"
#include "watch/inquiries/mail_intake.h"

namespace oki::watch::inquiries {

struct InquiriesOptions {
  DeskOptions desk;
  FailureReaderOptions failures;  // Without edges nothing is compared, and nothing is a surge.
  LmtpServerOptions mail;
  std::int64_t count_every_ms = 1'000;
};

class Inquiries {
 public:
  struct Parts {
    const Clock& clock;
    Timers& timers;
    Net& net;
    Disk& disk;
    Metrics& metrics;
    std::function<void(const Counts&)> on_second;
    std::function<std::string(const Address& peer, const net::HttpRequest& request)> asker;
  };

  // Blocking: reads what the last process left. All parts must outlive this, but the disk, which
  // must have finished.
  static Result<std::unique_ptr<Inquiries>> open(Parts parts, const InquiriesOptions& options);
  ~Inquiries();

  // Begins to read the edges' records and to count.
  void start();

  // Takes mail from there on.
  Result<Address> listen_for_mail(const Address& address) { return mail_->listen(address); }

  InquiryDesk& desk() { return *desk_; }
  net::HttpHandler& pages() { return *pages_; }

 private:
  Inquiries(Parts parts, const InquiriesOptions& options);
  void count();

  Parts parts_;
  InquiriesOptions options_;
  FailureReader failures_;
  std::unique_ptr<InquiryDesk> desk_;
  std::unique_ptr<InquiryService> pages_;
  std::unique_ptr<MailIntake> intake_;
  std::unique_ptr<LmtpServer> mail_;
  TimerId timer_;
  Counter& customers_;
  Counter& with_failure_;
  Gauge& open_;
};

}  // namespace oki::watch::inquiries
