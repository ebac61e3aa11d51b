// The public address of a watch: where people ask for notices by mail, confirm and leave; and the
// mails that this owes them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/process.h"
#include "net/http_server.h"
#include "notify/subscriber_mailer.h"
#include "notify/subscriber_service.h"

namespace oki::app {

struct WatchDeskOptions {
  Address listen;
  Bytes secret;        // notify::subscriber_secret_bytes, the same at every watch.
  std::string url;     // By which people reach it: "https://status.example.jp".
  std::string domain;  // Of Message-IDs; empty: that of the URL.
};

class WatchDesk {
 public:
  // All must outlive the desk. `mail` may be empty: then nobody is written to.
  struct Parts {
    const notify::SubscriberBook& book;
    notify::SubmitSubscriber submit;
    std::function<bool()> leads;
    std::function<std::vector<notify::ComponentId>()> components;
    notify::SubscriberMailer::SendMail mail;
    net::HttpHandler* next = nullptr;  // Gets what is no page for subscribers.
  };

  WatchDesk(Process& process, const WatchDeskOptions& options, const Parts& parts);

  // Listens, and begins to send.
  Result<Address> start();

  // For Announcer::start().
  notify::Announcer::Subscribers subscribers() const;

 private:
  WatchDeskOptions options_;
  const notify::SubscriberBook& book_;
  notify::SubscriberTokens tokens_;
  notify::SubscriberService service_;
  net::HttpServer server_;
  std::unique_ptr<notify::SubscriberMailer> mailer_;
};

}  // namespace oki::app
